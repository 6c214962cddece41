"""公告期限不得少于六十日 (程序规定第36条): the one shipped period a bureau may lengthen and not shorten."""

from django.db import migrations


def mark(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.filter(code="SERVE_NOTICE").update(at_least=True)


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0006_rule_reasons")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
