"""What starts each rule, who has to act and when is reminded; the two rules the registers of this version need."""

from datetime import date

from django.db import migrations
from django.utils import timezone

SINCE = date(2012, 11, 1)
PROCEDURE = date(2019, 4, 27)

# code: what it is counted from, who acts, how long before the end is reminded, how long after it those above are told
# (working days, in a rule in hours hours). The reminders are no law: a bureau sets its own.
DETAILS = {
    "INSPECT_MIN": ("每年1月1日", "STATION", 30, 5),
    "ORDER_NOW_SERVE": ("检查之日", "STATION", 0, 1),
    "ORDER_LIMIT_SERVE": ("检查之日", "STATION", 1, 3),
    "RECHECK": ("改正期限届满之日或者收到复查申请之日", "STATION", 1, 3),
    "REFER_5WD": ("检查之日", "STATION", 1, 3),
    "REPORT_GOV": ("责令改正之日", "STATION", 0, 1),
    "COMPLAINT_EXIT": ("接到举报投诉之时", "STATION", 4, 12),
    "COMPLAINT_OTHER": ("接到举报投诉之日", "STATION", 1, 3),
    "COMPLAINT_TRANSFER": ("接到举报投诉之时", "STATION", 4, 12),
    "COMPLAINT_NOTJURIS": ("接到举报投诉之日", "STATION", 0, 1),
    "SEAL_MAX": ("临时查封之日", "BRIGADE", 3, 1),
    "MAJOR_7WD": ("发现之日", "BRIGADE", 2, 3),
    "MAJOR_10WD": ("提出意见期限届满之日", "BRIGADE", 2, 3),
    "MAJOR_3WD": ("确定之日", "BRIGADE", 1, 3),
    "COMPLAINT_FEEDBACK": ("接到举报投诉之日", "STATION", 3, 3),
    "FILING_REVIEW": ("文书签发之日", "BRIGADE", 1, 3),
    "FILING_FIX": ("退回补正之日", "STATION", 1, 3),
    "REFER_FAILED": ("复查之日", "STATION", 1, 3),
    "REFER_OTHER": ("检查之日", "STATION", 1, 3),
}
NEW = (
    {
        "code": "MONTHLY_REPORT",
        "name": "报送月度消防监督工作情况",
        "trigger": "当月",
        "amount": 5,
        "unit": "DAY_OF_MONTH",
        "basis": "本系统默认（广东省规定每月5日前报上月检查情况）",
        "text": "每月报送上月消防监督检查情况。全国没有统一规定，按本地规定核定。",
        "binding": "LOCAL",
        "region": "广东",
        "remind_before": 2,
        "escalate_after": 1,
        "confirmed": False,
        "since": SINCE,
    },
    {
        "code": "SERVE_NOTICE",
        "name": "公告送达期满",
        "trigger": "公告之日",
        "amount": 60,
        "unit": "CALENDAR_DAYS",
        "basis": "公安机关办理行政案件程序规定第36条",
        "text": "其他方式无法送达的，可以公告送达。公告期限不得少于六十日。",
        "binding": "STATION",
        "remind_before": 0,
        "escalate_after": 3,
        "confirmed": True,
        "since": PROCEDURE,
    },
)


def write(apps, schema_editor):
    rule, clock = apps.get_model("deadlines", "DeadlineRule"), apps.get_model("deadlines", "Clock")
    for code, (trigger, doer, before, after) in DETAILS.items():
        rule.objects.filter(code=code).update(trigger=trigger, doer=doer, remind_before=before, escalate_after=after)
        clock.objects.filter(rule_code=code).update(doer=doer)
    rule.objects.filter(code="COMPLAINT_FEEDBACK").update(region="河南")
    rule.objects.bulk_create([rule(**row) for row in NEW])
    # The first sweep looks at every running duty once and finds its place on the ladder.
    clock.objects.filter(state="RUNNING", next_at__isnull=True).update(next_at=timezone.now())


def remove(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.filter(code__in=[row["code"] for row in NEW]).delete()


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0004_versions_and_notices"), ("stations", "0001_initial")]

    operations = [migrations.RunPython(write, remove)]
