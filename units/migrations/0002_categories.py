"""The nine kinds of small premises and how ledgers spell them."""

from django.db import migrations

from fire_supervision.lib.text import squeezed
from units.seeds import CATEGORIES, SPELLINGS


def load(apps, schema_editor):
    category_model = apps.get_model("units", "Category")
    alias_model = apps.get_model("units", "CategoryAlias")
    for order, (code, name, dense) in enumerate(CATEGORIES, start=1):
        category = category_model.objects.create(code=code, name=name, dense=dense, order=order)
        spellings = dict.fromkeys(squeezed(spelling) for spelling in (name, *SPELLINGS[code]))
        alias_model.objects.bulk_create(alias_model(alias=alias, category=category) for alias in spellings)


def unload(apps, schema_editor):
    apps.get_model("units", "CategoryAlias").objects.all().delete()
    apps.get_model("units", "Category").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("units", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
