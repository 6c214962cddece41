"""Beat on a machine whose clock may be set back."""

from typing import Any

from celery.beat import PersistentScheduler


class Scheduler(PersistentScheduler):
    """Celery's own waits, after the clock was set back an hour, until the old hour comes again."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; what was sent at a time that has not come counts as sent now."""
        entries = self.schedule.values()
        ahead = [entry for entry in entries if entry.last_run_at and entry.last_run_at > entry.default_now()]
        if ahead:
            for entry in ahead:
                entry.last_run_at = entry.default_now()
            self._heap = None
        return super().tick(*args, **kwargs)
