"""The default scheme: a proposal (domain notes 5.4), not law; marked 待核定 until a bureau makes it its own."""

from datetime import date
from decimal import Decimal

from django.db import migrations

INDICATORS = [
    ("COVERAGE", "列管对象覆盖率", "本年已检查的户数 ÷ 在册户数，达到年度进度（每季度四分之一）得满分", 20),
    ("QUALITY", "检查质量", "第一次备案审查合格的文书 ÷ 本季审查的文书", 15),
    ("FINDING", "隐患发现与录入", "发现并录入隐患的检查（雷同的不计）÷ 本季检查，达到全局平均得满分", 10),
    ("RECTIFY", "整改率", "已销号的隐患 ÷ 本季到改正期限的隐患", 15),
    ("RECHECK", "按期复查率", "在期限内复查的 ÷ 本季到期的复查", 10),
    ("REFER", "移送、报告及时率", "在期限内移送、报告的 ÷ 本季到期的移送、报告", 8),
    ("COMPLAINT", "举报处理", "按时核查并告知的举报 ÷ 受理的举报", 7),
    ("OUTREACH", "宣传培训", "完成的场次 ÷ 计划的场次", 7),
    ("ARCHIVE", "一户一档完整率", "名称、地址、类别、责任人、电话、责任民警齐全的户 ÷ 在册户数", 5),
    ("REPORTING", "信息报送", "按时报送的次数 ÷ 应报送的次数", 3),
]


def load(apps, schema_editor):
    scheme = apps.get_model("assessments", "Scheme").objects.create(name="默认考核办法", since=date(2012, 11, 1))
    indicator = apps.get_model("assessments", "Indicator")
    indicator.objects.bulk_create(
        indicator(scheme=scheme, code=code, name=name, formula=formula, weight=Decimal(weight), order=order)
        for order, (code, name, formula, weight) in enumerate(INDICATORS, start=1)
    )


def unload(apps, schema_editor):
    apps.get_model("assessments", "Scheme").objects.filter(bureau=None).delete()


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
