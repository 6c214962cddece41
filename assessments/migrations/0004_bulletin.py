import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import assessments.models


class Migration(migrations.Migration):
    dependencies = [
        ("assessments", "0003_complaint_words"),
        ("records", "0005_token_unique"),
        ("stations", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulletin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年")),
                ("quarter", models.PositiveSmallIntegerField(verbose_name="季度")),
                ("situation", models.TextField(verbose_name="火灾形势")),
                ("demands", models.TextField(verbose_name="工作要求")),
                ("edited_at", models.DateTimeField(verbose_name="起草时间")),
                (
                    "state",
                    models.CharField(
                        choices=assessments.models.bulletin_states, default="DRAFT", max_length=6, verbose_name="状态"
                    ),
                ),
                ("void_reason", models.CharField(blank=True, max_length=200, verbose_name="撤回理由")),
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
                    "document",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.document",
                        verbose_name="文书",
                    ),
                ),
                (
                    "edited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.organisation",
                        verbose_name="警务室",
                    ),
                ),
                (
                    "signer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="签发领导",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stations.organisation",
                        verbose_name="派出所",
                    ),
                ),
            ],
            options={
                "verbose_name": "季度通报",
                "ordering": ["-year", "-quarter", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "VOID"), _negated=True),
                        fields=("bureau", "year", "quarter"),
                        name="bulletin_once_a_quarter",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quarter__gte", 1), ("quarter__lte", 4)), name="bulletin_quarter"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document__isnull", True), ("state", "DRAFT")),
                            models.Q(models.Q(("state", "DRAFT"), _negated=True), ("document__isnull", False)),
                            _connector="OR",
                        ),
                        name="bulletin_issued_has_paper",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "VOID"), models.Q(("void_reason", ""), _negated=True)),
                            models.Q(models.Q(("state", "VOID"), _negated=True), ("void_reason", "")),
                            _connector="OR",
                        ),
                        name="bulletin_void_has_reason",
                    ),
                ],
            },
        ),
    ]
