"""Which rows each address is measured with: one of every state and kind a person reaches, and the busiest ones."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, QuerySet

from assessments.models import Indicator
from assessments.quarters import Quarter
from deadlines.models import Clock
from filings.models import MonthlyReport
from filings.month import Month
from filings.waiting import papers, waiting
from hazards.lateness import has_late
from hazards.models import (
    AfterPhoto,
    Dispatch,
    Extension,
    Hazard,
    Method,
    Order,
    OrderState,
    Referral,
    ReferralState,
    Reinspection,
)
from inspections.models import Complaint, Finding, HazardType, Inspection, Photo, State
from records.models import Bundle, Copy, Document, Scan, Seal
from stations.models import Guidance, Message, Organisation, OrganisationKind, User
from trail.models import Alarm, AuditEntry
from units.models import ImportBatch, Pledge, Unit

Arguments = Iterable[dict[str, Any]]


def one_of_each(rows: QuerySet[Any], *fields: str) -> list[Any]:
    """The newest row of each value of ``fields``."""
    newest = {tuple(values): pk for pk, *values in rows.order_by("pk").values_list("pk", *fields)}
    return list(rows.filter(pk__in=newest.values()))


def clocks(user: User) -> Arguments:
    return pks(one_of_each(Clock.objects.for_user(user), "rule_code", "state"))


def pks(rows: Iterable[Any]) -> Arguments:
    return [{"pk": row.pk} for row in rows]


def busiest(rows: QuerySet[Any], relation: str) -> list[Any]:
    return list(rows.annotate(relations=Count(relation, distinct=True)).order_by("-relations", "pk")[:1])


def units(user: User) -> Arguments:
    rows = Unit.objects.for_user(user)
    return pks([*one_of_each(rows, "kind", "state"), *busiest(rows, "inspections"), *busiest(rows, "hazards")])


def inspections(user: User) -> Arguments:
    rows = Inspection.objects.for_user(user)
    return pks([*one_of_each(rows, "state"), *busiest(rows, "findings"), *busiest(rows, "photos")])


def complaints(user: User) -> Arguments:
    return pks(one_of_each(Complaint.objects.for_user(user), "state", "category"))


def drafts(user: User) -> list[Inspection]:
    return busiest(Inspection.objects.for_user(user).filter(state=State.DRAFT, lead=user), "findings")


def rows_of_drafts(user: User) -> Arguments:
    findings = Finding.objects.filter(inspection__in=drafts(user))
    return [{"pk": row.inspection_id, "item_id": row.item_id} for row in findings[:2]]


def findings(user: User) -> Arguments:
    rows = Finding.objects.filter(inspection__in=drafts(user)).select_related("hazard_type")
    return [{"pk": row.inspection_id, "finding_id": row.pk} for row in rows[:2]]


def periods(user: User) -> Arguments:
    rows = Finding.objects.filter(inspection__in=drafts(user)).select_related("hazard_type")
    return [{"pk": row.inspection_id, "code": row.hazard_type.code} for row in rows[:2]]


def documents(user: User) -> Arguments:
    rows = Document.objects.for_user(user)
    return pks([*one_of_each(rows, "kind", "state", "review_state"), *busiest(rows, "scans")])


def reissued(user: User) -> Arguments:
    """A letter nobody received yet, and a receipt that was handed over and that no letter encloses."""
    letters = Referral.objects.for_user(user).filter(state=ReferralState.SENT, document__isnull=False)
    served = Order.objects.for_user(user).filter(service__method=Method.DIRECT, service__document__state="ISSUED")
    receipts = served.exclude(hazards__referrals__isnull=False)
    found = [*letters.values_list("document", flat=True)[:1], *receipts.values_list("service__document", flat=True)[:1]]
    return [{"pk": pk} for pk in found]


def reviewed(user: User) -> Arguments:
    return pks([*one_of_each(papers(user), "kind", "review_state"), *waiting(user).order_by("issued_on")[:1]])


def months(user: User, **more: str) -> Arguments:
    """The running month and the one before of a station."""
    from django.utils.timezone import localdate

    now = Month.of(localdate())
    stations = Organisation.objects.for_user(user).stations()[:1]
    found = [(station, month) for station in stations for month in (now, now.previous)]
    return [{"pk": station.pk, "year": month.year, "number": month.number, **more} for station, month in found]


def hazards(user: User) -> Arguments:
    rows = Hazard.objects.for_user(user)
    found = [*one_of_each(rows, "state", "disposition"), *busiest(rows, "outcomes"), *busiest(rows, "referrals")]
    return pks([*found, *busiest(rows, "after_photos")])


def orders(user: User) -> Arguments:
    rows = Order.objects.for_user(user)
    return pks([*one_of_each(rows, "state", "mode"), *busiest(rows, "hazards"), *busiest(rows, "reinspections")])


def late_orders(user: User) -> QuerySet[Order]:
    """Of visits another authority has something of in hand."""
    served = Order.objects.for_user(user).filter(state=OrderState.SERVED, inspection__hazards__referrals__isnull=False)
    return served.select_related("service").distinct()


def reinspections(user: User) -> Arguments:
    rows = Reinspection.objects.for_user(user)
    return pks([*one_of_each(rows, "early"), *one_of_each(rows.filter(done_on__isnull=True), "early")])


def quarters(_user: User) -> list[Quarter]:
    from django.utils.timezone import localdate

    current = Quarter.of(localdate())
    return [current, current.previous]


def scores(user: User) -> list[dict[str, Any]]:
    stations = Organisation.objects.stations().for_user(user).order_by("pk")[:2]
    return [
        {"year": quarter.year, "number": quarter.number, "pk": station.pk}
        for quarter in quarters(user)
        for station in stations
    ]


def seals(user: User) -> Arguments:
    return [{"pk": row.organisation_id, "seal_pk": row.pk} for row in Seal.objects.for_user(user)[:1]]


def score_records(user: User) -> Arguments:
    codes = Indicator.objects.values_list("code", flat=True).distinct()
    return [found | {"code": code} for found in scores(user)[:1] for code in codes]


def files(user: User) -> Arguments:
    rows = Document.objects.for_user(user).filter(files__isnull=False)[:1]
    return [{"pk": row.pk, "copy": copy} for row in rows for copy in Copy.values]


def scans(user: User) -> Arguments:
    rows = Scan.objects.filter(document__in=Document.objects.for_user(user))
    return [{"pk": row.document_id, "scan_pk": row.pk} for row in rows[:1]]


def photos(user: User) -> Arguments:
    rows = Photo.objects.filter(inspection__in=Inspection.objects.for_user(user))
    return [{"pk": row.inspection_id, "photo_id": row.pk} for row in rows[:1]]


def people(user: User) -> Arguments:
    return pks(one_of_each(User.objects.managed_by(user), "role"))


def handed(user: User) -> Arguments:
    """Those whose caseload a chief may hand over, the one with the most units among them."""
    rows = User.objects.filter(pk__in=Unit.objects.for_user(user).open().values("officer"))
    return pks([*one_of_each(rows, "role"), *busiest(rows, "units")])


def referrals(user: User) -> Arguments:
    rows = Referral.objects.for_user(user)
    return pks([*one_of_each(rows, "state", "target"), *busiest(rows, "hazards")])


def organisations(user: User) -> Arguments:
    return pks(one_of_each(Organisation.objects.managed_by(user), "kind"))


def patterns(user: User) -> Arguments:
    """The enforcement papers together, and a kind of its own."""
    bureaus = Organisation.objects.managed_by(user).filter(kind=OrganisationKind.BUREAU)
    return [{"pk": row.pk, "kind": kind} for row in bureaus for kind in ("ENFORCEMENT", "BULLETIN")]


def official_series(user: User) -> Arguments:
    return [each for each in patterns(user) if each["kind"] == "BULLETIN"]


def bundles(user: User) -> Arguments:
    return pks(one_of_each(Bundle.objects.own(user), "state"))


def imports(user: User) -> Arguments:
    return pks(one_of_each(ImportBatch.objects.for_user(user), "state"))


# By the first route that fits, in this order. Every route with arguments must be found here.
SUBJECTS: tuple[tuple[str, Callable[[User], Arguments]], ...] = (
    ("handover/<int:pk>/", handed),
    ("bundles/<int:pk>/", bundles),
    ("messages/<int:pk>/", lambda user: pks(Message.objects.filter(user=user).order_by("-pk")[:1])),
    ("people/<int:pk>/", people),
    # Posted to only.
    ("me/sessions/<str:mark>/", lambda _: []),
    ("me/factors/<slug:kind>/<int:pk>/", lambda _: []),
    ("settings/sign-in/<int:pk>/", lambda _: []),
    ("organisations/new/<str:kind>/", lambda _: [{"kind": kind} for kind in OrganisationKind.values]),
    ("organisations/<int:pk>/bureau/", lambda user: pks(Organisation.objects.managed_by(user).stations()[:1])),
    ("organisations/<int:pk>/", organisations),
    ("guidance/<int:pk>/", lambda _: [{"pk": row.station_id} for row in Guidance.objects.all()[:1]]),
    ("papers/patterns/<int:pk>/<str:kind>/start/", official_series),
    ("papers/patterns/<int:pk>/<str:kind>/", patterns),
    ("v/<str:token>/", lambda _: [{"token": row.token} for row in one_of_each(Document.objects.all(), "state")]),
    ("trail/<int:pk>/", lambda _: pks(AuditEntry.objects.order_by("-pk")[:2])),
    ("trail/integrity/ask/<slug:kind>/", lambda _: []),
    ("trail/integrity/exports/<int:pk>/", lambda _: []),
    ("trail/alarms/<int:pk>/", lambda _: pks(Alarm.objects.order_by("-pk")[:1])),
    ("trail/checkpoints/<int:number>/<slug:form>/", lambda _: []),
    ("deadlines/calendar/<int:number>/", lambda _: []),
    ("deadlines/rules/<slug:code>/", lambda _: [{"code": "RECHECK"}, {"code": "FILING_REVIEW"}]),
    ("deadlines/clocks/<int:pk>/", clocks),
    ("papers/seals/<int:pk>/<int:seal_pk>/", seals),
    ("papers/seals/<int:pk>/", lambda user: [{"pk": found["pk"]} for found in seals(user)]),
    ("papers/<int:pk>/files/<str:copy>/", files),
    ("papers/<int:pk>/scans/<int:scan_pk>/", scans),
    ("papers/<int:pk>/reissue/", reissued),
    ("papers/<int:pk>/", documents),
    ("units/twins/<int:pk>/", lambda user: pks(Unit.objects.for_user(user).filter(twin_of__isnull=False)[:1])),
    ("units/import/<int:pk>/rejected/<str:kind>/", lambda _: []),
    ("units/import/<int:pk>/", imports),
    ("units/pledges/terms/<slug:kind>/", lambda _: [{"kind": "PREMISES"}, {"kind": "VILLAGE"}]),
    ("units/pledges/<int:pk>/", lambda user: pks(one_of_each(Pledge.objects.for_user(user), "state"))),
    ("units/<int:pk>/", units),
    ("inspections/start/<int:unit_id>/", lambda user: [{"unit_id": found["pk"]} for found in units(user)]),
    ("inspections/catalogue/<slug:code>/", lambda _: [{"code": row.code} for row in HazardType.objects.all()[:2]]),
    ("inspections/<int:pk>/rows/<int:item_id>/", rows_of_drafts),
    ("inspections/<int:pk>/groups/<slug:group>/", lambda _: []),
    ("inspections/<int:pk>/findings/<int:finding_id>/", findings),
    ("inspections/<int:pk>/period/<slug:code>/", periods),
    ("inspections/<int:pk>/photos/<int:photo_id>/", photos),
    ("inspections/complaints/<int:pk>/", complaints),
    ("inspections/<int:pk>/", inspections),
    ("hazards/orders/enter/<int:pk>/", units),
    ("hazards/orders/<int:pk>/withdraw/", lambda user: pks(Order.objects.for_user(user).filter(inspection=None)[:1])),
    ("hazards/orders/<int:pk>/void/", lambda user: pks([row for row in late_orders(user) if has_late(row)][:1])),
    ("hazards/orders/<int:pk>/", orders),
    ("hazards/dispatches/<int:pk>/", lambda user: pks(one_of_each(Dispatch.objects.for_user(user), "state"))),
    ("s/<str:token>/", lambda _: [{"token": row.token} for row in Dispatch.objects.all()[:1]]),
    ("hazards/extensions/<int:pk>/", lambda user: pks(one_of_each(Extension.objects.for_user(user), "state"))),
    ("hazards/reinspections/<int:pk>/", reinspections),
    ("hazards/referrals/<int:pk>/", referrals),
    # A draft is a paper: printed in tests/bench/papers.py.
    ("hazards/visits/<int:pk>/draft/<slug:kind>/", lambda _: []),
    ("hazards/visits/<int:pk>/", inspections),
    ("hazards/photos/<int:pk>/", lambda user: pks(AfterPhoto.objects.filter(hazard__in=Hazard.objects.for_user(user)))),
    ("hazards/<int:pk>/", hazards),
    ("filings/returned/<int:pk>/", reviewed),
    ("filings/<int:pk>/", reviewed),
    ("filings/monthly/<int:pk>/acknowledge/", lambda user: pks(MonthlyReport.objects.for_user(user).unread()[:1])),
    ("filings/monthly/<int:pk>/<int:year>/<int:number>/<slug:code>/", lambda user: months(user, code="COVERED")),
    ("filings/monthly/<int:pk>/<int:year>/<int:number>/", months),
    ("assessments/<int:year>/<int:number>/all/<str:code>/", score_records),
    ("assessments/<int:year>/<int:number>/<int:pk>/<str:code>/", score_records),
    ("assessments/<int:year>/<int:number>/<int:pk>/", scores),
    ("assessments/<int:year>/<int:number>/", lambda user: [vars_of(quarter) for quarter in quarters(user)]),
)


def vars_of(quarter: Quarter) -> dict[str, Any]:
    return {"year": quarter.year, "number": quarter.number}


def arguments_of(route: str, user: User) -> Arguments:
    """With what ``route`` is opened by ``user``; raises LookupError for a route nobody has told how."""
    if "<" not in route:
        return [{}]
    for known, subjects in SUBJECTS:
        if route.startswith(known) and route.count("<") == known.count("<"):
            return subjects(user)
    raise LookupError(f"tests/bench/subjects.py does not say with which rows /{route} is measured")
