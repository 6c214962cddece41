"""The first version of the terms of each kind of unit, not confirmed by anybody."""

from django.db import migrations

from units.seeds import PLEDGE_TERMS


def load(apps, schema_editor):
    terms = apps.get_model("units", "PledgeTerms")
    terms.objects.bulk_create(
        terms(
            kind=kind, version=1, items=[{"title": title, "text": text} for title, text in items], liability=liability
        )
        for kind, (items, liability) in PLEDGE_TERMS.items()
    )


def unload(apps, schema_editor):
    apps.get_model("units", "PledgeTerms").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("units", "0004_pledge")]
    operations = [migrations.RunPython(load, unload)]
