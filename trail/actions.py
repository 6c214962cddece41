"""What is done to the trail: it is sealed, stated and looked through. Nothing else ever happens to it."""

from datetime import datetime

from trail.handing_out import write_daily_file
from trail.models import Checkpoint
from trail.runs import ask, do, do_pending
from trail.sealing import checkpoint_due, make_checkpoint, seal_pending

__all__ = ["ask", "do", "do_pending", "make_checkpoint", "seal", "seal_pending"]


def seal(now: datetime) -> tuple[int, Checkpoint | None]:
    """Seal what is there, with a checkpoint and its daily file where an hour has passed since the last one."""
    count = seal_pending()
    made = make_checkpoint(now) if checkpoint_due(now) else None
    if made is not None:
        write_daily_file(made)
    return count, made
