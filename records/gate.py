"""The finalise gate: everything that speaks against freezing a context as a paper of its kind. No writes, no queries.

公通字〔2009〕21号 (制作和使用说明): what a form asks for is not left out. 行政处罚法第42条: two officers.
"""

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any

from fire_supervision.lib import faces
from fire_supervision.lib.refusals import Fault
from records.canonical import SIGNING
from records.choices import choices
from records.citations import cited, flaw
from records.dated import too_old
from records.fields import BLOCKED, CATALOGUE, CHECKS, FIELDS, LEFT, PEOPLE, WAYS, WITNESS_ALONE, Field
from records.fills import NOW_ITEMS, pointless, undecided
from records.models import FORMS, Kind

Context = Mapping[str, Any]
Rule = Callable[[Context], Iterator[Fault]]

TWO_OFFICERS = "《行政处罚法》第42条"
SERVING, ALONE = "程序规定第36条", "程序规定第52条"
# Where the named officers stand, for the kinds that call them otherwise than `officers`.
OFFICERS: dict[Kind, str] = {}
COMMITTEE = "COMMITTEE"
# As the 举报登记 calls a complaint the station itself checks, and what is told of the check.
OURS = "属本所管辖"
CHECKED = {"checked_at": "核查时间", "truth": "核查结论", "found": "核查情况和处理"}
# As the 延期改正审批表 and the record of a re-inspection call what was decided and what was found.
GRANTED, PASSED, FAILED = "同意延期", "已改正", "未改正"
STRUCK = " \u3000\t\r\n/／—"


def check(kind: Kind, context: Context) -> list[Fault]:
    """What speaks against issuing ``context`` as ``kind``; ``field`` of each fault is a path: `problems[2].violates`.

    The number is not looked at: it is taken once nothing speaks against the paper.
    """
    boxes = _boxes(context)
    faults = [fault for field in FIELDS.get(kind, ()) for fault in _field_faults(field, context, boxes)]
    told = {fault.field for fault in faults}
    # A list that says nothing is told as one, not entry by entry.
    faults = [fault for fault in faults if fault.field.rpartition("[")[0] not in told]
    faults += _unnamed(context, boxes, told)
    faults += [*_too_few(kind, context), *(fault for rule in RULES.get(kind, ()) for fault in rule(context))]
    faults += too_old(kind, context)
    return faults + list(_not_offered(context, {fault.field for fault in faults}))


# ---------- fields ----------


def _field_faults(field: Field, context: Context, boxes: Mapping[str, str]) -> Iterator[Fault]:
    excused = bool(field.unless and _filled(_at(context, field.unless)))
    for place, value, entry in _places(field.path.split("."), context, "", {}):
        label = field.label.format_map(_Words(entry))
        if not _filled(value):
            if field.required and not excused:
                yield Fault(place, f"没有填写{label}", remedy=field.remedy)
        elif place in boxes:
            yield _box(place, label, boxes[place], field.remedy)
        elif field.cites and (reason := flaw(value)):
            yield Fault(place, f"{label}：{reason}", remedy=field.remedy)
        elif field.box and (lines := lines_of(_printed(field, value), field.box[0])) > field.box[1]:
            columns, room = field.box
            message = f"{label}放不下：栏内每行 {columns} 字、{room} 行，现在要 {lines} 行"
            yield Fault(place, message, remedy=f"请缩短。{field.remedy}")


def _printed(field: Field, value: Any) -> str:
    """``value`` as long as it stands on the paper."""
    return cited(str(value)) if field.cites else str(value)


def _filled(value: Any) -> bool:
    """Whether there are words: neither spaces nor the stroke that strikes a field out count as such."""
    if isinstance(value, str):
        return bool(value.strip(STRUCK))
    if isinstance(value, list):
        return any(map(_filled, value))
    return value not in (None, {})


def _at(context: Context, path: str) -> Any:
    """The value at a path without lists; None where the way ends."""
    value: Any = context
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _places(steps: list[str], value: Any, place: str, entry: Context) -> Iterator[tuple[str, Any, Context]]:
    """Every (place, value, innermost list entry) that ``steps`` lead to; what is absent is None."""
    if not steps:
        yield place, value, entry
        return
    name = steps[0].removesuffix("[]")
    below = value.get(name) if isinstance(value, Mapping) else None
    at = f"{place}.{name}" if place else name
    if not steps[0].endswith("[]"):
        yield from _places(steps[1:], below, at, entry)
        return
    for index, each in enumerate(below or []):
        inner = each if isinstance(each, Mapping) else {}
        yield from _places(steps[1:], each, f"{at}[{index}]", {"no": index + 1, **inner})


class _Words(dict[str, Any]):
    """Names of an entry for its label; what the entry does not have stays out of the words."""

    def __missing__(self, key: str) -> str:
        return ""


def lines_of(text: str, columns: int) -> int:
    """How many lines of ``columns`` full-width characters ``text`` takes; ASCII counts half."""
    return sum(max(1, ceil(width(line) / columns)) for line in text.splitlines() or [""])


def width(text: str) -> float:
    return len(text) - len(text.encode("ascii", "ignore")) / 2


# ---------- characters ----------


def _boxes(context: Context) -> dict[str, str]:
    """Place → the first character there that would be printed as an empty box; what is signed is no part of it."""
    texts = list(_texts({key: value for key, value in context.items() if key not in SIGNING}, ""))
    refused = faces.all_lacking(frozenset().union(*(text for _, text in texts)))
    if not refused:
        return {}
    first = {place: next((char for char in text if char in refused), "") for place, text in texts}
    return {place: char for place, char in first.items() if char}


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a context and where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _texts(each, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple):
        for index, each in enumerate(value):
            yield from _texts(each, f"{place}[{index}]")


def _unnamed(context: Context, boxes: Mapping[str, str], told: set[str]) -> list[Fault]:
    """What stands in no field of the table is named by its neighbourhood."""
    if not boxes:
        return []
    around = {place: text for place, text in _texts(context, "") if place in boxes and place not in told}
    return [
        _box(place, f"“{text[max(0, (at := text.index(boxes[place])) - 10) : at + 10]}”", boxes[place], "")
        for place, text in around.items()
    ]


def _box(place: str, label: str, char: str, remedy: str) -> Fault:
    return Fault(place, f"{label}里的{faces.called(char)}印不出来", remedy=f"请删去或改成文字。{remedy}")


# ---------- choices ----------


def _not_offered(context: Context, told: set[str]) -> Iterator[Fault]:
    """What is chosen is one of the choices that are printed; else no box of them would be ticked."""
    for place, choice in choices(context):
        chosen = choice["chosen"] if isinstance(choice["chosen"], list) else [choice["chosen"]]
        wrong = [each for each in chosen if _filled(each) and each not in choice["options"]]
        if wrong and f"{place}.chosen" not in told:
            yield Fault(f"{place}.chosen", f"“{wrong[0]}”不是可以选的一项", remedy="请重新选择。")


# ---------- rules ----------


def _too_few(kind: Kind, context: Context) -> Iterator[Fault]:
    """Fewer officers than the kind demands; one who is named twice is one."""
    wanted, path = FORMS[kind].officers, OFFICERS.get(kind, "officers")
    if (named := _persons(context, path)) < wanted:
        message = f"须有 {wanted} 名执法人员，现在 {named} 名"
        yield Fault(path, message, basis=TWO_OFFICERS if wanted > 1 else "", remedy=PEOPLE)


def _persons(context: Context, path: str) -> int:
    return len({(person.get("name"), person.get("certificate")) for person in _at(context, path) or []})


def _needs(path: str, words: str) -> Rule:
    """The form applies only where ``path`` lists something."""

    def rule(context: Context) -> Iterator[Fault]:
        if not context.get(path):
            yield Fault(path, words)

    return rule


def _in_order(first: str, last: str, words: str) -> Rule:
    """The day at ``last`` is not before the one at ``first``; days that are missing are not compared."""

    def rule(context: Context) -> Iterator[Fault]:
        since, until = ((_at(context, path) or "").strip()[:10] for path in (first, last))
        if since and until and until < since:
            yield Fault(last, f"{words}：{until} 在 {since} 以前")

    return rule


def _has_deadlines(context: Context) -> Iterator[Fault]:
    """Every hazard of the notice has its printed day, and none of these days is over when it is issued."""
    dated = {number for entry in context.get("deadlines", []) for number in entry["items"]}
    for index, problem in enumerate(context.get("problems", [])):
        if problem["no"] not in dated:
            yield Fault(f"problems[{index}]", f"第{problem['no']}处隐患没有改正期限", remedy=CHECKS)
    issued_on = context.get("issued_on", "")
    for index, entry in enumerate(context.get("deadlines", [])):
        if entry["on"] and entry["on"] < issued_on:
            late = f"改正期限 {entry['on']} 在成文日期 {issued_on} 以前"
            yield Fault(f"deadlines[{index}].on", late, remedy="返回检查表延长改正天数。")


def _one_offence(context: Context) -> Iterator[Fault]:
    """公通字〔2009〕21号: what does not apply behind a stroke is struck out, so a notice names one offence."""
    for index, problem in enumerate(context.get("problems", [])):
        if undecided(problem.get("offence", "")):
            words = f"第{problem['no']}处隐患的违法行为“{problem['offence']}”没有选定是哪一种"
            yield Fault(f"problems[{index}].offence", words, remedy="返回检查表另选一条隐患表述。")


def _one_part(context: Context) -> Iterator[Fault]:
    """The form has a part for units and one for committees; the other one is struck out."""
    for_committee = context.get("subject") == COMMITTEE
    used, other = ("committee", "sections") if for_committee else ("sections", "committee")
    if not context.get(used):
        yield Fault(used, "没有检查内容，检查记录不适用", remedy=CHECKS)
    if context.get(other):
        yield Fault(other, "单位和村（居）民委员会的检查内容不能填在同一份检查记录里", remedy=CHECKS)


def _answered(context: Context) -> Iterator[Fault]:
    """Each row of the part that is used has its result: a box that is ticked, or words."""
    rows = list(_rows(context))
    blank = [(place, row) for place, row in rows if not (_filled(row.get("chosen")) or _filled(row.get("note")))]
    if rows and len(blank) == len(rows):
        yield Fault(rows[0][0].partition("[")[0], "没有一项检查结果，不制作检查记录", remedy=CHECKS)
        return
    for place, row in blank:
        if row.get("options"):
            yield Fault(f"{place}.chosen", f"“{row.get('text', '')}”没有检查结果", remedy=CHECKS)


def _rows(context: Context) -> Iterator[tuple[str, Context]]:
    """The rows of a 检查记录 and where they stand."""
    if context.get("subject") == COMMITTEE:
        yield from ((f"committee[{index}]", row) for index, row in enumerate(context.get("committee", [])))
        return
    for number, part in enumerate(context.get("sections", [])):
        yield from ((f"sections[{number}].rows[{index}]", row) for index, row in enumerate(part.get("rows", [])))


def _ticked(context: Context) -> Iterator[Fault]:
    """The notice says 下列第…项: a box of the form, and of its alternatives only those it prints."""
    for index, box in enumerate(context.get("ticked", [])):
        number = box.get("no")
        if number not in range(1, len(NOW_ITEMS) + 1):
            yield Fault(f"ticked[{index}].no", f"通知书没有第{number}项违法行为", remedy=CATALOGUE)
            continue
        printed = {words for part in NOW_ITEMS[number - 1] if isinstance(part, tuple) for words in part}
        if not set(box.get("chosen", [])) <= printed:
            yield Fault(f"ticked[{index}].chosen", f"第{number}项违法行为选了通知书上没有的情形", remedy=CATALOGUE)
        if pointless(number, box.get("chosen", [])):
            yield Fault(f"ticked[{index}].chosen", f"第{number}项没有写明遮挡、圈占、埋压的是消火栓", remedy=BLOCKED)


def _granted(context: Context) -> Iterator[Fault]:
    """Until when, if it was granted, and only then."""
    granted = _at(context, "verdict.chosen") == GRANTED
    if granted and not _filled(context.get("until")):
        yield Fault("until", "同意延期的须写明批准的改正期限", remedy="填写同意延期至哪一天。")
    if not granted and _filled(context.get("until")):
        yield Fault("until", "不同意延期的没有批准的改正期限", remedy="选择同意延期，或者清除日期。")


def _concluded(context: Context) -> Iterator[Fault]:
    """复查结论: what was corrected and what was not, as the result of each hazard says, and what follows from it."""
    results = [(row.get("no"), _at(row, "result.chosen")) for row in context.get("results", [])]
    if not results or any(chosen not in (PASSED, FAILED) for _, chosen in results):
        return
    for path, wanted in (("passed", PASSED), ("failed", FAILED)):
        found = [number for number, chosen in results if chosen == wanted]
        if context.get(path, []) != found:
            yield Fault(path, f"复查结论里{wanted}的项和各项复查结果不一致", remedy="返回登记复查结果核对。")
    follows = [_filled(context.get(path)) for path in ("referred_to", "again_on")]
    if context.get("failed") and not any(follows):
        yield Fault("referred_to", "未改正的须写明移送的单位或者再次复查的日期", remedy="返回登记复查结果核对。")


def _consented(context: Context) -> Iterator[Fault]:
    """程序规定第36条: electronic service needs a consent that was given; a signature without ink is none."""
    strokes = (_at(context, "signatures.consenter") or {}).get("strokes", [])
    if not any(strokes):
        yield Fault("signatures.consenter", "同意人没有签名", SERVING, "请同意人在屏幕上签名。")


def _witnessed(context: Context) -> Iterator[Fault]:
    """What is not printed is not kept."""
    if _filled(context.get("witness")) and not _filled(context.get("refusal")):
        yield Fault("witness", WITNESS_ALONE)


def _served(context: Context) -> Iterator[Fault]:
    """What its way of serving leaves on the 送达回证 (程序规定第36条): see `hazards.ways`."""
    way = _at(context, "method.chosen") or ""
    if _filled(way) and way not in WAYS:
        yield Fault("method.chosen", f"没有“{way}”这种送达方式", SERVING)
    for path, label in WAYS.get(way, {}).items():
        if not _filled(_at(context, path)):
            yield Fault(path, f"{way}须填写{label}", SERVING)
    if way == LEFT and not _filled(_at(context, "refusal.witness")) and not _filled(context.get("recorder_no")):
        remedy = "填写见证人的姓名和单位，或者填写执法记录仪文件号。"
        yield Fault("refusal.witness", "留置送达须有见证人，或者对拒收过程录音录像", SERVING, remedy)


def _alone(context: Context) -> Iterator[Fault]:
    """程序规定第52条: one officer may serve with an assistant if the whole act is recorded."""
    if _persons(context, "officers") != 1:
        return
    if not _filled(context.get("assistant")):
        yield Fault("assistant", "只有一名民警送达时，须带辅警", ALONE, "填写第二送达人，或者选择协助辅警。")
    if not _filled(context.get("recorder_no")):
        remedy = "填写第二送达人，或者填写执法记录仪文件号。"
        yield Fault("recorder_no", "只有一名民警送达时，须全程录音录像", ALONE, remedy)


def _checked(context: Context) -> Iterator[Fault]:
    """核查: when, by two officers, with what result; what the station has to check is not filed unchecked."""
    told = {path: _filled(context.get(path)) for path in CHECKED}
    if not any(told.values()) and context.get("jurisdiction") != OURS:
        return
    yield from (Fault(path, f"没有填写{CHECKED[path]}") for path in CHECKED if not told[path])
    if (named := _persons(context, "checkers")) < 2:
        yield Fault("checkers", f"核查须有 2 名执法人员，现在 {named} 名", TWO_OFFICERS)


def _moved_on(context: Context) -> Iterator[Fault]:
    """移送: where to, and when."""
    if _filled(context.get("transferred_at")) != _filled(context.get("transferred_to")):
        missing = "transferred_to" if _filled(context.get("transferred_at")) else "transferred_at"
        yield Fault(missing, "移送的举报须写明移送时间和移送单位")


RULES: dict[Kind, tuple[Rule, ...]] = {
    Kind.INSPECTION_RECORD: (_one_part, _answered, _witnessed),
    Kind.ORDER_NOW: (
        _needs("problems", "没有隐患，不制作责令改正通知书"),
        _needs("ticked", "没有勾选违法行为，不制作责令立即改正通知书"),
        _ticked,
    ),
    Kind.ORDER_LIMIT: (_needs("problems", "没有隐患，不制作责令改正通知书"), _has_deadlines, _one_offence),
    Kind.RECHECK_RECORD: (
        _needs("results", "没有复查的隐患，不制作复查记录"),
        _concluded,
        _witnessed,
    ),
    Kind.SERVICE_RECEIPT: (
        _needs("documents", "没有送达的文书，不制作送达回证"),
        _served,
        _alone,
        _in_order("sending.sent_on", "served_at", "送达早于寄出、委托"),
        _in_order("electronic.consented_on", "served_at", "电子送达须事先经受送达人同意"),
        _in_order("served_at", "issued_on", "送达时间在以后"),
        _in_order("notice.on", "issued_on", "公告日期在以后"),
    ),
    Kind.SERVICE_CONSENT: (
        _needs("documents", "没有送达的文书，不签订电子送达确认书"),
        _consented,
        _in_order("consented_on", "issued_on", "确认书签发早于同意"),
    ),
    Kind.EXTENSION: (
        _needs("items", "没有申请延期的隐患，不制作延期审批表"),
        _granted,
        _in_order("deadline", "until", "批准的期限早于原期限"),
    ),
    Kind.REFERRAL: (_needs("hazards", "没有移送的隐患，不制作移送函"),),
    Kind.HAZARD_REPORT: (_needs("hazards", "没有严重威胁公共安全的隐患，不制作火灾隐患报告"),),
    Kind.PLEDGE: (
        _needs("terms", "没有责任条款，不签订责任书"),
        _in_order("since", "until", "责任期限止日早于起日"),
    ),
    Kind.COMPLAINT: (_checked, _moved_on, _in_order("received_at", "checked_at", "核查早于接到举报")),
}
