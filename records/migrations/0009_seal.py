import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0008_number_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("image", models.FileField(upload_to="seals/", verbose_name="印模")),
                ("sha256", models.CharField(max_length=64)),
                ("since", models.DateTimeField(verbose_name="启用时间")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="停用时间")),
                ("end_reason", models.CharField(blank=True, max_length=200, verbose_name="停用原因")),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="停用人",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seals",
                        to="stations.organisation",
                        verbose_name="机构",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "印章",
                "ordering": ["-since", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)), fields=("organisation",), name="seal_one_in_use"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until__isnull", True), models.Q(("end_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="seal_end_has_reason",
                    ),
                ],
            },
        ),
    ]
