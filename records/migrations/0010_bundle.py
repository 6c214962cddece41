import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import records.models.bundle


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0009_seal"),
        ("stations", "0002_delete_bureausetting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=records.models.bundle.bundle_kinds, max_length=10, verbose_name="种类"),
                ),
                ("subject_id", models.BigIntegerField()),
                ("key", models.CharField(max_length=60)),
                ("since", models.DateField(blank=True, null=True, verbose_name="起")),
                ("until", models.DateField(blank=True, null=True, verbose_name="止")),
                ("title", models.CharField(max_length=200, verbose_name="题名")),
                (
                    "state",
                    models.CharField(
                        choices=records.models.bundle.bundle_states,
                        default="QUEUED",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("done", models.PositiveIntegerField(default=0, verbose_name="已装订")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="共几件")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("file", models.FileField(blank=True, upload_to="bundles/")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("pages", models.PositiveIntegerField(default=0, verbose_name="页数")),
                ("left_out", models.PositiveIntegerField(default=0, verbose_name="未装入")),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("requested_at", models.DateTimeField(verbose_name="申请时间")),
                ("touched_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(blank=True, null=True, verbose_name="做成时间")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="保留至")),
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
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
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
                "verbose_name": "案卷与打包",
                "ordering": ["-requested_at", "-id"],
                "indexes": [
                    models.Index(fields=["requested_by", "-requested_at", "-id"], name="bundle_own"),
                    models.Index(fields=["state", "touched_at"], name="bundle_work"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["QUEUED", "RUNNING"])),
                        fields=("requested_by", "key"),
                        name="bundle_one_in_work",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "READY"), _negated=True),
                            models.Q(
                                models.Q(("file", ""), _negated=True),
                                models.Q(("sha256", ""), _negated=True),
                                ("ready_at__isnull", False),
                                ("expires_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="bundle_ready_has_file",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "FAILED"), _negated=True),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="bundle_failed_says_why",
                    ),
                ],
            },
        ),
    ]
