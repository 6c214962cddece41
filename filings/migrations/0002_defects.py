"""What goes wrong in papers: the defect codes of domain notes 5.3, a suggestion a brigade may add to."""

from django.db import migrations

DEFECTS = [
    ("MISSING", "要素缺失", ""),
    ("SIGNATURE", "签名缺失或者少于两人", "消防监督检查规定第14条；公安机关办理行政案件程序规定第86条"),
    ("NO_ID", "未记载出示证件", "消防法第53条第2款"),
    ("ARTICLE", "法条错误", ""),
    ("VAGUE", "隐患表述不具体（无部位、数量）", ""),
    ("DEADLINE", "期限不合理", "消防监督检查规定第20条"),
    ("LATE_SERVICE", "逾期送达", "消防监督检查规定第19条"),
    ("LATE_RECHECK", "逾期或者未复查", "消防监督检查规定第20条"),
    ("NOT_REFERRED", "应移送未移送", "消防监督检查规定第33条第2款"),
    ("NOT_REPORTED", "应报告未报告", "消防监督检查规定第34条"),
    ("NUMBER_GAP", "文号断号", ""),
    ("NO_PHOTO", "照片缺失", ""),
    ("REPEATED", "重复、雷同检查", ""),
]


def load(apps, schema_editor):
    defect = apps.get_model("filings", "Defect")
    defect.objects.bulk_create(
        defect(code=code, name=name, basis=basis, order=order)
        for order, (code, name, basis) in enumerate(DEFECTS, start=1)
    )


def unload(apps, schema_editor):
    apps.get_model("filings", "Defect").objects.filter(code__in=[defect[0] for defect in DEFECTS]).delete()


class Migration(migrations.Migration):
    dependencies = [("filings", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
