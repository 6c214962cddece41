from datetime import datetime, time

from django.db import migrations
from django.utils.timezone import localdate, make_aware


def copy(apps, schema_editor):
    """What was told above was told to the chief in the same sweep: both steps of the ladder."""
    notice = apps.get_model("deadlines", "Notice")
    told = apps.get_model("hazards", "Escalation").objects.values_list("clock", "escalated_on")
    rows = [(clock, make_aware(datetime.combine(day, time.min))) for clock, day in told.iterator()]
    notices = [notice(clock_id=clock, step=step, sent_at=at) for clock, at in rows for step in ("OVERDUE", "ABOVE")]
    notice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)


def copy_back(apps, schema_editor):
    escalation = apps.get_model("hazards", "Escalation")
    told = apps.get_model("deadlines", "Notice").objects.filter(step="ABOVE").values_list("clock", "sent_at")
    rows = [escalation(clock_id=clock, escalated_on=localdate(at)) for clock, at in told.iterator()]
    escalation.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("hazards", "0008_referral_indexes"), ("deadlines", "0005_rule_details")]

    operations = [migrations.RunPython(copy, copy_back)]
