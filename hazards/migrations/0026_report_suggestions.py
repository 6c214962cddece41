"""火灾隐患报告: what the station suggests is chosen and kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0025_electronic_names_consent")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="suggestions",
            field=models.JSONField(default=list, verbose_name="建议措施"),
        ),
    ]
