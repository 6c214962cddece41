"""Papers: numbers, frozen documents, the files printed from them, scans of ink."""

from records.models.bundle import BUNDLE_NEXT, IN_WORK, Bundle, BundleKind, BundleQuerySet, BundleState
from records.models.document import (
    MAX_ATTEMPTS,
    REVIEW_NEXT,
    Document,
    DocumentCounter,
    DocumentQuerySet,
    ReviewState,
    State,
    new_token,
    review_states,
)
from records.models.files import DocumentFile, Scan
from records.models.kind import FORMS, OF_COMPLAINTS, Copy, Form, Kind, copies, kinds, kinds_of_station
from records.models.number_pattern import UNSETTLED, NumberPattern, default_pattern
from records.models.seal import Seal

__all__ = [
    "BUNDLE_NEXT",
    "FORMS",
    "IN_WORK",
    "MAX_ATTEMPTS",
    "OF_COMPLAINTS",
    "REVIEW_NEXT",
    "UNSETTLED",
    "Bundle",
    "BundleKind",
    "BundleQuerySet",
    "BundleState",
    "Copy",
    "Document",
    "DocumentCounter",
    "DocumentFile",
    "DocumentQuerySet",
    "Form",
    "Kind",
    "NumberPattern",
    "ReviewState",
    "Scan",
    "Seal",
    "State",
    "copies",
    "default_pattern",
    "kinds",
    "kinds_of_station",
    "new_token",
    "review_states",
]
