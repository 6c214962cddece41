import os

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fire_supervision.settings")
application = get_wsgi_application()

# A server runs no checks of its own: without this an empty calendar would show as a wrong date, not as an error.
problems = [message for message in run_checks(databases=["default"]) if message.is_serious()]
if problems:
    raise ImproperlyConfigured("\n".join(str(message) for message in problems))
