"""REISSUE_LATE: what was served after its period had ended binds nobody, and the chief has to issue it anew."""

from datetime import date

from django.db import migrations

RULE = {
    "code": "REISSUE_LATE",
    "name": "作废重出",
    "trigger": "送达生效之日",
    "amount": 3,
    "unit": "WORKING_DAYS",
    "basis": "本系统默认（没有全国规定）",
    "text": "通知书送达时改正期限已经届满的，不能认定逾期未改正，由所长作废，重新确定改正期限后重出。"
    "法律没有规定作废重出的期限，按本地规定核定。",
    "binding": "LOCAL",
    "doer": "STATION",
    "remind_before": 1,
    "escalate_after": 3,
    "confirmed": False,
    "since": date(2012, 11, 1),
}


def write(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.create(**RULE)


def remove(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.filter(code=RULE["code"]).delete()


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0007_notice_is_a_minimum")]

    operations = [migrations.RunPython(write, remove)]
