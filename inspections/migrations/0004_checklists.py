"""The rows of the official form for units, property companies and committees."""

from django.db import migrations

from inspections.seeds import checklists


def load(apps, schema_editor):
    checklist = apps.get_model("inspections", "Checklist")
    item = apps.get_model("inspections", "ChecklistItem")
    types = {row.code: row for row in apps.get_model("inspections", "HazardType").objects.all()}
    for entry in checklists():
        items = entry.pop("items")
        parent = checklist.objects.create(**entry)
        for row in items:
            codes = row.pop("codes")
            item.objects.create(checklist=parent, **row).hazard_types.set(types[code] for code in codes)


def unload(apps, schema_editor):
    apps.get_model("inspections", "ChecklistItem").objects.all().delete()
    apps.get_model("inspections", "Checklist").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("inspections", "0003_catalogue")]
    operations = [migrations.RunPython(load, unload)]
