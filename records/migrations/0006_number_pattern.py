import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.models.kind


class Migration(migrations.Migration):
    dependencies = [("records", "0005_token_unique"), ("stations", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="NumberPattern",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(blank=True, choices=records.models.kind.kinds, max_length=20, verbose_name="种类"),
                ),
                ("pattern", models.CharField(max_length=80, verbose_name="文书号格式")),
                ("confirmed_on", models.DateField(blank=True, null=True, verbose_name="核定日期")),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="修改时间")),
                (
                    "bureau",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.organisation",
                        verbose_name="公安机关",
                    ),
                ),
                (
                    "changed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="修改人",
                    ),
                ),
            ],
            options={
                "verbose_name": "文书号格式",
                "constraints": [models.UniqueConstraint(fields=("bureau", "kind"), name="pattern_once")],
            },
        ),
        migrations.AddField(
            "documentcounter", "skipped", models.PositiveIntegerField(default=0, verbose_name="此前使用")
        ),
    ]
