"""责任书, 举报登记, 举报答复, 季度通报: what each says, and that a stranger's words stay words."""

import re
from html import unescape
from typing import Any

import pytest

from records import papers
from records.gate import check
from records.models import Copy, Kind
from records.samples import bulletin, complaint, pledge

SAMPLES = [*pledge.SAMPLES, *complaint.SAMPLES, *bulletin.SAMPLES]


def text(kind: Kind, context: dict[str, Any], copy: Copy = Copy.ARCHIVE) -> str:
    """The words of the paper without tags and without white space."""
    body = papers.html(kind, context, copy).split("<body", 1)[1].split(">", 1)[1]
    return re.sub(r"\s|　", "", unescape(re.sub(r"<[^>]+>", "", body)))


def test_the_pledge_names_both_parties_the_term_and_every_duty() -> None:
    words = text(Kind.PLEDGE, pledge.PLEDGE)
    duties = "".join(f"{no}．{item['title']}。{item['text']}" for no, item in enumerate(pledge.TERMS, start=1))
    assert words == (
        "江城市公安局城关派出所消防安全责任书江公（城关）消责字〔2026〕第0001号"
        "甲方：江城市公安局城关派出所乙方：江城市万家福便利超市地址：北大街62号"
        "为落实消防安全责任，预防火灾，减少火灾危害，根据《中华人民共和国消防法》，甲、乙双方签订本责任书。"
        "一、责任期限自2026年9月22日起至2027年9月21日止。二、乙方的消防安全责任" + duties + "三、法律责任"
        + pledge.LIABILITY
        + "甲方（盖章）：乙方（盖章）：江城市公安局城关派出所江城市万家福便利超市"
        "签名：签名：李建平刘桂香（店主）（印章）2026年9月22日2026年9月22日一式两份，双方各执一份。甲方存档联"
    )  # fmt: skip


def test_the_seal_of_the_station_is_not_put_beside_another_first_party() -> None:
    words = text(Kind.PLEDGE, pledge.PLEDGE_AWKWARD)
    assert ("（印章）" in words, "乙方（盖章）：江城市城关街道北大街社区居民委员会" in words) == (
        False,
        True,
    )
    assert "地址：／" in text(Kind.PLEDGE, pledge.PLEDGE_AWKWARD | {"address": ""})


def test_both_signatures_are_drawn_and_a_pledge_for_ink_has_none() -> None:
    drawn = [papers.html(Kind.PLEDGE, context, Copy.UNIT).count("<path") for context in (
        pledge.PLEDGE, pledge.PLEDGE_AWKWARD, pledge.PLEDGE_LONG,
    )]  # fmt: skip
    assert drawn == [2, 1, 0]


def test_the_register_of_a_complaint_prints_every_field_and_strikes_out_what_did_not_happen() -> None:
    assert text(Kind.COMPLAINT, complaint.COMPLAINT).split("第0007号", 1)[1] == (
        "受理登记来源12345接到时间2026年9月23日21时15分举报人实名，姓名和联系方式依法保密，另存被举报单位江城市利群旅馆"
        "地址裕华路180号举报内容后门安全出口夜间上锁"
        "类别疏散、停用设施类管辖属本所管辖受理人李建平承办人李建平核查和处理核查时间2026年9月24日9时00分核查结论属实"
        "核查人李建平（江公证100001）、张海涛（江公证100002）"
        "核查情况和处理结果后门安全出口上锁，已当场打开，制发江公（城关）消即字〔2026〕第0003号责令立即改正通知书。"
        "检查记录：2026年9月24日检查移送移送单位／移送时间／文书号／"
        "告知告知时间2026年9月24日16时30分告知方式书面告知人李建平告知内容举报属实，已责令该单位立即改正。"
        "无法告知的原因／奖励情况／所领导审批签名：年月日"
    )


def test_the_register_of_one_moved_on_says_where_and_why_nobody_was_told() -> None:
    words = text(Kind.COMPLAINT, complaint.COMPLAINT_AWKWARD | {"unit_name": "堃翀小吃店", "address": ""})
    assert "举报人匿名被举报单位堃翀小吃店地址／" in words
    assert "核查和处理核查时间／核查结论／核查人／核查情况和处理结果／" in words
    assert "移送移送单位江城市公安局北关派出所移送时间2026年9月24日9时05分文书号／" in words
    assert "告知方式／告知人李建平告知内容／无法告知的原因匿名举报，没有留下联系方式" in words


def test_the_reply_addresses_the_complainant_without_his_name() -> None:
    assert text(Kind.COMPLAINT_REPLY, complaint.REPLY) == (
        "江城市公安局城关派出所举报答复江公（城关）消举复字〔2026〕第0001号举报人："
        "你于2026年9月23日通过12345反映江城市利群旅馆消防安全问题的举报（江公（城关）消举字〔2026〕第0007号）收悉。"
        "现将办理情况答复如下：经核查，你反映的问题属实，已责令该单位立即改正。感谢你对消防工作的支持。"
        "承办人：李建平（印章）江城市公安局城关派出所2026年9月24日一式两份，一份交举报人，一份存档。存档联"
    )


def test_the_bulletin_is_official_and_says_what_it_is_about() -> None:
    assert text(Kind.BULLETIN, bulletin.BULLETIN) == (
        "江城市公安局江公消〔2026〕3号关于2026年第三季度消防工作情况的通报各派出所："
        "现将2026年第三季度消防工作情况通报如下："
        "一、火灾形势全市共发生火灾12起，无人员伤亡，直接财产损失8.6万元，同比分别下降14.3%、持平、下降21.8%。"
        "二、工作情况2026年第三季度，2个派出所各项工作完成情况见下表。指标完成应办完成率"
        "检查覆盖率1430152094.1%文书备案合格率616692.4%隐患按期改正率20323187.9%"
        "三、考核结果名次派出所得分检查覆盖率文书备案合格率隐患按期改正率"
        "1城关96.2597.093.891.22北关88.4090.6／84.0满分100分，各指标为完成率（%），“／”为没有应办事项。"
        "四、工作要求各派出所要盯紧未检查的单位，第四季度前完成年度检查。对到期未复查的，逐件落实责任民警。"
        # Twice: unseen below the seal, where it takes its room, and at the foot of the sheet.
        "（印章）江城市公安局2026年10月12日" + "抄送：江城市消防救援大队。江城市公安局2026年10月12日印发" * 2
    )


def test_a_quarter_in_which_nothing_was_due_has_no_empty_table() -> None:
    words = text(Kind.BULLETIN, bulletin.BULLETIN_EMPTY)
    assert "二、工作情况本季度没有应办事项。三、考核结果名次派出所得分／喆翀堃／" in words
    assert "抄送" not in words


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.kind}-{sample.name}")
def test_the_gate_lets_every_sample_pass(sample: Any) -> None:
    assert check(sample.kind, sample.context) == []


@pytest.mark.parametrize(
    ("kind", "context", "path"),
    [
        (Kind.PLEDGE, pledge.PLEDGE | {"unit_name": ""}, "unit_name"),
        (Kind.PLEDGE, pledge.PLEDGE | {"signer_b": {"name": "刘" * 35, "post": ""}}, "signer_b.name"),
        (Kind.COMPLAINT, complaint.COMPLAINT | {"manner": ""}, "manner"),
        (Kind.COMPLAINT_REPLY, complaint.REPLY | {"told": []}, "told"),
        (Kind.BULLETIN, bulletin.BULLETIN | {"situation": []}, "situation"),
        (Kind.BULLETIN, bulletin.BULLETIN | {"demands": []}, "demands"),
        (Kind.BULLETIN, bulletin.BULLETIN | {"demands": ["／"]}, "demands"),
    ],
)
def test_the_gate_refuses_what_lacks_a_field_or_overflows_it(kind: Kind, context: dict[str, Any], path: str) -> None:
    assert [fault.field for fault in check(kind, context)] == [path]


@pytest.mark.parametrize(
    ("kind", "context", "field"),
    [
        (Kind.PLEDGE, pledge.PLEDGE, "unit_name"),
        (Kind.COMPLAINT, complaint.COMPLAINT, "content"),
        (Kind.COMPLAINT_REPLY, complaint.REPLY, "premises"),
    ],
)
def test_what_was_typed_is_text_and_never_markup(kind: Kind, context: dict[str, Any], field: str) -> None:
    printed = papers.html(kind, context | {field: "<b>红星</b>&amp;"}, Copy.ARCHIVE)
    assert "&lt;b&gt;红星&lt;/b&gt;&amp;amp;" in printed
