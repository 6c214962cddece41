"""The pages of this room; those named here hang at the project's own addresses, because lower rooms lead to them."""

from hazards.views.conclude import conclude
from hazards.views.details import case_of_paper
from hazards.views.reissue import reissue

__all__ = ["case_of_paper", "conclude", "reissue"]
