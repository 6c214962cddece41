"""The deadlines the law sets, and our own defaults marked 待核定. Only what was read in a reliable copy is confirmed."""

from datetime import date

from django.db import migrations

REGULATION = date(2012, 11, 1)  # 公安部令第120号施行
PROCEDURE = date(2019, 4, 27)  # the text of 程序规定 the rules were read from

# code, name, amount, unit, basis, text, binding, confirmed, since
RULES = [
    ("INSPECT_MIN", "日常消防监督检查", 1, "YEAR_END", "消防监督检查规定第30条第1款",
     "公安派出所对其日常监督检查范围的单位，应当每年至少进行一次日常消防监督检查。", "STATION", False, REGULATION),
    ("ORDER_NOW_SERVE", "责令立即改正通知书送达", 0, "ON_THE_SPOT", "消防监督检查规定第19条",
     "责令立即改正的，当场制作、送达责令立即改正通知书。", "BRIGADE", True, REGULATION),
    ("ORDER_LIMIT_SERVE", "责令限期改正通知书送达", 3, "WORKING_DAYS", "消防监督检查规定第19条",
     "责令限期改正的，自检查之日起三个工作日内制作、送达责令限期改正通知书。", "BRIGADE", True, REGULATION),
    ("RECHECK", "复查", 3, "WORKING_DAYS", "消防监督检查规定第20条",
     "在改正期限届满或者收到当事人的复查申请之日起三个工作日内进行复查。", "BRIGADE", True, REGULATION),
    ("REFER_5WD", "未经验收、备案、许可的书面移交", 5, "WORKING_DAYS", "消防监督检查规定第33条第2款",
     "建筑物未依法通过消防验收，或者进行竣工验收消防备案，擅自投入使用的；公众聚集场所未依法通过使用、营业前的消防安全检查，擅自使用、营业的，应当在检查之日起五个工作日内书面移交处理。",
     "STATION", True, REGULATION),
    ("REPORT_GOV", "严重威胁公共安全的火灾隐患书面报告", 0, "SAME_DAY", "消防监督检查规定第34条",
     "发现存在严重威胁公共安全的火灾隐患，应当在责令改正的同时书面报告乡镇人民政府或者街道办事处和消防救援机构。",
     "STATION", True, REGULATION),
    ("COMPLAINT_EXIT", "举报核查（疏散、停用设施类）", 24, "HOURS", "消防监督检查规定第18条第1项",
     "占用、堵塞、封闭疏散通道、安全出口或者其他妨碍安全疏散行为，以及擅自停用消防设施的，接到举报投诉后二十四小时内核查。",
     "BRIGADE", True, REGULATION),
    ("COMPLAINT_OTHER", "举报核查（其他）", 3, "WORKING_DAYS", "消防监督检查规定第18条第2项",
     "其他举报投诉，接到之日起三个工作日内核查。", "BRIGADE", True, REGULATION),
    ("COMPLAINT_TRANSFER", "举报移送有管辖权的公安机关", 24, "HOURS", "公安机关办理行政案件程序规定第61条第2项",
     "属于公安机关职责范围但不属于本单位管辖的，二十四小时内移送并告知。", "STATION", True, PROCEDURE),
    ("COMPLAINT_NOTJURIS", "不属公安职责的告知", 0, "ON_THE_SPOT", "公安机关办理行政案件程序规定第61条第3项",
     "不属于公安机关职责范围的，当场口头告知；有异议或者不能当场判断的，书面告知。", "STATION", True, PROCEDURE),
    ("SEAL_MAX", "临时查封最长期限", 30, "CALENDAR_DAYS", "消防监督检查规定第22条",
     "临时查封期限不得超过三十日。由消防救援机构决定，公安派出所没有临时查封权。", "BRIGADE", True, REGULATION),
    ("MAJOR_7WD", "区域性重大火灾隐患提出意见", 7, "WORKING_DAYS", "消防监督检查规定第21条",
     "集体研究，七个工作日内提出意见，书面报告本级人民政府。由消防救援机构办理。", "BRIGADE", True, REGULATION),
    ("MAJOR_10WD", "重大火灾隐患专家论证延长", 10, "WORKING_DAYS", "消防监督检查规定第21条",
     "疑难的组织专家论证，可以延长十个工作日。由消防救援机构办理。", "BRIGADE", True, REGULATION),
    ("MAJOR_3WD", "重大火灾隐患整改通知书送达", 3, "WORKING_DAYS", "消防监督检查规定第21条",
     "自确定之日起三个工作日内送达重大火灾隐患整改通知书。由消防救援机构办理。", "BRIGADE", True, REGULATION),
    ("COMPLAINT_FEEDBACK", "举报核查结果告知", 20, "CALENDAR_DAYS", "地方规定（各地不同）",
     "全国没有统一期限：河南二十日内告知，浙江奖励办法核查处理后五个工作日内回复。按本地规定核定。", "LOCAL", False, REGULATION),
    ("FILING_REVIEW", "备案审查", 5, "WORKING_DAYS", "本系统默认（没有全国规定）",
     "文书签发后，消防救援机构审查备案的期限。按本地规定核定。", "LOCAL", False, REGULATION),
    ("FILING_FIX", "备案补正", 3, "WORKING_DAYS", "本系统默认（没有全国规定）",
     "备案被退回后，派出所补正再报的期限。按本地规定核定。", "LOCAL", False, REGULATION),
    ("REFER_FAILED", "复查不合格移送消防救援机构", 5, "WORKING_DAYS", "本系统默认（比照消防监督检查规定第33条第2款）",
     "派出所没有消防行政处罚权，逾期不改正的，依法移送消防救援机构。法律没有规定这一移送的期限，按本地规定核定。",
     "LOCAL", False, REGULATION),
]  # fmt: skip
FIELDS = ("code", "name", "amount", "unit", "basis", "text", "binding", "confirmed", "since")


def write(apps, schema_editor):
    rule = apps.get_model("deadlines", "DeadlineRule")
    rule.objects.bulk_create([rule(**dict(zip(FIELDS, row, strict=True))) for row in RULES])


def remove(apps, schema_editor):
    apps.get_model("deadlines", "DeadlineRule").objects.filter(code__in=[row[0] for row in RULES]).delete()


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0002_calendarday_edited")]

    operations = [migrations.RunPython(write, remove)]
