"""Who is given one of the three administrators' posts is told to the others."""

from django.db import migrations, models

KINDS = [
    ("SIGN_IN", "登录失败过多"),
    ("LOCK", "多次锁定账号"),
    ("REFUSAL", "连续访问被拒绝"),
    ("EXPORT", "大量导出"),
    ("VERIFICATION", "审计记录核验未通过"),
    ("STANDSTILL", "审计记录停止封存"),
    ("PAPER", "文书登记被改动"),
    ("POST", "三员账号变动"),
]


class Migration(migrations.Migration):
    dependencies = [("trail", "0006_paper_alarm")]

    operations = [
        migrations.RemoveConstraint(model_name="alarm", name="alarm_kind_known"),
        migrations.AlterField("alarm", "kind", models.CharField(choices=KINDS, max_length=12, verbose_name="事项")),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _ in KINDS]), name="alarm_kind_known"
            ),
        ),
    ]
