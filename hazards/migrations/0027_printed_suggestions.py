"""Every report that has its paper printed ☑组织整治, whoever made it: that stays what it says."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PRINTED = ["ORGANISE"]


def tell(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    reports = apps.get_model("hazards", "Report").objects.using(editor.connection.alias)
    reports.filter(document__isnull=False).update(suggestions=PRINTED)


class Migration(migrations.Migration):
    dependencies = [("hazards", "0026_report_suggestions")]

    # Backwards the column goes with 0026.
    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
