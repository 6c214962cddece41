"""The three papers of a visit: the wording of the forms, what is ticked and struck out."""

import re
from html import unescape

import pytest

from records import papers
from records.fills import chosen_in
from records.models import Copy, Kind
from records.samples import service
from records.samples import visit as samples

NOW, LIMIT, RECORD = Kind.ORDER_NOW, Kind.ORDER_LIMIT, Kind.INSPECTION_RECORD


def html(kind: Kind, context: samples.Context, copy: Copy = Copy.ARCHIVE) -> str:
    return papers.html(kind, context, copy)


def text(kind: Kind, context: samples.Context, copy: Copy = Copy.ARCHIVE) -> str:
    """The words of the paper without tags and without white space."""
    body = html(kind, context, copy).split("<body", 1)[1].split(">", 1)[1]
    return re.sub(r"\s|　", "", unescape(re.sub(r"<[^>]+>", "", body)))


def test_the_immediate_order_reads_as_the_form_of_a_police_station() -> None:
    assert text(NOW, samples.ORDER_NOW, Copy.UNIT) == (
        "江城市公安局城关派出所责令立即改正通知书江公（城关）消即字〔2026〕第0003号江城市万家福便利超市："
        "根据《中华人民共和国消防法》第五十三条的规定，我（所）于2026年9月22日对你单位（场所）进行消防监督检查，"
        "发现存在下列第5项消防安全违法行为，现责令立即改正："
        "☐1．消防设施、器材/消防安全标志的配置、设置不符合标准☐2．消防设施、器材/消防安全标志未保持完好有效"
        "☐3．损坏/挪用消防设施、器材☐4．擅自拆除/停用消防设施、器材☑5．占用/堵塞/封闭疏散通道、安全出口"
        "☐6．埋压/圈占/遮挡消火栓，占用防火间距☐7．违反消防安全规定进入生产/储存易燃易爆危险品场所"
        "☐8．违反规定使用明火作业☐9．在具有火灾、爆炸危险的场所吸烟/使用明火"
        "☐10．占用/堵塞/封闭消防车通道，妨碍消防车通行☐11．人员密集场所外墙门窗上设置影响逃生、灭火救援的障碍物"
        "☐12．其他消防安全违法行为和火灾隐患"
        "具体问题：一层北侧疏散通道堆放饮料纸箱，堵塞疏散通道（违反《中华人民共和国消防法》第二十八条）。"
        "你单位（场所）应当采取措施，确保消防安全。对消防安全违法行为，将依法移送消防救援机构予以处罚。"
        "检查人（签名）：李建平（江公证100001）张海涛（江公证100002）（印章）2026年9月22日"
        "一式两份，一份交被检查单位（场所），一份存档。交被检查单位联"
    )


def test_the_order_with_a_deadline_reads_as_the_form_of_a_police_station() -> None:
    assert text(LIMIT, samples.ORDER_LIMIT) == (
        "江城市公安局城关派出所责令限期改正通知书江公（城关）消限字〔2026〕第0001号江城市利群旅馆："
        "根据《中华人民共和国消防法》第五十三条的规定，我所于2026年9月22日对你单位（场所）进行消防监督检查，"
        "发现存在下列2项消防安全违法行为："
        "1．疏散指示标志缺失、损坏、被遮挡或指示方向错误。具体问题：二层走道东侧、西侧各1处，三层走道2处疏散指示标志损坏不亮"
        "（违反《中华人民共和国消防法》第十六条第一款第二项）。"
        "2．灭火器压力不足、过期、锈蚀、软管损坏等失效。具体问题：三层走道2具灭火器压力不足（违反《中华人民共和国消防法》第十六条第一款第二项）。"
        "对上述第1、2项问题，责令你单位（场所）于2026年9月30日前改正。"
        "改正期间，你单位（场所）应当采取措施，确保消防安全。对消防安全违法行为，将依法移送消防救援机构予以处罚。"
        "检查人（签名）：李建平（江公证100001）张海涛（江公证100002）被检查单位（场所）负责人签收：收到日期：年月日"
        "（印章）2026年9月22日一式两份，一份交被检查单位（场所），一份存档。存档联"
    )


def test_each_date_of_an_order_names_its_items() -> None:
    words = text(LIMIT, samples.ORDER_LIMIT_LONG)
    assert re.findall(r"对上述第([\d、]+)项问题，责令你单位（场所）于(\d+年\d+月\d+日)前改正", words) == [
        ("1、2、3、4、5、6", "2026年9月30日"),
        ("7、8、9、10、11、12", "2026年10月22日"),
    ]


def test_alternatives_that_do_not_apply_are_struck_out_and_only_in_a_ticked_item() -> None:
    assert re.findall(r"<s>(.*?)</s>", html(NOW, samples.ORDER_NOW)) == ["占用", "封闭"]
    unsure = samples.ORDER_NOW | {"ticked": [{"no": 5, "chosen": []}]}
    assert re.findall(r"<s>(.*?)</s>", html(NOW, unsure)) == []


@pytest.mark.parametrize(
    ("item", "words", "chosen"),
    [
        (5, "走道堆放货物，占用、堵塞疏散通道", ["占用", "堵塞"]),
        (5, "安全出口上锁", ["封闭"]),
        (5, "楼梯间停放电动自行车充电", ["占用"]),
        (5, "疏散宽度不够", []),
        (2, "常闭式防火门处于开启状态", ["消防设施、器材"]),
        (2, "疏散指示标志损坏", ["消防设施、器材", "消防安全标志"]),
        (6, "灭火器、消火栓被遮挡", ["遮挡", "消火栓"]),
        (6, "占用防火间距搭建棚屋", ["，占用防火间距"]),
        (8, "违规动火", []),
        (9, "在库房吸烟", ["吸烟"]),
    ],
)
def test_the_alternatives_are_found_in_the_wording_of_the_hazard(item: int, words: str, chosen: list[str]) -> None:
    assert chosen_in(item, words) == chosen


@pytest.mark.parametrize(
    ("words", "struck"),
    [
        ("消火栓被遮挡", ["埋压", "圈占", "，占用防火间距"]),
        ("占用防火间距", ["埋压", "圈占", "遮挡", "消火栓"]),
        ("圈占消火栓、占用防火间距", ["埋压", "遮挡"]),
    ],
)
def test_a_blocked_hydrant_is_not_said_to_stand_in_the_gap_between_buildings(words: str, struck: list[str]) -> None:
    ticked = samples.ORDER_NOW | {"ticked": [{"no": 6, "chosen": chosen_in(6, words)}]}
    assert re.findall(r"<s>(.*?)</s>", html(NOW, ticked)) == struck


@pytest.mark.parametrize(("kind", "context"), [(NOW, samples.ORDER_NOW), (LIMIT, samples.ORDER_LIMIT)])
def test_the_receipt_stands_on_the_archive_copy_only(kind: Kind, context: samples.Context) -> None:
    copies = [text(kind, context, copy) for copy in (Copy.ARCHIVE, Copy.UNIT)]
    assert ["签收" in words for words in copies] == [True, False]
    assert ["存档联" in words for words in copies] == [True, False]


@pytest.mark.parametrize(("kind", "context"), [(NOW, samples.ORDER_NOW), (LIMIT, samples.ORDER_LIMIT)])
@pytest.mark.parametrize("annexed", [False, True])
def test_the_receipt_is_for_ink_whatever_was_signed_or_refused_at_the_visit(
    kind: Kind, context: samples.Context, annexed: bool
) -> None:
    """Contexts from before name a companion, his signature, his refusal; the check was what they were about."""
    before = context | {
        "companion": {"name": "李秀兰", "post": "经理"},
        "refusal": "负责人拒绝签名",
        "witness": "村委会委员赵德厚",
        "signatures": samples.SIGNED,
    }
    pages = [papers.html(kind, each, Copy.ARCHIVE, annexed=annexed) for each in (context, before)]
    assert pages[0] == pages[1]
    blank = r'签收：</p>\s*<p class="line space"></p>\s*<p class="line">收到日期：[　]+年　+月　+日</p>'
    assert re.search(blank, pages[0])
    # The two officers, on the first sheet and on 附页.
    assert pages[0].count("<path") == (4 if annexed else 2)
    assert ("负责人（签收）：</span>" in pages[0]) == annexed


def test_who_refuses_to_sign_is_noted_where_the_signature_would_be() -> None:
    assert "（签名）被检查单位负责人拒绝签名，已全程录音录像（见证人：村委会委员赵德厚）检查日期" in text(
        RECORD, samples.RECORD_REFERRED
    )


def test_signatures_are_drawn_and_a_paper_for_ink_has_none() -> None:
    drawn = html(RECORD, samples.RECORD)
    assert drawn.count("<path") == 3
    assert re.findall(r'd="(M[^"]{20})', drawn)[0] == "M60.0 60.0 L140.0 55."
    in_ink = html(RECORD, samples.RECORD | {"signatures": samples.UNSIGNED})
    assert ("<path" in in_ink, in_ink.count("by-hand"), drawn.count("by-hand")) == (False, 2, 0)


def test_a_signature_cannot_bring_markup_into_the_paper() -> None:
    evil = {"width": 1, "height": 1, "strokes": [[['"/><script>', 0, 0]]]}
    with pytest.raises(ValueError, match="could not convert"):
        html(RECORD, samples.RECORD | {"signatures": samples.UNSIGNED | {"lead": evil}})


def test_the_record_prints_every_option_and_ticks_the_answer() -> None:
    words = text(RECORD, samples.RECORD)
    assert "疏散指示标志☐完好有效☑损坏☐缺少☐无二层走道东侧、西侧各1处，三层走道2处疏散指示标志损坏不亮应急照明" in words
    printed = sum(len(each["options"]) for section in samples.SECTIONS for each in section["rows"])
    chosen = sum(bool(each["chosen"]) for section in samples.SECTIONS for each in section["rows"])
    assert (words.count("☑") + words.count("☐"), words.count("☑")) == (printed, chosen)


def test_the_record_strikes_out_the_part_and_the_fields_that_do_not_apply() -> None:
    unit, committee = text(RECORD, samples.RECORD), text(RECORD, samples.RECORD_COMMITTEE)
    assert "村（居）民委员会履行消防安全职责情况／责令改正情况" in unit
    assert "单位履行消防安全职责情况／村（居）民委员会履行消防安全职责情况消防安全管理人☑确定☐未确定" in committee
    assert "使用的建筑面积（㎡）／使用的建筑具体层数／所在建筑高度（m）／" in committee
    assert "责令改正情况／移送处理的内容／备注" in committee


def test_the_record_cites_its_orders_and_names_who_receives_the_referral() -> None:
    assert text(RECORD, samples.RECORD_REFERRED).split("责令改正情况")[1] == (
        "责令立即改正通知书江公（城关）消即字〔2026〕第0003号责令限期改正通知书江公（城关）消限字〔2026〕第0002号"
        "移送处理的内容发现的下列第1项消防安全违法行为，移送江城市住房和城乡建设局依法处理："
        "发现的下列第3项消防安全违法行为，移送江城市消防救援大队依法处理："
        "☑1．建筑物未依法通过消防验收，擅自投入使用☐2．建筑物未依法进行竣工验收消防备案"
        "☑3．公众聚集场所未依法通过使用、营业前消防安全检查，擅自投入使用、营业备注已口头督促清理楼顶杂物。"
    )


@pytest.mark.parametrize("kind", [NOW, LIMIT, RECORD])
def test_what_an_officer_typed_is_text_and_never_markup(kind: Kind) -> None:
    sample = {NOW: samples.ORDER_NOW, LIMIT: samples.ORDER_LIMIT, RECORD: samples.RECORD}[kind]
    typed = "<b>红星</b>&amp;超市"
    context = sample | {"unit_name": typed, "unit": samples.RECORD["unit"] | {"name": typed}}
    assert "&lt;b&gt;红星&lt;/b&gt;&amp;amp;超市" in html(kind, context)


@pytest.mark.parametrize("typed", ["3", "2026", "td", "柜2-3"])
def test_a_short_number_somebody_types_changes_nothing_but_its_own_words(typed: str) -> None:
    """确认书编号 may be a place or a plain 3, which stands in `colspan="3"` and in the path of a hand too."""
    receipt = service.RECEIPT_ELECTRONIC

    def page(number: str) -> str:
        return html(Kind.SERVICE_RECEIPT, receipt | {"electronic": receipt["electronic"] | {"consent_no": number}})

    assert page(typed) == page("某处存放").replace("某处存放", typed)
