"""电子送达 names the 确认书 it rests on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0022_reinspection_company")]

    operations = [
        migrations.AddField(
            model_name="service",
            name="consent_no",
            field=models.CharField(blank=True, default="", max_length=80, verbose_name="确认书编号"),
        ),
    ]
