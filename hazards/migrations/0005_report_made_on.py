"""The reports of the first version were made on the day they were sent; REFER_OTHER says what it is counted from."""

from django.db import migrations
from django.db.models import F


def write(apps, schema_editor):
    apps.get_model("hazards", "Report").objects.filter(made_on__isnull=True).update(made_on=F("sent_on"))
    # A new installation enters this rule after the details of the others were written.
    apps.get_model("deadlines", "DeadlineRule").objects.filter(code="REFER_OTHER").update(trigger="检查之日")


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0004_service_extension_referral"),
        ("deadlines", "0005_rule_details"),
    ]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
