"""The pages of this room; those named here hang at the project's own addresses, because others lead to them."""

from records.views.numbers import patterns
from records.views.verify import verify

__all__ = ["patterns", "verify"]
