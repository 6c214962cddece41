"""The supervisor's queue and review page; the station's returned papers and its answers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST

from filings.actions import AWAITING, Objection, open_filing, pass_filing, refile, return_filing
from filings.evidence import behind
from filings.forms import AnswerForm, QueueFilter, ReturnedFilter
from filings.models import Defect
from filings.pages import adopted, answer_context, document_of, remark_rows, review_context, rounds_of
from filings.waiting import ORDER, papers, returned, say_clocks, waiting, with_rounds
from fire_supervision.lib.paging import page_of
from fire_supervision.lib.text import is_number
from records.models import Document, ReviewState
from stations import exports
from stations.http import OfficerRequest, requires
from stations.permissions import Can

HEADER = ["文书号", "种类", "单位", "派出所", "签发人", "签发日期", "审查", "轮次", "期限", "到期日"]


@requires(Can.VIEW_FILINGS)
def queue(request: OfficerRequest) -> HttpResponse:
    """Papers sent for review, the oldest first."""
    form = QueueFilter(request.GET, user=request.user)
    narrowed = form.narrow(papers(request.user), localdate())
    context = {"form": form, "of": waiting(request.user).count(), "nav_key": "filings"}
    return _list(request, narrowed, ORDER, "filings/queue_list.html", context, "备案审查")


@requires(Can.VIEW_FILINGS)
def returned_list(request: OfficerRequest) -> HttpResponse:
    """The papers that came back and wait for the station's answer."""
    form = ReturnedFilter(request.GET, user=request.user)
    context = {"form": form, "of": returned(request.user).count(), "nav_key": "returned"}
    narrowed = form.narrow(returned(request.user))
    return _list(request, narrowed, ("reviewed_on",), "filings/returned_list.html", context, "退回补正")


@requires(Can.VIEW_FILINGS)
def review(request: OfficerRequest, pk: int) -> HttpResponse:
    """One paper as it was issued, beside what a machine found in it and the decision."""
    document = _document(request, pk)
    decides = request.user.can(Can.REVIEW_FILINGS)
    waits = document.review_state in AWAITING and not document.is_void
    if decides and waits and not hasattr(document, "filing"):
        open_filing(document, request.user, timezone.now())
    return _review_page(request, document)


@requires(Can.REVIEW_FILINGS)
@require_POST
def passed(request: OfficerRequest, pk: int) -> HttpResponse:
    """The paper is in order."""
    document = _document(request, pk)
    pass_filing(document, request.user, round_=_round(request), at=timezone.now())
    messages.success(request, f"{document.number} 审查合格")
    return _next(request, document)


@requires(Can.REVIEW_FILINGS)
@require_POST
def sent_back(request: OfficerRequest, pk: int) -> HttpResponse:
    """Return the paper with the findings adopted and the remarks typed; without either, what was typed stays."""
    document = _document(request, pk)
    rows = remark_rows(document, list(Defect.objects.all()), request.POST)
    remarks = adopted(document, request.POST.getlist("adopt"), localdate())
    whole = rows.is_valid()
    remarks += [Objection(**row) for row in rows.cleaned_data if row.get("text")] if whole else []
    if not whole or not remarks:
        return _review_page(request, document, remarks=rows, adopted=request.POST.getlist("adopt"), status=422)
    return_filing(document, request.user, remarks, round_=_round(request), at=timezone.now())
    messages.success(request, f"{document.number} 已退回补正，{len(remarks)} 条意见")
    return _next(request, document)


@requires(Can.VIEW_FILINGS)
def answer(request: OfficerRequest, pk: int) -> HttpResponse:
    """What the supervisor wrote, and the form for the station's answer."""
    return _answer_page(request, _document(request, pk))


@requires(Can.ANSWER_FILINGS)
@require_POST
def refiled(request: OfficerRequest, pk: int) -> HttpResponse:
    """The station's answer; the paper goes back to the brigade."""
    document = _document(request, pk)
    rounds = rounds_of(document)
    form = AnswerForm(request.POST, remarks=[row.remark for row in rounds[-1].remarks] if rounds else [])
    if not form.is_valid():
        return _answer_page(request, document, form, status=422)
    said = form.cleaned_data["answer"]
    refile(document, request.user, round_=_round(request), answer=said, answers=form.answers, at=timezone.now())
    messages.success(request, f"{document.number} 已补正再报，等待消防救援大队审查")
    return redirect("filings:returned")


def _document(request: OfficerRequest, pk: int) -> Document:
    """The paper, placed in the queue as the supervisor has filtered it."""
    queue = QueueFilter(request.GET, user=request.user).narrow(waiting(request.user), localdate())
    return get_object_or_404(document_of(request.user, queue), pk=pk)


def _round(request: OfficerRequest) -> int:
    """The round of the page that was sent; a page without one decides nothing."""
    sent = request.POST.get("round", "")
    return int(sent) if is_number(sent) else 0


def _next(request: OfficerRequest, document: Document) -> HttpResponse:
    """On to the next paper of the same filtered queue, back to the list after the last one."""
    pk = document.next_pk or document.previous_pk  # type: ignore[attr-defined] # annotated
    address = reverse("filings:review", args=[pk]) if pk else reverse("filings:queue")
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def _review_page(request: OfficerRequest, document: Document, *, status: int = 200, **typed: Any) -> HttpResponse:
    context = review_context(document, timezone.now(), typed.get("remarks"))
    decides = context["waits"] and request.user.can(Can.REVIEW_FILINGS)
    context |= {"adopted": typed.get("adopted", []), "refused": status == 422, "decides": decides}
    context |= {"nav_key": "filings", "query": request.GET.urlencode()}
    return render(request, "filings/review_detail.html", context, status=status)


def _answer_page(
    request: OfficerRequest, document: Document, form: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    rounds = rounds_of(document)
    open_ = document.review_state == ReviewState.RETURNED and not document.is_void
    open_ = open_ and request.user.can(Can.ANSWER_FILINGS)
    form = form or AnswerForm(remarks=[row.remark for row in rounds[-1].remarks] if open_ and rounds else [])
    context = answer_context(document, rounds, form, timezone.now())
    context |= {"answering": open_, "nav_key": "returned", "void_visit": _void_visit(request, document, open_)}
    return render(request, "filings/answer_form.html", context, status=status)


def _void_visit(request: OfficerRequest, document: Document, answering: bool) -> int | None:
    """The visit whose papers the chief may void and issue anew; what is printed wrong cannot be answered away."""
    if not answering or not request.user.can(Can.VOID_PAPERS):
        return None
    visit = behind(document).inspection
    return visit.pk if visit else None


def _list(
    request: OfficerRequest,
    narrowed: QuerySet[Document],
    order: tuple[str, ...],
    template: str,
    context: dict[str, Any],
    name: str,
) -> HttpResponse:
    """A list of papers with their clocks, or the same rows as a workbook."""
    now = timezone.now()
    rows = with_rounds(narrowed.defer("context").select_related("station", "issued_by"))
    may_export = request.user.can(Can.EXPORT)
    if request.GET.get("export"):
        cells = _exported(rows.order_by(*order, "pk"), now)
        return exports.table(request, f"{name} {localdate(now)}.xlsx", name, HEADER, cells)
    page = page_of(rows, order, request.GET.get("cursor", ""))
    say_clocks(page.rows, now)
    return render(request, template, context | {"page": page, "export": may_export, "query": request.GET.urlencode()})


def _exported(rows: QuerySet[Any], now: datetime) -> Iterator[list[Any]]:
    for chunk in Paginator(rows, 500):
        found = list(chunk.object_list)
        say_clocks(found, now)
        for row in found:
            yield [
                row.number, row.title, row.unit_name, row.station.name, row.issued_by.name, row.issued_on,
                row.get_review_state_display(), row.decided + 1, row.clock_words, row.due_on,
            ]  # fmt: skip
