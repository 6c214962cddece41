"""The brigade opens, passes or returns a paper; the station answers and files it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime

from deadlines.actions import meet_clock, start_clock
from filings.models import Defect, Filing, Remark, Result, Review
from filings.monthly import acknowledge, hand_in, open_month
from fire_supervision.lib.errors import RuleError
from hazards.people import receivers_of
from records.actions import mark_reviewed
from records.models import Document, ReviewState, State
from stations.messages import send
from stations.models import Guidance, User
from trail.record import record

__all__ = [
    "AWAITING",
    "Objection",
    "acknowledge",
    "hand_in",
    "open_filing",
    "open_month",
    "pass_filing",
    "refile",
    "return_filing",
    "round_of",
]

AWAITING = (ReviewState.PENDING, ReviewState.REFILED)
ANSWERED_EACH = "已按意见逐条补正。"


@dataclass(frozen=True)
class Objection:
    """One remark a supervisor is about to make; ``field`` is the key of the paper's field, empty for the whole."""

    defect: Defect
    text: str
    field: str = ""


@transaction.atomic
def open_filing(document: Document, actor: User, at: datetime) -> Filing:
    """The brigade takes the paper in hand; a second opening returns the first."""
    filing, opened = Filing.objects.get_or_create(
        document=document, defaults={**document.scope_columns(), "opened_by": actor, "opened_at": at}
    )
    if opened:
        record(actor, "filings.open", filing, f"开始审查 {document.number}", after={"document": document.pk})
    return filing


@transaction.atomic
def pass_filing(document: Document, actor: User, *, round_: int, at: datetime) -> Review:
    """The paper is 合格 in ``round_``, the round the supervisor had before him. RuleError when another was first."""
    document, review = _decide(document, actor, Result.PASSED, round_, at)
    record(actor, "filings.pass", review.filing, f"{document.number} 备案审查合格", after={"round": round_})
    return review


@transaction.atomic
def return_filing(
    document: Document, actor: User, remarks: Sequence[Objection], *, round_: int, at: datetime
) -> Review:
    """The paper goes back with at least one remark, and the officer who issued it has a clock to answer."""
    if not remarks:
        raise RuleError("退回补正至少要写一条意见", remedy="写明哪一栏、什么问题、怎样补正，再退回。")
    document, review = _decide(document, actor, Result.RETURNED, round_, at)
    Remark.objects.bulk_create(
        Remark(review=review, defect=remark.defect, field=remark.field, text=remark.text) for remark in remarks
    )
    owner = document.issued_by
    url, look_url = (reverse(page, args=[document.pk]) for page in ("filings:answer", "records:document"))
    clock = start_clock(
        "FILING_FIX", key=f"fix:{document.pk}:{round_}", subject=document, label=f"补正 {document.title}",
        detail=f"{document.unit_name}，{document.number}，{len(remarks)} 条意见", url=url, look_url=look_url,
        scope=document, unit_id=document.unit_id, owner=owner if owner.scope().covers(document) else None,
        started_on=_day(at),
    )  # fmt: skip
    send(
        owner, about=document, else_chiefs=True, key=f"filing-returned:{document.pk}:{round_}",
        title=f"{document.number} 退回补正",
        body=f"{document.unit_name}：{remarks[0].text}，共 {len(remarks)} 条，{clock.due_on} 前补正"[:300], url=url,
    )  # fmt: skip
    told = [{"defect": remark.defect.code, "field": remark.field, "text": remark.text} for remark in remarks]
    summary = f"{document.number} 退回补正，{len(remarks)} 条意见"
    record(actor, "filings.return", review.filing, summary, after={"round": round_, "remarks": told})
    return review


@transaction.atomic
def refile(
    document: Document, actor: User, *, round_: int, answer: str, answers: Mapping[int, str], at: datetime
) -> Review:
    """The station answers round ``round_``, as a whole or remark by remark (by id), and files the paper again."""
    document = Document.objects.select_for_update().get(pk=document.pk)
    review = _returned(document, round_)
    remarks = list(review.remarks.all())
    for remark in remarks:
        remark.answer = answers.get(remark.pk, "")
    if not answer and not all(remark.answer for remark in remarks):
        raise RuleError("还有意见没有回复", remedy="逐条写明怎样补正，或者写一段总的补正说明。")
    Remark.objects.bulk_update(remarks, ["answer"])
    review.answer, review.answered_by, review.answered_at = answer or ANSWERED_EACH, actor, at
    review.save(update_fields=["answer", "answered_by", "answered_at"])
    mark_reviewed(document, ReviewState.REFILED, _day(at), actor)
    meet_clock(f"fix:{document.pk}:{round_}", _day(at))
    _ask_again(document, review, _day(at))
    record(actor, "filings.refile", review.filing, f"{document.number} 补正后再报", after={"round": round_ + 1})
    return review


def round_of(document: Document) -> int:
    """The round a waiting paper stands in, counted from 1."""
    return Review.objects.filter(filing__document=document).count() + 1


def _decide(document: Document, actor: User, result: Result, round_: int, at: datetime) -> tuple[Document, Review]:
    """Write the decision of one round; the lock on the paper lets one supervisor decide and tells the other."""
    document = Document.objects.select_for_update().get(pk=document.pk)
    if document.state == State.VOID:
        raise RuleError(f"{document.number} 已作废，不再审查", remedy="作废的文书留号留档；重出的文书另行送审。")
    if document.review_state not in AWAITING or round_ != round_of(document):
        raise RuleError(_who_was_first(document), remedy="返回列表，审查下一件。")
    filing = open_filing(document, actor, at)
    review = Review.objects.create(filing=filing, round=round_, reviewer=actor, result=result, decided_at=at)
    state = ReviewState.PASSED if result == Result.PASSED else ReviewState.RETURNED
    mark_reviewed(document, state, _day(at), actor)
    meet_clock(f"review:{document.pk}:{round_}", _day(at))
    return document, review


def _who_was_first(document: Document) -> str:
    last = Review.objects.filter(filing__document=document).select_related("reviewer").last()
    if last is None:
        return f"{document.number} {document.get_review_state_display()}，不能再审查"
    decided = f"{localtime(last.decided_at):%Y-%m-%d %H:%M}"
    return f"{document.number} 已由{last.reviewer.name}于 {decided} 审查：{last.get_result_display()}"


def _returned(document: Document, round_: int) -> Review:
    """The returned round that waits for an answer; RuleError when it was answered or the paper is void."""
    if document.state == State.VOID:
        raise RuleError(f"{document.number} 已作废，不用补正", remedy="重出的文书另行送审。")
    review = Review.objects.select_related("filing", "answered_by").filter(
        filing__document=document, round=round_, result=Result.RETURNED
    ).first()  # fmt: skip
    if review is None:
        raise RuleError(f"{document.number} 没有退回补正")
    if document.review_state != ReviewState.RETURNED or review.answered_at is not None:
        by = f"已由{review.answered_by.name}补正再报" if review.answered_by else document.get_review_state_display()
        raise RuleError(f"{document.number} {by}", remedy="等待消防救援大队再次审查。")
    return review


def _ask_again(document: Document, review: Review, on: date) -> None:
    """Start the next round's clock and tell whoever guides the station today."""
    guidance = Guidance.objects.filter(station_id=document.station_id).select_related("supervisor").first()
    supervisor = guidance.supervisor if guidance else None
    next_round = review.round + 1
    url, look_url = (reverse(page, args=[document.pk]) for page in ("filings:review", "records:document"))
    start_clock(
        "FILING_REVIEW", key=f"review:{document.pk}:{next_round}", subject=document,
        label=f"第 {next_round} 次审查 {document.title}", detail=f"{document.unit_name}，{document.number}", url=url,
        look_url=look_url, scope=document, unit_id=document.unit_id, owner=supervisor, started_on=on,
    )  # fmt: skip
    for person in receivers_of(document.station):
        send(
            person, about=document, key=f"filing-refiled:{document.pk}:{next_round}",
            title=f"{document.number} 已补正再报", body=f"{document.unit_name}：{review.answer}"[:300], url=url,
        )  # fmt: skip


def _day(at: datetime) -> date:
    return localtime(at).date()
