"""Papers: numbers, frozen documents, the files printed from them, scans of ink."""

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
from records.models.kind import FORMS, Copy, Form, Kind, kinds
from records.models.number_pattern import NumberPattern, default_pattern

__all__ = [
    "FORMS",
    "MAX_ATTEMPTS",
    "REVIEW_NEXT",
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
    "State",
    "default_pattern",
    "kinds",
    "new_token",
    "review_states",
]
