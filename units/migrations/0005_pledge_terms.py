"""The first version of the terms of each kind of unit, not confirmed by anybody. Its words stay as they were loaded."""

from django.db import migrations

# 消防安全责任书, for each kind of unit: what 乙方 pledges, then 法律责任. There is no statutory form: 待核定.
# The duties are those of 消防法第16、18、19、27、28、32条 in the order stations usually print them.
_PREMISES = (
    ("消防安全制度", "落实消防安全责任制，明确消防安全责任人，制定消防安全制度、操作规程和灭火应急疏散预案。"),
    (
        "疏散通道和出口",
        ("保障疏散通道、安全出口、消防车通道畅通，不占用、堵塞、封闭；不在门窗上设置影响逃生和灭火救援的障碍物。"),
    ),
    (
        "消防设施器材",
        (
            "按照标准配置消防设施、器材，设置消防安全标志，定期检验、维修，确保完好有效；不损坏、挪用或者擅自拆除"
            "、停用，不埋压、圈占、遮挡消火栓。"
        ),
    ),
    (
        "用电用气用火",
        (
            "电器产品、燃气用具及其线路、管路的安装、使用和维护保养符合消防技术标准和管理规定；不违反规定使用明火"
            "作业，不在具有火灾、爆炸危险的场所吸烟、使用明火。"
        ),
    ),
    (
        "不违规住人",
        ("不在生产、储存、经营易燃易爆危险品的建筑物内住人；其他场所与居住场所设在同一建筑物内的，符合消防技术标准。"),
    ),
    (
        "电动自行车",
        (
            "不在建筑内的共用走道、楼梯间、安全出口停放电动自行车或者为其充电，不携带电池进入室内充电，并劝阻他人"
            "的上述行为。"
        ),
    ),
    (
        "培训演练",
        "对从业人员进行消防安全教育培训，使其会报警、会使用灭火器材、会组织疏散；组织进行有针对性的消防演练。",
    ),
    ("隐患整改", "及时消除火灾隐患；接到责令改正通知书的，按照要求和期限改正，确保改正期间的消防安全。"),
)
_PROPERTY = (
    ("消防安全制度", "落实管理区域的消防安全责任制，确定消防安全管理人员，制定消防安全制度和灭火应急疏散预案。"),
    (
        "疏散通道和出口",
        "保障管理区域内疏散通道、安全出口、消防车通道畅通，对占用、堵塞、封闭的予以劝阻，劝阻无效的及时报告。",
    ),
    ("消防设施器材", "对管理区域内的共用消防设施、器材和消防安全标志进行维护管理，定期检测，确保完好有效。"),
    (
        "用电用气用火",
        (
            "管理区域内共用的电器、燃气设施及其线路、管路的使用和维护保养符合消防技术标准和管理规定；动火作业落实"
            "现场监护。"
        ),
    ),
    ("不违规住人", "发现在地下室、架空层、车库、仓库等部位违规住人的，予以劝阻，劝阻无效的及时报告。"),
    (
        "电动自行车",
        ("劝阻在共用走道、楼梯间、安全出口停放电动自行车或者为其充电，以及携带电池入户充电，劝阻无效的及时报告。"),
    ),
    ("培训演练", "对员工进行消防安全培训，向业主、使用人宣传消防安全知识，组织进行消防演练。"),
    ("隐患整改", "开展防火巡查、检查，及时消除火灾隐患；接到责令改正通知书的，按照要求和期限改正。"),
)
_COMMITTEE = (
    ("消防安全制度", "确定消防安全管理人，组织制定防火安全公约和消防安全工作制度。"),
    ("疏散通道和出口", "组织清理占用、堵塞疏散通道、安全出口、消防车通道的物品，保持畅通。"),
    ("消防设施器材", "对消防水源、消防车通道、消防器材进行维护管理，建立志愿消防队等消防组织。"),
    ("用电用气用火", "提示村（居）民安全用电、用气、用火，开展有针对性的消防宣传教育。"),
    ("不违规住人", "进行防火安全检查，发现“三合一”场所违规住人的，督促整改，并及时报告。"),
    ("电动自行车", "引导村（居）民集中停放电动自行车并为其充电，劝阻在楼道内停放、充电。"),
    ("培训演练", "进行消防宣传教育，组织村（居）民参加应急疏散演练。"),
    ("隐患整改", "督促存在火灾隐患的单位、村（居）民整改，对拒不整改的及时报告。"),
)
_LIABILITY = "乙方违反消防法律、法规的，依法承担相应的法律责任。本责任书不减轻、不免除双方依法应当履行的消防安全职责。"
PLEDGE_TERMS = {
    "PREMISES": (_PREMISES, _LIABILITY),
    "PROPERTY": (_PROPERTY, _LIABILITY),
    "COMMITTEE": (_COMMITTEE, _LIABILITY),
    "VILLAGE": (_COMMITTEE, _LIABILITY),
}


def load(apps, schema_editor):
    terms = apps.get_model("units", "PledgeTerms")
    terms.objects.bulk_create(
        terms(
            kind=kind, version=1, items=[{"title": title, "text": text} for title, text in items], liability=liability
        )
        for kind, (items, liability) in PLEDGE_TERMS.items()
    )


def unload(apps, schema_editor):
    apps.get_model("units", "PledgeTerms").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("units", "0004_pledge")]
    operations = [migrations.RunPython(load, unload)]
