"""Pages of the inspection room."""
