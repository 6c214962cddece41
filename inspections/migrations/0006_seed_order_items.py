"""规定第31–33条: what a station may order, urge or must hand over (公安部令第107号，第120号修改)."""

from datetime import date

from django.db import migrations

SINCE = date(2012, 11, 1)
LAW = "消防监督检查规定"
# Item, kind, words, whether the words were read in a reliable copy; the others are shown as 待核定.
TEN = [
    ("1", "未制定消防安全制度、未组织防火检查和消防安全教育培训、消防演练的", True),
    ("2", "占用、堵塞、封闭疏散通道、安全出口的", True),
    ("3", "占用、堵塞、封闭消防车通道，妨碍消防车通行的", True),
    ("4", "埋压、圈占、遮挡消火栓或者占用防火间距的", True),
    ("5", "室内消火栓、灭火器、疏散指示标志和应急照明未保持完好有效的", True),
    ("6", "人员密集场所在外墙门窗上设置影响逃生和灭火救援的障碍物的", False),
    ("7", "违反消防安全规定进入生产、储存易燃易爆危险品场所的", False),
    ("8", "违反规定使用明火作业或者在具有火灾、爆炸危险的场所吸烟、使用明火的", False),
    ("9", "生产、储存和经营易燃易爆危险品的场所与居住场所设置在同一建筑物内的", False),
    ("10", "未对建筑消防设施定期组织维修保养的", False),
]
COMMITTEE = [
    ("1", "消防安全管理人是否确定"),
    ("2", "消防安全工作制度、村（居）民防火安全公约是否制定"),
    ("3", "是否开展消防宣传教育、防火安全检查"),
    ("4", "是否对社区、村庄消防水源（消火栓）、消防车通道、消防器材进行维护管理"),
    ("5", "是否建立志愿消防队等多种形式消防组织"),
]
OTHERS = [
    ("31(3)", "ORDER", f"{LAW}第31条第3款", "物业服务企业对管理区域内共用消防设施进行维护管理的情况", True),
    (
        "33(2)",
        "REFER",
        f"{LAW}第33条第2款",
        (
            "未依法通过消防验收或者进行竣工验收消防备案擅自投入使用，公众聚集场所未经消防安全检查擅自使用、营业的，"
            "应当在检查之日起五个工作日内书面移交"
        ),
        True,
    ),
    ("-", "NONE", "消防法第52条、第53条", "不在派出所责令改正的范围内：记录并督促整改，可以移送主管部门", False),
]


def rows():
    for item, text, confirmed in TEN:
        yield item, "ORDER", f"{LAW}第33条第1款第{item}项", text, confirmed
    for item, text in COMMITTEE:
        yield f"32({item})", "URGE", f"{LAW}第32条第{item}项", text, True
    yield from OTHERS


def seed(apps, schema_editor):
    rule = apps.get_model("inspections", "OrderItemRule")
    for item, kind, basis, text, confirmed in rows():
        rule.objects.get_or_create(
            item=item, since=SINCE, defaults={"kind": kind, "basis": basis, "text": text, "confirmed": confirmed}
        )


def unseed(apps, schema_editor):
    apps.get_model("inspections", "OrderItemRule").objects.filter(since=SINCE).delete()


class Migration(migrations.Migration):
    dependencies = [("inspections", "0005_order_items")]
    operations = [migrations.RunPython(seed, unseed)]
