import uuid

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import units.models.pledge
import units.models.unit


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_token_unique"),
        ("stations", "0001_initial"),
        ("units", "0003_handover"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PledgeTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=units.models.unit.kinds, max_length=10, verbose_name="单位类型")),
                ("version", models.PositiveSmallIntegerField(verbose_name="版本")),
                (
                    "items",
                    models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="责任条款"),
                ),
                ("liability", models.TextField(verbose_name="法律责任")),
                ("confirmed_on", models.DateField(blank=True, null=True, verbose_name="核定日期")),
            ],
            options={
                "verbose_name": "责任书条款",
                "ordering": ["kind", "-version"],
                "constraints": [models.UniqueConstraint(fields=("kind", "version"), name="pledge_terms_version_once")],
            },
        ),
        migrations.CreateModel(
            name="Pledge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("party_a", models.CharField(max_length=120, verbose_name="甲方")),
                ("person_a", models.CharField(blank=True, max_length=60, verbose_name="甲方签名人")),
                ("signer_b", models.CharField(max_length=60, verbose_name="乙方签名人")),
                ("post_b", models.CharField(blank=True, max_length=40, verbose_name="职务")),
                ("since", models.DateField(verbose_name="责任期限起")),
                ("until", models.DateField(verbose_name="责任期限止")),
                ("signed_on", models.DateField(verbose_name="签订日期")),
                (
                    "state",
                    models.CharField(
                        choices=units.models.pledge.pledge_states, default="ACTIVE", max_length=6, verbose_name="状态"
                    ),
                ),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                ("void_reason", models.CharField(blank=True, max_length=200, verbose_name="作废理由")),
                ("form_key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
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
                    "follows",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="units.pledge",
                        verbose_name="接续",
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
                    "signed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办民警",
                    ),
                ),
                (
                    "signer_a",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="甲方签名民警",
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
                        related_name="pledges",
                        to="units.unit",
                        verbose_name="单位",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.pledgeterms",
                        verbose_name="条款",
                    ),
                ),
            ],
            options={
                "verbose_name": "消防安全责任书",
                "ordering": ["-signed_on", "-id"],
                "indexes": [
                    models.Index(fields=["unit", "-signed_on", "-id"], name="pledge_unit"),
                    models.Index(fields=["station", "state", "until"], name="pledge_station"),
                    models.Index(fields=["state", "until"], name="pledge_over"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ACTIVE")), fields=("unit",), name="pledge_one_active_a_unit"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="pledge_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person_a", ""), ("signer_a__isnull", False)),
                            models.Q(("signer_a__isnull", True), models.Q(("person_a", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="pledge_one_signs_for_a",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", True), ("state", "ACTIVE")),
                            models.Q(("ended_on__isnull", False), ("state", "ENDED")),
                            ("state", "VOID"),
                            _connector="OR",
                        ),
                        name="pledge_ended_has_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "VOID"), models.Q(("void_reason", ""), _negated=True)),
                            models.Q(models.Q(("state", "VOID"), _negated=True), ("void_reason", "")),
                            _connector="OR",
                        ),
                        name="pledge_void_has_reason",
                    ),
                ],
            },
        ),
    ]
