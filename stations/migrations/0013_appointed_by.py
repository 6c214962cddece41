"""An administrator's post holds when another than who gave it has confirmed it; those of today hold."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0012_unread_in_reach")]

    operations = [
        migrations.AddField(
            "user",
            "appointed_by",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.PROTECT,
                blank=True,
                null=True,
                related_name="+",
                verbose_name="办理人，待确认",
            ),
        )
    ]
