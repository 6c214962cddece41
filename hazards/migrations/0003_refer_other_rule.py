"""The law sets no limit for handing over what lies outside a station's list; without one the duty would be lost."""

from datetime import date

from django.db import migrations

CODE, SINCE = "REFER_OTHER", date(2012, 11, 1)


def write(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.get_or_create(
        code=CODE,
        since=SINCE,
        defaults={
            "name": "不在责令范围的隐患移送主管部门",
            "amount": 5,
            "unit": "WORKING_DAYS",
            "basis": "本系统默认（比照消防监督检查规定第33条第2款）",
            "text": "不在派出所责令改正范围内的隐患，选择移送主管部门的，书面移送。法律没有规定这一移送的期限，按本地规定核定。",
            "binding": "LOCAL",
            "confirmed": False,
        },
    )


def remove(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.filter(code=CODE).delete()


class Migration(migrations.Migration):
    dependencies = [("hazards", "0002_escalation_reissue_after_photo"), ("deadlines", "0003_rules")]
    operations = [migrations.RunPython(write, remove)]
