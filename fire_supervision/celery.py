"""The Celery application. State lives in the database; the broker may be emptied at any moment."""

import os

from celery import Celery

from fire_supervision.lib import spool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fire_supervision.settings")

spool.install()
app = Celery("fire_supervision")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
