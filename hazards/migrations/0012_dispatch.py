import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import hazards.models.dispatch
import records.models.document


class Migration(migrations.Migration):
    dependencies = [
        ("hazards", "0011_service_ways"),
        ("stations", "0001_initial"),
        ("units", "0003_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(default=records.models.document.new_token, max_length=22, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=hazards.models.dispatch.dispatch_states,
                        default="SENT",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("consented_by", models.CharField(max_length=60, verbose_name="同意人")),
                ("consented_on", models.DateField(verbose_name="同意日期")),
                ("consent", models.JSONField(blank=True, null=True, verbose_name="确认书签名")),
                ("consent_paper", models.CharField(blank=True, max_length=80, verbose_name="纸质确认书")),
                ("channel", models.CharField(max_length=40, verbose_name="送达方式")),
                ("account", models.CharField(max_length=80, verbose_name="接收号码")),
                ("sent_at", models.DateTimeField(verbose_name="发送时间")),
                ("recorder_no", models.CharField(blank=True, max_length=80, verbose_name="执法记录仪文件号")),
                ("wrong_tries", models.PositiveSmallIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="打开时间")),
                ("opened_from", models.CharField(blank=True, max_length=200, verbose_name="打开的设备")),
                ("openings", models.PositiveIntegerField(default=0, verbose_name="打开次数")),
                ("acknowledged_at", models.DateTimeField(blank=True, null=True, verbose_name="确认时间")),
                ("acknowledged_by", models.CharField(blank=True, max_length=60, verbose_name="确认人")),
                ("strokes", models.JSONField(blank=True, null=True, verbose_name="确认人签名")),
                ("closed_why", models.CharField(blank=True, max_length=120, verbose_name="停用原因")),
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dispatches",
                        to="hazards.order",
                        verbose_name="责令",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="第二送达人",
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="送达人",
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
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "电子送达",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["SENT", "OPENED"])),
                        fields=("order",),
                        name="dispatch_one_running",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("consent__isnull", False), models.Q(("consent_paper", ""), _negated=True), _connector="OR"
                        ),
                        name="dispatch_has_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ACKNOWLEDGED"), _negated=True),
                            models.Q(
                                ("opened_at__isnull", False),
                                ("acknowledged_at__isnull", False),
                                models.Q(("acknowledged_by", ""), _negated=True),
                                ("strokes__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="dispatch_acknowledged_is_signed",
                    ),
                ],
            },
        ),
    ]
