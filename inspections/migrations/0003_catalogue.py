"""The catalogue of hazards. Nothing in it is confirmed until a bureau or brigade has looked at it."""

from django.db import migrations

from inspections.seeds import hazards


def load(apps, schema_editor):
    hazard_type = apps.get_model("inspections", "HazardType")
    hazard_type.objects.bulk_create(hazard_type(**row) for row in hazards())


def unload(apps, schema_editor):
    apps.get_model("inspections", "HazardType").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("inspections", "0002_ink_and_categories")]
    operations = [migrations.RunPython(load, unload)]
