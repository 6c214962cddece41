"""A message carries the place of the row it tells of, and what one must be able to see to be told of such a row."""

import django.db.models.deletion
from django.db import migrations, models


def _place(words):
    return models.ForeignKey(
        blank=True,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="stations.organisation",
        verbose_name=words,
    )


class Migration(migrations.Migration):
    dependencies = [("stations", "0010_known_device_used_at")]

    operations = [
        migrations.AddField("message", "bureau", _place("公安机关")),
        migrations.AddField("message", "station", _place("派出所")),
        migrations.AddField("message", "office", _place("警务室")),
        migrations.AddField(
            "message",
            "needs",
            models.CharField("须有权限", max_length=30, blank=True, default=""),
            preserve_default=False,
        ),
    ]
