from django.db import migrations


class Migration(migrations.Migration):
    """How numbers read is a matter of papers: `records` has copied what was set."""

    dependencies = [("stations", "0001_initial")]

    operations = [migrations.DeleteModel("BureauSetting")]
