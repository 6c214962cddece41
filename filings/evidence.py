"""What the rows behind a paper say: gathered for `checks`, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from deadlines.models import Clock
from filings.checks import DUTY_DEFECTS, Duty, Evidence, HazardFact
from filings.waiting import clock_key
from hazards.models import Disposition, Hazard, Order
from inspections.models import Inspection, Photo, State
from records.models import Document

# How far back a record is compared with others of its station; our own choice.
LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Behind:
    """The visit and the order a paper stands for; an order from before the system has no visit."""

    inspection: Inspection | None = None
    order: Order | None = None
    photos: int = 0
    repeated_photos: int = 0

    @property
    def hazards(self) -> QuerySet[Hazard]:
        if self.order is not None:
            return self.order.hazards.all()
        return Hazard.objects.filter(inspection=self.inspection) if self.inspection else Hazard.objects.none()

    def duty_keys(self, hazards: Iterable[Hazard]) -> list[str]:
        """The keys of the clocks that belong to the paper."""
        if self.order is not None:
            deadlines = sorted({hazard.deadline for hazard in hazards if hazard.deadline})
            return [f"serve:{self.order.pk}", *(f"recheck:{self.order.pk}:{day.isoformat()}" for day in deadlines)]
        return [f"refer:{self.inspection.pk}", f"report:{self.inspection.pk}"] if self.inspection else []


def behind(document: Document) -> Behind:
    """What ``document`` stands for: one query."""
    if document.subject_type == Inspection._meta.label_lower:
        visits: QuerySet[Any] = Inspection.objects.filter(pk=document.subject_id)
        visit = visits.annotate(**_photos_of("pk")).first()
        return Behind(visit, None, visit.photo_count, visit.repeated_photos) if visit else Behind()
    orders: QuerySet[Any] = Order.objects.filter(document=document).select_related("inspection")
    order = orders.annotate(**_photos_of("inspection")).first()
    return Behind(order.inspection, order, order.photo_count, order.repeated_photos) if order else Behind()


def evidence_of(document: Document, found: Behind, today: date) -> tuple[Evidence, Clock | None]:
    """What `checks.examine` wants to know of ``document`` (from `pages.document_of`), and its own clock."""
    hazards = list(_with_copies(found.hazards).select_related("hazard_type", "finding").order_by("position", "pk"))
    own = clock_key(document)
    keys = [own, *found.duty_keys(hazards)]
    clocks = list(Clock.objects.filter(key__in=keys).select_related("rule").order_by("due_on", "pk"))
    evidence = Evidence(
        kind=document.kind,
        context=document.context,
        today=today,
        showed_id=found.inspection.showed_id if found.inspection else None,
        ink=bool(found.inspection and found.inspection.ink),
        scans=document.scan_count,  # type: ignore[attr-defined] # annotated
        photos=found.photos,
        repeated_photos=found.repeated_photos,
        number_follows=document.number_follows,  # type: ignore[attr-defined] # annotated
        hazards=[_fact(hazard, number) for number, hazard in enumerate(hazards, start=1)],
        duties=[_duty(clock) for clock in clocks if clock.rule_code in DUTY_DEFECTS],
    )
    return evidence, next((clock for clock in clocks if clock.key == own), None)


def with_series(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Each paper with ``number_follows``: the number before it is known, or it is the first of its series."""
    series = Document.objects.filter(
        station=OuterRef("station"), kind=OuterRef("kind"), year=OuterRef("year"), sequence__lt=OuterRef("sequence")
    )
    before = series.filter(sequence=OuterRef("sequence") - 1)
    return documents.annotate(number_follows=Exists(before) | ~Exists(series))


def _with_copies(hazards: QuerySet[Hazard]) -> QuerySet[Hazard]:
    """Each hazard with ``copied_from``, another unit of the station with the same words at the same place lately."""
    same = Hazard.objects.filter(
        station=OuterRef("station"), hazard_type=OuterRef("hazard_type"), place=OuterRef("place"),
        wording=OuterRef("wording"), found_on__lte=OuterRef("found_on"), found_on__gte=OuterRef("found_on") - LOOK_BACK,
    ).exclude(unit=OuterRef("unit")).exclude(place="")  # fmt: skip
    return hazards.annotate(copied_from=Subquery(same.order_by("-found_on", "-pk").values("unit__name")[:1]))


def _photos_of(visit: str) -> dict[str, Coalesce]:
    """``photo_count`` of the visit in column ``visit``; ``repeated_photos`` of them served another visit lately."""
    photos = Photo.objects.filter(inspection=OuterRef(visit)).order_by().values("inspection")
    elsewhere = Photo.objects.filter(
        sha256=OuterRef("sha256"), inspection__station=OuterRef("inspection__station"),
        inspection__state=State.SUBMITTED, inspection__visited_on__gte=OuterRef("inspection__visited_on") - LOOK_BACK,
    ).exclude(inspection=OuterRef("inspection"))  # fmt: skip
    again = photos.filter(Exists(elsewhere))
    return {
        "photo_count": Coalesce(Subquery(photos.annotate(n=Count("pk")).values("n")), 0),
        "repeated_photos": Coalesce(Subquery(again.annotate(n=Count("pk")).values("n")), 0),
    }


def _fact(hazard: Hazard, number: int) -> HazardFact:
    """``number`` runs over the paper; on an order it is the printed number of the problem."""
    finding = hazard.finding
    days = (hazard.deadline - hazard.found_on).days if hazard.deadline else 0
    return HazardFact(
        no=number,
        place=hazard.place,
        quantity=finding.quantity if finding else "",
        wording=hazard.wording,
        category=hazard.hazard_type.category,
        limit=hazard.disposition == Disposition.ORDER_LIMIT,
        # What was asked for; the printed date may lie later, when it fell on a rest day.
        days=finding.days if finding else days,
        usual_days=hazard.hazard_type.days,
        violates=hazard.violates,
        usual_violates=hazard.hazard_type.violates,
        copied_from=getattr(hazard, "copied_from", None) or "",
    )


def _duty(clock: Clock) -> Duty:
    return Duty(clock.rule_code, clock.rule.name, clock.due_on, clock.met_on, clock.state)
