"""What the review page and the answer page show, put together from rows and findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.forms import BaseFormSet
from django.http import QueryDict
from django.utils.timezone import localdate

from filings import reading
from filings.actions import AWAITING, Objection
from filings.checks import DOUBT, RIGHT, WRONG, Found, examine
from filings.evidence import Behind, behind, evidence_of, with_series
from filings.forms import AnswerForm, RemarkForm, RemarkFormSet
from filings.models import Defect, Remark, Review
from filings.waiting import say, say_clocks, with_place, with_rounds
from hazards.models import Order
from inspections.models import Inspection
from records.models import Document, ReviewState
from stations.models import User

PREFIX = "remark"
Context = dict[str, Any]


@dataclass(frozen=True)
class Pinned:
    """A remark as shown: the words of its field stand beside it."""

    remark: Remark
    place: str


@dataclass(frozen=True)
class Round:
    """One round with its remarks, oldest first."""

    review: Review
    remarks: list[Pinned]


def document_of(user: User, queue: QuerySet[Document]) -> QuerySet[Document]:
    """The papers ``user`` may open, void ones too, each with all the review page needs from one query."""
    rows = (
        Document.objects.for_user(user)
        .exclude(review_state=ReviewState.EXEMPT)
        .select_related("station", "issued_by", "filing")
        .annotate(scan_count=Count("scans"))
    )
    return with_series(with_place(with_rounds(rows), queue))


def rounds_of(document: Document) -> list[Round]:
    """The rounds that are over; no query for a paper that was never decided."""
    if not document.decided:  # type: ignore[attr-defined] # from with_rounds
        return []
    names = reading.labels(document.kind, document.context)
    remarks = Prefetch("remarks", Remark.objects.select_related("defect"))
    reviews = Review.objects.filter(filing__document=document).select_related("reviewer", "answered_by")
    return [
        Round(row, [Pinned(remark, names.get(remark.field, "")) for remark in row.remarks.all()])
        for row in reviews.prefetch_related(remarks).order_by("round")
    ]


def review_context(document: Document, now: datetime, remarks: BaseFormSet[RemarkForm] | None) -> Context:
    """Everything on the review page but the frame."""
    source = behind(document)
    evidence, clock = evidence_of(document, source, localdate(now))
    found = examine(evidence)
    defects = list(Defect.objects.all())
    say([(document, clock)], [clock.due_on] if clock else [], now)
    counts = {level: sum(row.level == level for row in found) for level in (WRONG, DOUBT, RIGHT)}
    return {
        "document": document,
        "sections": reading.sections(document.kind, document.context),
        "findings": _pinned(found, {defect.code: defect for defect in defects}),
        "counts": counts,
        "rounds": rounds_of(document),
        "siblings": siblings(document, source),
        "remarks": remarks or remark_rows(document, defects),
        "waits": document.review_state in AWAITING and not document.is_void,
    }


def _pinned(found: list[Found], defects: dict[str, Defect]) -> list[Context]:
    """The findings with the article their defect rests on; those that can be adopted are counted."""
    rows: list[Context] = []
    for number, row in enumerate(found, start=1):
        defect = defects.get(row.defect)
        rows.append({"number": number, "found": row, "basis": defect.basis if defect else ""})
    return rows


def remark_rows(document: Document, defects: Sequence[Defect], data: QueryDict | None = None) -> Any:
    """The rows for remarks typed by hand."""
    names = [(key, label) for key, label in reading.labels(document.kind, document.context).items()]
    choices = {"defects": [(defect.pk, defect.name) for defect in defects], "fields_of_paper": names}
    return RemarkFormSet(data, prefix=PREFIX, form_kwargs=choices)


def adopted(document: Document, keys: Sequence[str], today: date) -> list[Objection]:
    """The findings chosen by their key, as remarks; one that no longer stands is passed over."""
    found = examine(evidence_of(document, behind(document), today)[0])
    chosen = [row for row in found if row.key in keys and row.level != RIGHT]
    defects = {defect.code: defect for defect in Defect.objects.filter(code__in=[row.defect for row in chosen])}
    return [Objection(defects[row.defect], row.remark[:300], row.field) for row in chosen]


def siblings(document: Document, source: Behind) -> list[Document]:
    """The other papers of the same visit, a referral's and a report's not among them: they are letters."""
    visit = source.inspection
    if visit is None:
        return []
    of_orders = Order.objects.filter(inspection=visit, document__isnull=False).values("document")
    same = Q(subject_type=Inspection._meta.label_lower, subject_id=visit.pk) | Q(pk__in=of_orders)
    return list(Document.objects.filter(same).exclude(pk=document.pk).order_by("pk"))


def answer_context(document: Document, rounds: list[Round], form: AnswerForm, now: datetime) -> Context:
    """The answer page: every round, and a field below each remark of the last one."""
    say_clocks([document], now)
    last = rounds[-1].remarks if form.remarks else []
    pairs = [(pinned, form[f"remark_{pinned.remark.pk}"]) for pinned in last]
    return {"document": document, "rounds": rounds, "form": form, "pairs": pairs}
