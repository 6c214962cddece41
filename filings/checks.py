"""自动核对: what a machine can see in a paper before a person reads it. Pure: a context and facts in, findings out.

Nothing here decides. `WRONG` is a fact the procedure forbids, `DOUBT` is for the supervisor to judge, `RIGHT` says what
was looked at and found in order, so that a short list is not taken for a short look.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deadlines.models import ClockState
from records.models import Kind

WRONG, DOUBT, RIGHT = "wrong", "doubt", "right"
# A count is a numeral with a measure word; 三层 alone is a place, so 层 does not count.
MEASURES = "处个具只盏组块扇辆瓶间套台张条根户人名米m㎡升箱件部樘道把副排堆桶"
COUNTED = re.compile(rf"(?:\d+|[〇一二两三四五六七八九十百]+|若干)\s*(?:[{MEASURES}]|平方米|公斤|kg)")
# Duties of the unit as a whole stand nowhere and are not counted (规定31(2)、(3)).
WITHOUT_PLACE = {"MGMT"}


@dataclass(frozen=True)
class HazardFact:
    """One hazard as it stands in the rows behind the paper; ``limit`` for 限期, days from the visit."""

    no: int
    place: str
    quantity: str
    wording: str
    category: str
    limit: bool
    days: int
    usual_days: int
    violates: str
    usual_violates: str
    copied_from: str = ""


@dataclass(frozen=True)
class Duty:
    """A clock that goes with the paper, by its rule."""

    code: str
    name: str
    due_on: date
    met_on: date | None
    state: str

    def late(self, today: date) -> bool:
        """Whether it was met after its last day, or runs beyond it."""
        if self.state == ClockState.CANCELLED:
            return False
        return (self.met_on or today) > self.due_on


@dataclass(frozen=True)
class Evidence:
    """What is known beside the frozen context."""

    kind: str
    context: dict[str, Any]
    today: date
    # None where the visit is not in the system (an order taken over from before).
    showed_id: bool | None
    ink: bool
    scans: int
    photos: int
    repeated_photos: int
    number_follows: bool
    hazards: list[HazardFact] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """One finding; ``defect`` and ``field`` are what a remark made from it is pinned to."""

    level: str
    text: str
    why: str = ""
    defect: str = ""
    field: str = ""

    @property
    def key(self) -> str:
        """What a form sends to adopt this finding; the same finding has the same key tomorrow."""
        return f"{self.defect}|{self.field}|{self.text}"

    @property
    def remark(self) -> str:
        """The finding as words to the station."""
        return f"{self.text}（{self.why}）" if self.why else self.text


def examine(evidence: Evidence) -> list[Found]:
    """Every finding, what is wrong first."""
    found = [finding for rule in RULES for finding in rule(evidence)]
    return sorted(found, key=lambda finding: (WRONG, DOUBT, RIGHT).index(finding.level))


def _complete(evidence: Evidence) -> Iterator[Found]:
    context = evidence.context
    wanted = [("number", "编号"), ("visited_on", "检查日期"), ("heading", "机关")]
    missing = [(key, name) for key, name in wanted if not context.get(key)]
    if evidence.kind == Kind.INSPECTION_RECORD:
        unit = context.get("unit", {})
        wanted = [("name", "单位名称"), ("address", "地址")]
        missing += [(f"unit.{key}", name) for key, name in wanted if not unit.get(key)]
        missing += _unanswered(context)
    elif not context.get("unit_name"):
        missing.append(("unit_name", "被检查单位"))
    for key, name in missing:
        yield Found(WRONG, f"{name}没有填写", defect="MISSING", field=key)
    if not missing:
        yield Found(RIGHT, "要素齐全")


def _unanswered(context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The printed rows with options of which none is chosen."""
    parts = [(str(place), part["rows"]) for place, part in enumerate(context.get("sections", []), start=1)]
    for place, rows in [*parts, ("c", context.get("committee", []))]:
        for number, row in enumerate(rows, start=1):
            if row["options"] and not row["chosen"]:
                yield f"row:{place}.{number}", row["text"]


def _officers(evidence: Evidence) -> Iterator[Found]:
    officers = evidence.context.get("officers", [])
    uncertified = [person["name"] for person in officers if not person.get("certificate")]
    if len(officers) < 2:
        yield Found(WRONG, f"检查人员只有 {len(officers)} 名", defect="SIGNATURE", field="officers")
    elif uncertified:
        yield Found(WRONG, f"{'、'.join(uncertified)}没有执法证号", defect="SIGNATURE", field="officers")
    else:
        yield Found(RIGHT, "两名民警，执法证号齐全")
    if evidence.showed_id is False:
        yield Found(WRONG, "没有记载出示执法证件", defect="NO_ID", field="officers")


def _signatures(evidence: Evidence) -> Iterator[Found]:
    signed = evidence.context.get("signatures") or {}
    refusal = evidence.context.get("refusal", "")
    if evidence.scans:
        yield Found(RIGHT, f"签名文书已扫描上传，{evidence.scans} 件")
        return
    if evidence.ink:
        yield Found(DOUBT, "在纸面上签名，还没有附扫描件", defect="SIGNATURE", field="officers")
        return
    missing = [name for key, name in (("lead", "检查人"), ("second", "第二检查人")) if not signed.get(key)]
    if missing:
        why = "没有电子签名，也没有手写签名的扫描件"
        yield Found(WRONG, f"{'、'.join(missing)}没有签名", why, "SIGNATURE", "officers")
    if "companion" not in evidence.context:
        # A notice: who came along signed the record, 签收 of the notice is given in ink.
        said = "两名民警已签名"
    elif signed.get("companion"):
        said = "随同人员已签名"
    elif refusal:
        said = f"随同人员没有签名，已注明：{refusal}"
    else:
        yield Found(WRONG, "随同人员没有签名，也没有注明原因", defect="SIGNATURE", field="companion")
        return
    if not missing:
        yield Found(RIGHT, said)


def _wording(evidence: Evidence) -> Iterator[Found]:
    vague = False
    for hazard in evidence.hazards:
        lacking = _lacking(hazard)
        vague = vague or bool(lacking)
        if lacking:
            level = WRONG if "部位" in lacking else DOUBT
            text = f"第 {hazard.no} 项没有写明{lacking}"
            yield Found(level, text, hazard.wording, "VAGUE", _problem(evidence, hazard))
    if evidence.hazards and not vague:
        yield Found(RIGHT, "每处隐患写明了部位和数量")


def _lacking(hazard: HazardFact) -> str:
    if hazard.category in WITHOUT_PLACE:
        return ""
    counted = bool(hazard.quantity) or bool(COUNTED.search(hazard.wording))
    return "、".join(name for name, there in (("部位", bool(hazard.place)), ("数量", counted)) if not there)


def _days(evidence: Evidence) -> Iterator[Found]:
    limits = [hazard for hazard in evidence.hazards if hazard.limit and hazard.usual_days]
    longer = [hazard for hazard in limits if hazard.days > hazard.usual_days]
    for hazard in longer:
        text = f"第 {hazard.no} 项限 {hazard.days} 天，隐患库建议 {hazard.usual_days} 天"
        yield Found(DOUBT, text, "请说明理由，或者缩短期限重新出具", "DEADLINE", _deadline(evidence, hazard))
    if limits and not longer:
        yield Found(RIGHT, "改正期限不超过隐患库建议天数")


def _articles(evidence: Evidence) -> Iterator[Found]:
    other = [hazard for hazard in evidence.hazards if hazard.violates != hazard.usual_violates]
    for hazard in other:
        text = f"第 {hazard.no} 项引用{hazard.violates or '空白'}，隐患库为{hazard.usual_violates}"
        yield Found(DOUBT, text, defect="ARTICLE", field=_problem(evidence, hazard))
    if evidence.hazards and not other:
        yield Found(RIGHT, "违反条款与隐患库一致")


def _duties(evidence: Evidence) -> Iterator[Found]:
    for duty in evidence.duties:
        if duty.late(evidence.today):
            yield Found(WRONG, _late_words(duty), f"期限 {duty.due_on}", DUTY_DEFECTS[duty.code])
        elif duty.met_on:
            yield Found(RIGHT, f"{duty.name}按期办理，{duty.met_on}")


def _late_words(duty: Duty) -> str:
    return f"{duty.name}逾期，{duty.met_on} 才办理" if duty.met_on else f"{duty.name}逾期，还没有办理"


DUTY_DEFECTS = {
    "ORDER_NOW_SERVE": "LATE_SERVICE",
    "ORDER_LIMIT_SERVE": "LATE_SERVICE",
    "RECHECK": "LATE_RECHECK",
    "REFER_5WD": "NOT_REFERRED",
    "REFER_FAILED": "NOT_REFERRED",
    "REPORT_GOV": "NOT_REPORTED",
}


def _copies(evidence: Evidence) -> Iterator[Found]:
    copied = [hazard for hazard in evidence.hazards if hazard.copied_from]
    for hazard in copied:
        text = f"第 {hazard.no} 项的部位和表述与{hazard.copied_from}的记录完全相同"
        yield Found(DOUBT, text, hazard.wording, "REPEATED", _problem(evidence, hazard))
    if evidence.repeated_photos:
        yield Found(DOUBT, f"照片 {evidence.repeated_photos} 张在别的检查里用过", defect="REPEATED")
    if not copied and not evidence.repeated_photos and (evidence.hazards or evidence.photos):
        yield Found(RIGHT, "与本所近期记录没有雷同")


def _photos(evidence: Evidence) -> Iterator[Found]:
    if evidence.hazards and not evidence.photos:
        yield Found(DOUBT, "发现隐患，没有照片", defect="NO_PHOTO")
    elif evidence.photos:
        yield Found(RIGHT, f"照片 {evidence.photos} 张")


def _number(evidence: Evidence) -> Iterator[Found]:
    if evidence.number_follows:
        yield Found(RIGHT, "文书号连续")
    else:
        yield Found(WRONG, "上一个顺序号的文书不在系统里", defect="NUMBER_GAP", field="number")


def _problem(evidence: Evidence, hazard: HazardFact) -> str:
    return "" if evidence.kind == Kind.INSPECTION_RECORD else f"problem:{hazard.no}"


def _deadline(evidence: Evidence, hazard: HazardFact) -> str:
    for number, entry in enumerate(evidence.context.get("deadlines", []), start=1):
        if hazard.no in entry["items"]:
            return f"deadline:{number}"
    return _problem(evidence, hazard)


RULES: tuple[Callable[[Evidence], Iterator[Found]], ...] = (
    _complete, _officers, _signatures, _wording, _days, _articles, _duties, _copies, _photos, _number,
)  # fmt: skip
