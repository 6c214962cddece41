"""What was found, until it is gone or handed over: hazard, order, service, re-inspection, referral, report."""

from hazards.models.dispatch import DISPATCH_NEXT, Dispatch, DispatchState
from hazards.models.lifecycle import (
    HAZARD_NEXT,
    ORDER_NEXT,
    Disposition,
    HazardState,
    OrderState,
    dispositions,
    hazard_states,
)
from hazards.models.order import Hazard, HazardQuerySet, Order, Withdrawal
from hazards.models.referral import (
    DECISIONS,
    REFERRAL_NEXT,
    SUGGESTED,
    Referral,
    ReferralResult,
    ReferralState,
    Reissue,
    Report,
    Suggestion,
    Target,
)
from hazards.models.reinspection import AfterPhoto, Outcome, Reinspection
from hazards.models.service import EXTENSION_NEXT, Extension, ExtensionState, Method, Service

__all__ = [
    "DECISIONS",
    "DISPATCH_NEXT",
    "EXTENSION_NEXT",
    "HAZARD_NEXT",
    "ORDER_NEXT",
    "REFERRAL_NEXT",
    "SUGGESTED",
    "AfterPhoto",
    "Dispatch",
    "DispatchState",
    "Disposition",
    "Extension",
    "ExtensionState",
    "Hazard",
    "HazardQuerySet",
    "HazardState",
    "Method",
    "Order",
    "OrderState",
    "Outcome",
    "Referral",
    "ReferralResult",
    "ReferralState",
    "Reinspection",
    "Reissue",
    "Report",
    "Service",
    "Suggestion",
    "Target",
    "Withdrawal",
    "dispositions",
    "hazard_states",
]
