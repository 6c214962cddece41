"""A verification or export is done in slices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_append_only")]

    operations = [
        migrations.AddField("run", "taken_at", models.DateTimeField(null=True, verbose_name="接手")),
        migrations.AddField("run", "tries", models.PositiveSmallIntegerField(default=0, verbose_name="接手次数")),
        migrations.AddField("run", "position", models.JSONField(default=None, null=True, verbose_name="位置")),
        migrations.AddField("run", "total", models.BigIntegerField(default=0, verbose_name="共")),
    ]
