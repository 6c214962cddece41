from django.db import migrations
from django.db.models import Count


def copy_patterns(apps, schema_editor):
    for row in apps.get_model("stations", "BureauSetting").objects.all():
        apps.get_model("records", "NumberPattern").objects.create(
            bureau_id=row.bureau_id, kind="", pattern=row.number_pattern, confirmed_on=row.confirmed_on
        )


def copy_back(apps, schema_editor):
    BureauSetting = apps.get_model("stations", "BureauSetting")
    for row in apps.get_model("records", "NumberPattern").objects.filter(kind=""):
        BureauSetting.objects.update_or_create(
            bureau_id=row.bureau_id, defaults={"number_pattern": row.pattern, "confirmed_on": row.confirmed_on}
        )


def count_skipped(apps, schema_editor):
    """Numbers without a paper until today: given before a series went on here, or by a register without papers."""
    Counter = apps.get_model("records", "DocumentCounter")
    series = apps.get_model("records", "Document").objects.order_by().values_list("station_id", "kind", "year")
    kept = {tuple(key): count for *key, count in series.annotate(Count("id"))}
    for row in Counter.objects.filter(last__gt=0):
        row.skipped = row.last - kept.get((row.station_id, row.kind, row.year), 0)
        row.save(update_fields=["skipped"])


class Migration(migrations.Migration):
    dependencies = [("records", "0006_number_pattern"), ("stations", "0001_initial")]
    run_before = [("stations", "0002_delete_bureausetting")]

    operations = [
        migrations.RunPython(copy_patterns, copy_back),
        migrations.RunPython(count_skipped, migrations.RunPython.noop),
    ]
