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
    "ReviewState",
    "Scan",
    "State",
    "kinds",
    "new_token",
    "review_states",
]
