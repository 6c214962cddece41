"""The pages of this room; `conclude` hangs at the project's own address, because lower rooms lead to it."""

from hazards.views.conclude import conclude

__all__ = ["conclude"]
