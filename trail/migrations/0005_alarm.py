"""What the trail gave reason to tell a person."""

from django.db import migrations, models

KINDS = [
    ("SIGN_IN", "登录失败过多"),
    ("LOCK", "多次锁定账号"),
    ("REFUSAL", "连续访问被拒绝"),
    ("EXPORT", "大量导出"),
    ("VERIFICATION", "审计记录核验未通过"),
    ("STANDSTILL", "审计记录停止封存"),
]


class Migration(migrations.Migration):
    dependencies = [("trail", "0004_slices")]

    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, max_length=12, verbose_name="事项")),
                ("about", models.CharField(max_length=80)),
                ("bureau_id", models.BigIntegerField(null=True)),
                ("words", models.CharField(max_length=300, verbose_name="内容")),
                ("query", models.CharField(blank=True, max_length=200)),
                ("raised_at", models.DateTimeField(verbose_name="时间")),
                ("mailed_at", models.DateTimeField(null=True, verbose_name="邮件")),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="处置时间")),
                ("acknowledged_by_id", models.BigIntegerField(null=True, verbose_name="处置人编号")),
                ("acknowledged_by_name", models.CharField(blank=True, max_length=60, verbose_name="处置人")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="处置情况")),
            ],
            options={
                "verbose_name": "安全告警",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(acknowledged_at=None), fields=["kind", "about"], name="alarm_open_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(kind__in=[kind for kind, _ in KINDS]), name="alarm_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(acknowledged_at=None) | ~models.Q(note=""), name="alarm_answered_with_words"
                    ),
                ],
            },
        ),
    ]
