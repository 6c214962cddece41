"""What the indicator of the complaints counts, said in words, now that there is a register to count."""

from django.db import migrations

BEFORE = "按时核查并告知的举报 ÷ 受理的举报"
AFTER = "在期限内核查、移送、告知的 ÷ 本季到期的举报核查、移送、告知"


def reword(apps, before, after):
    indicator, score = apps.get_model("assessments", "Indicator"), apps.get_model("assessments", "Score")
    # A published quarter keeps the words it was published with.
    published = score.objects.values("indicator")
    default = indicator.objects.filter(scheme__bureau=None, code="COMPLAINT", formula=before)
    default.exclude(pk__in=published).update(formula=after)


def forwards(apps, schema_editor):
    reword(apps, BEFORE, AFTER)


def backwards(apps, schema_editor):
    reword(apps, AFTER, BEFORE)


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_default_scheme")]
    operations = [migrations.RunPython(forwards, backwards)]
