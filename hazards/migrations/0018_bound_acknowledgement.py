"""Who signed at a link, as what, and of what content; a signature given before keeps an empty hash."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hazards", "0017_consent_paper")]

    operations = [
        migrations.AddField(
            model_name="dispatch",
            name="relation",
            field=models.CharField(blank=True, max_length=40, verbose_name="与受送达人关系"),
        ),
        migrations.AddField(
            model_name="dispatch",
            name="context_sha256",
            field=models.CharField(blank=True, max_length=64, verbose_name="所签内容"),
        ),
        migrations.AddField(
            model_name="dispatch",
            name="latitude",
            field=models.CharField(blank=True, max_length=12, verbose_name="纬度"),
        ),
        migrations.AddField(
            model_name="dispatch",
            name="longitude",
            field=models.CharField(blank=True, max_length=12, verbose_name="经度"),
        ),
    ]
