"""What gunicorn is told wherever it serves the product, in the demo and in the image: `--config` with this file."""

from gunicorn.http import wsgi

# Which program answers, nobody needs to know; there is no setting for it, and no answer without the line.
wsgi.SERVER = "web"
# Nobody steers it through a socket in the home of whoever started it.
control_socket_disable = True
