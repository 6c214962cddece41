import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import fire_supervision.lib.encrypted
import stations.entrances


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0007_knocks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Telephone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                (
                    "throttling_failure_timestamp",
                    models.DateTimeField(
                        blank=True,
                        default=None,
                        help_text="A timestamp of the last failed verification attempt. Null if last attempt succeeded.",
                        null=True,
                    ),
                ),
                (
                    "throttling_failure_count",
                    models.PositiveIntegerField(default=0, help_text="Number of successive failed attempts."),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        help_text="The date and time when this device was initially created in the system.",
                        null=True,
                    ),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(
                        blank=True, help_text="The most recent date and time this device was used.", null=True
                    ),
                ),
                (
                    "key",
                    fire_supervision.lib.encrypted.EncryptedTextField(
                        default=stations.entrances.new_secret, max_length=80, verbose_name="密钥"
                    ),
                ),
                ("drift", models.SmallIntegerField(default=0, verbose_name="时钟偏差")),
                ("last_t", models.BigIntegerField(default=-1, verbose_name="用过的时间步")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "动态码手机",
                "abstract": False,
            },
        ),
    ]
