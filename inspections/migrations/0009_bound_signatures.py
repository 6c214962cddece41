import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A signature given before keeps an empty hash: nobody knows today what stood on the screen."""

    dependencies = [("inspections", "0008_witness"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            model_name="signature",
            name="context_sha256",
            field=models.CharField(blank=True, default="", max_length=64, verbose_name="所签内容"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signature",
            name="place",
            field=models.CharField(blank=True, default="", max_length=120, verbose_name="签名地点"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signature",
            name="latitude",
            field=models.CharField(blank=True, default="", max_length=12, verbose_name="纬度"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signature",
            name="longitude",
            field=models.CharField(blank=True, default="", max_length=12, verbose_name="经度"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signature",
            name="held_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="持机人",
            ),
        ),
    ]
