"""What gunicorn is told wherever it serves the product, in the demo and in the image: `--config` with this file."""

from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import wsgi

from fire_supervision.logs import ACCESS_LINE
from fire_supervision.settings import LOGGING

# Which program answers, nobody needs to know; there is no setting for it, and no answer without the line.
wsgi.SERVER = "web"  # type: ignore[attr-defined] # the stubs do not know it
# Nobody steers it through a socket in the home of whoever started it.
control_socket_disable = True
access_log_format = ACCESS_LINE


class Lines(Logger):
    """gunicorn's own lines in the form of all others (LOG_FORMAT)."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(LOGGING["formatters"]["line"]["()"]())


logger_class = Lines
