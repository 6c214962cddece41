"""What goes into a volume and in which order (公消〔2012〕336号; the order of 一户一档: domain §7.9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet, TextChoices
from django.db.models.fields.files import FieldFile
from django.utils.timezone import localdate, localtime

from hazards.models import (
    AfterPhoto,
    Dispatch,
    Extension,
    Order,
    Referral,
    ReferralState,
    Reinspection,
    Reissue,
    Report,
    Service,
)
from inspections.models import Complaint, Inspection, Photo
from records.models import Copy, Document, DocumentFile, DocumentQuerySet, Kind, Scan
from stations.models import User
from stations.permissions import Can
from units.models import Unit


class Section(TextChoices):
    """The parts of a volume as they follow each other; a part without anything in it is left out."""

    FACTS = "FACTS", "单位基本情况"
    PLEDGES = "PLEDGES", "消防安全责任书"
    VISITS = "VISITS", "检查记录"
    ORDERS = "ORDERS", "责令改正通知书和送达回证"
    RECHECKS = "RECHECKS", "复查记录"
    REFERRALS = "REFERRALS", "移送、报告和回执"
    COMPLAINTS = "COMPLAINTS", "举报"
    RESULTS = "RESULTS", "处罚反馈"
    VOID = "VOID", "附录：不再有效的文书"
    REMARKS = "REMARKS", "卷内备考表"


# Where a paper stands. None: it is about a station, not about a unit.
SECTION_OF: dict[Kind, Section | None] = {
    Kind.PLEDGE: Section.PLEDGES,
    Kind.INSPECTION_RECORD: Section.VISITS,
    Kind.ORDER_NOW: Section.ORDERS,
    Kind.ORDER_LIMIT: Section.ORDERS,
    Kind.SERVICE_RECEIPT: Section.ORDERS,
    Kind.SERVICE_CONSENT: Section.ORDERS,
    Kind.EXTENSION: Section.ORDERS,
    Kind.RECHECK_RECORD: Section.RECHECKS,
    Kind.REFERRAL: Section.REFERRALS,
    Kind.HAZARD_REPORT: Section.REFERRALS,
    Kind.COMPLAINT: Section.COMPLAINTS,
    Kind.COMPLAINT_REPLY: Section.COMPLAINTS,
    Kind.BULLETIN: None,
}
# What follows a notice, in the order of the procedure.
AFTER_NOTICE = {Kind.SERVICE_RECEIPT: 1, Kind.SERVICE_CONSENT: 2, Kind.EXTENSION: 3}


@dataclass(frozen=True)
class Paper:
    """The frozen archive copy, bound only while its bytes are those that were issued."""

    document: Document


@dataclass(frozen=True)
class Ink:
    """A scan of a paper that was signed in ink."""

    scan: Scan


@dataclass(frozen=True)
class Shot:
    file: FieldFile
    caption: str


@dataclass(frozen=True)
class Shots:
    """Photographs, six a sheet."""

    shots: Sequence[Shot]


@dataclass(frozen=True)
class Sheet:
    """A page that is written for the volume: template and values."""

    name: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """The unit as the ledger has it, with what it looked like at the latest visit."""

    unit: Unit
    on: date
    shots: Sequence[Shot]


@dataclass(frozen=True)
class Entry:
    """One line of the table of contents."""

    section: Section
    title: str
    number: str
    on: date | None
    content: Paper | Ink | Shots | Facts | Sheet
    # Of a paper that is valid no more and of its scans: 已作废 or 被取代, for the corner of each page.
    state: str = ""


@dataclass(frozen=True)
class Subject:
    """A unit, or one case of it: which rows of each room belong to it, already within reach of whoever asked."""

    unit: Unit
    papers: DocumentQuerySet
    visits: QuerySet[Inspection]
    orders: QuerySet[Order]
    referrals: QuerySet[Referral]
    complaints: QuerySet[Complaint]


def of_unit(unit: Unit, user: User) -> Subject:
    complaints = _complaints(user).filter(unit=unit)
    # The papers of a complaint do not stand under the number of the unit: its page is open to more people.
    of_complaints = Q(subject_type=Complaint._meta.label_lower, subject_id__in=complaints.values("pk"))
    return Subject(
        unit=unit,
        papers=Document.objects.for_user(user).filter(Q(unit_id=unit.pk) | of_complaints),
        visits=Inspection.objects.for_user(user).done().filter(unit=unit),
        orders=Order.objects.for_user(user).filter(unit=unit),
        referrals=Referral.objects.for_user(user).filter(unit=unit),
        complaints=complaints,
    )


def of_case(inspection: Inspection, user: User) -> Subject:
    """One inspection, those it corrects, and everything their notices led to."""
    chain = [inspection.pk]
    while old := Reissue.objects.filter(new_id=chain[-1]).values_list("old_id", flat=True).first():
        chain.append(old)
    orders = Order.objects.for_user(user).filter(inspection__in=chain)
    referrals = Referral.objects.for_user(user).filter(hazards__inspection__in=chain).distinct()
    complaints = _complaints(user).filter(inspection__in=chain)
    about: list[tuple[type[Model], Any]] = [
        (Inspection, chain),
        (Order, orders.values("pk")),
        (Service, Service.objects.filter(order__in=orders).values("pk")),
        (Dispatch, Dispatch.objects.filter(order__in=orders).values("pk")),
        (Extension, Extension.objects.filter(order__in=orders).values("pk")),
        (Reinspection, Reinspection.objects.filter(order__in=orders).values("pk")),
        (Referral, referrals.order_by().values("pk")),
        (Report, Report.objects.filter(inspection__in=chain).values("pk")),
        (Complaint, complaints.values("pk")),
    ]
    wanted = Q(pk__in=[])
    for model, ids in about:
        wanted |= Q(subject_type=model._meta.label_lower, subject_id__in=ids)
    return Subject(
        unit=inspection.unit,
        papers=Document.objects.for_user(user).filter(wanted),
        visits=Inspection.objects.for_user(user).done().filter(pk__in=chain),
        orders=orders,
        referrals=referrals,
        complaints=complaints,
    )


def _complaints(user: User) -> QuerySet[Complaint]:
    visible = Complaint.objects.for_user(user)
    return visible if user.can(Can.VIEW_COMPLAINTS) else visible.none()


def entries_of(subject: Subject, on: date) -> list[Entry]:
    """The lines of the volume as of ``on``, all but the closing sheet: parts in their order, papers by date."""
    papers = list(subject.papers.defer("context").prefetch_related("scans").order_by("issued_on", "pk"))
    bound = [paper for paper in papers if SECTION_OF[Kind(paper.kind)] is not None]
    valid = [paper for paper in bound if not paper.is_void]
    photos = _Photos(subject)
    found = [Entry(Section.FACTS, "单位基本情况表", "", on, Facts(subject.unit, on, photos.latest))]
    for section in Section:
        here = [paper for paper in valid if SECTION_OF[Kind(paper.kind)] == section]
        found += _with_what_follows(_in_order(here, subject) if section == Section.ORDERS else here, section, photos)
        found += photos.left_of(section)
    found += _complaint_extract(subject)
    found += _result_sheet(subject)
    found += _with_what_follows([paper for paper in bound if paper.is_void], Section.VOID, None)
    places = list(Section)
    return sorted(found, key=lambda entry: places.index(entry.section))


def _with_what_follows(papers: Iterable[Document], section: Section, photos: _Photos | None) -> Iterator[Entry]:
    for paper in papers:
        state = paper.status if paper.is_void else ""
        void = f"（{state}）" if state else ""
        yield Entry(section, f"{paper.title}{void}", paper.number, paper.issued_on, Paper(paper), state)
        for scan in paper.scans.all():
            title = f"{paper.title}{paper.scan_word}{void}"
            yield Entry(section, title, paper.number, localdate(scan.uploaded_at), Ink(scan), state)
        if photos is not None:
            yield from photos.of(section, paper.subject_type, paper.subject_id)


def _in_order(papers: list[Document], subject: Subject) -> list[Document]:
    """Each notice with what was served and granted on it; a paper of no notice stands by its own date."""
    orders = {row.pk: row for row in subject.orders}
    order_of = {(Order._meta.label_lower, pk): pk for pk in orders}
    for model in (Service, Dispatch, Extension):
        rows = model._default_manager.filter(order__in=orders).values_list("pk", "order_id")
        order_of |= {(model._meta.label_lower, pk): order_id for pk, order_id in rows}

    def place(paper: Document) -> tuple[date, int, int, date, int]:
        order = orders.get(order_of.get((paper.subject_type, paper.subject_id), 0))
        begun = (order.issued_on, order.pk) if order else (paper.issued_on, 0)
        return (*begun, AFTER_NOTICE.get(Kind(paper.kind), 0), paper.issued_on, paper.pk)

    return sorted(papers, key=place)


class _Photos:
    """The photographs of the visits, to be bound after the record they belong to."""

    def __init__(self, subject: Subject) -> None:
        self._left: dict[tuple[Section, str, int], Entry] = {}
        rows = Photo.objects.filter(inspection__in=subject.visits).select_related("item", "inspection", "uploaded_by")
        shots: dict[Inspection, list[Shot]] = defaultdict(list)
        for photo in rows.order_by("inspection__visited_on", "inspection_id", "pk"):
            what = photo.item.text if photo.item else "现场"
            when = localtime(photo.taken_at).strftime("%Y-%m-%d %H:%M")
            shots[photo.inspection].append(Shot(photo.file, f"{what}，{when}，{photo.uploaded_by.name}摄"))
        self.latest: list[Shot] = list(shots.values())[-1] if shots else []
        for visit, taken in shots.items():
            self._keep(Section.VISITS, visit, "检查现场照片", visit.visited_on, taken)
        self._after(subject)

    def _after(self, subject: Subject) -> None:
        rows = AfterPhoto.objects.filter(reinspection__order__in=subject.orders)
        rows = rows.select_related("hazard", "reinspection", "uploaded_by").order_by("reinspection_id", "pk")
        shots: dict[Reinspection, list[Shot]] = defaultdict(list)
        for photo in rows:
            when = localtime(photo.uploaded_at).strftime("%Y-%m-%d %H:%M")
            caption = f"{photo.hazard.wording}，{when}，{photo.uploaded_by.name}摄"
            shots[photo.reinspection].append(Shot(photo.file, caption))
        for visit, taken in shots.items():
            self._keep(Section.RECHECKS, visit, f"第{visit.number}次复查照片", visit.done_on, taken)

    def _keep(self, section: Section, row: Model, title: str, on: date | None, taken: list[Shot]) -> None:
        entry = Entry(section, f"{title}（{len(taken)} 张）", "", on, Shots(taken))
        self._left[section, row._meta.label_lower, row.pk] = entry

    def of(self, section: Section, subject_type: str, subject_id: int) -> Iterator[Entry]:
        """Those of one visit, once."""
        entry = self._left.pop((section, subject_type, subject_id), None)
        if entry is not None:
            yield entry

    def left_of(self, section: Section) -> list[Entry]:
        """Those of a part whose record is no paper of ours: 存量."""
        keys = [key for key in self._left if key[0] == section]
        return [self._left.pop(key) for key in keys]


def _complaint_extract(subject: Subject) -> Iterator[Entry]:
    """Complaints without a paper: those not dealt with yet, and those from before there were papers of them."""
    written = subject.papers.valid().filter(kind=Kind.COMPLAINT).values_list("subject_id", flat=True)
    rows = list(subject.complaints.exclude(pk__in=list(written)).order_by("received_at", "pk"))
    if rows:
        values = {"complaints": rows, "unit_name": subject.unit.name}
        last = localdate(rows[-1].received_at)
        yield Entry(Section.COMPLAINTS, f"举报登记摘录（{len(rows)} 件）", "", last, Sheet("complaints", values))


def _result_sheet(subject: Subject) -> Iterator[Entry]:
    rows = list(subject.referrals.filter(state=ReferralState.ANSWERED).order_by("result_on", "pk"))
    if rows:
        values = {"referrals": rows, "unit_name": subject.unit.name}
        yield Entry(Section.RESULTS, f"处罚反馈（{len(rows)} 件）", "", rows[-1].result_on, Sheet("results", values))


def archive_copies(papers: Iterable[Document]) -> dict[int, DocumentFile]:
    """The archive copy of each paper that was printed."""
    rows = DocumentFile.objects.filter(document__in=[paper.pk for paper in papers], copy=Copy.ARCHIVE)
    return {row.document_id: row for row in rows}
