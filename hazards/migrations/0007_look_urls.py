from django.db import migrations
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

# The page of each kind of subject, for whoever watches over a duty and cannot do it.
PAGES = {
    "hazards.order": "/hazards/orders/",
    "inspections.inspection": "/inspections/",
    "records.document": "/papers/",
}


def fill(apps, schema_editor):
    clocks = apps.get_model("deadlines", "Clock").objects.filter(look_url="")
    for subject_type, page in PAGES.items():
        address = Concat(Value(page), Cast(F("subject_id"), CharField()), Value("/"))
        clocks.filter(subject_type=subject_type).update(look_url=address)


def clear(apps, schema_editor):
    apps.get_model("deadlines", "Clock").objects.filter(subject_type__in=PAGES).update(look_url="")


class Migration(migrations.Migration):
    dependencies = [("hazards", "0006_report_made_on_required"), ("deadlines", "0005_rule_details")]

    operations = [migrations.RunPython(fill, clear)]
