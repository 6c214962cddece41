"""One row of every kind in a station, and the values by which each address names it."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.core.files.base import ContentFile
from django.urls import reverse

from deadlines.models import Clock
from desk.volume import ask_unit
from filings.actions import Objection, hand_in, return_filing
from filings.models import Defect
from filings.month import Month
from fire_supervision.lib.keyring import index_of
from fire_supervision.lib.text import squeezed
from hazards import actions
from hazards.models import AfterPhoto, Dispatch, Disposition, Extension, Order, Reinspection, Target
from hazards.plan import Decision
from inspections.actions import add_photo
from inspections.actions import start as start_visit
from inspections.models import Finding, HazardType, Mode
from records.actions import add_scan
from records.models import Copy, DocumentFile
from records.samples.visit import STROKES
from records.sealing import set_seal
from stations.models import Message, Organisation, User
from stations.permissions import Role
from stations.views.keys import mark_of
from tests.fire_supervision.test_access import Address
from tests.hazards.conftest import EVE, VISITED, moment, note_hazard, services_by, visits_by
from tests.inspections.complaints import received
from tests.inspections.conftest import picture
from tests.stations.keys import session_of, totp_of
from tests.units.conftest import workbook_of
from tests.units.pledges import signed
from trail.models import Alarm, AlarmKind, AuditEntry, Run, RunKind
from trail.runs import ask, do
from units.importing import upload
from units.models import Category, Handover, Kind, Unit

Ids = dict[str, dict[str, Any]]
TODAY = date(2026, 10, 9)
# Addresses whose values choose no row of a station: of the bureau of whoever asks, of everybody; what is there.
_QUARTER, _RULE, _TERMS = {"year": 2026, "number": 3}, {"code": "COMPLAINT_FEEDBACK"}, {"kind": "PREMISES"}
EVERYBODYS: dict[str, dict[str, Any]] = {
    "deadlines:confirm_year": {"number": 2026}, "deadlines:rule": _RULE, "deadlines:change_rule": _RULE,
    "deadlines:confirm_rule": _RULE, "deadlines:withdraw_rule": _RULE,
    "inspections:hazard_type": {"code": "EV06"}, "inspections:basis": {"code": "EV06"},
    "stations:organisation_create": {"kind": "STATION"}, "trail:ask": {"kind": "verify"},
    "trail:checkpoint": {"number": 1, "form": "pem"},
    "assessments:quarter": _QUARTER, "assessments:publish": _QUARTER, "assessments:bulletin": _QUARTER,
    "assessments:bulletin_edit": _QUARTER, "assessments:bulletin_draft": _QUARTER,
    "assessments:bulletin_issue": _QUARTER, "assessments:bulletin_withdraw": _QUARTER,
    "assessments:bulletin_file": _QUARTER, "assessments:bureau_records": _QUARTER | {"code": "COVERAGE"},
    "units:terms_of": _TERMS, "units:settle_terms": _TERMS, "units:withdraw_terms": _TERMS,
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A station, who works in it, who guides it and who is above it."""

    station: Organisation
    officer: User
    partner: User
    chief: User
    supervisor: User
    bureau_officer: User
    audit_admin: User
    # Behind the names of its units.
    mark: str = ""

    @classmethod
    def found(cls, station: Organisation, supervisor: User, numbers: int, mark: str = "") -> "Place":
        """People for ``station``, with numbers from ``numbers`` on and ``mark`` in their names."""
        bureau = Organisation.objects.get(pk=station.bureau_id)
        posts = {
            "officer": (Role.OFFICER, station), "partner": (Role.OFFICER, station), "chief": (Role.CHIEF, station),
            "bureau_officer": (Role.BUREAU_OFFICER, bureau), "audit_admin": (Role.AUDIT_ADMIN, bureau),
        }  # fmt: skip
        people = {
            post: person(role, home, f"{station.short_name}{post}{mark}"[:40], str(numbers + count))
            for count, (post, (role, home)) in enumerate(posts.items())
        }
        return cls(station=station, supervisor=supervisor, mark=mark, **people)

    def people(self) -> list[User]:
        found = (getattr(self, each.name) for each in fields(self))
        return [each for each in found if isinstance(each, User)]

    def unit(self, name: str, address: str, **more: Any) -> Unit:
        values = {
            "kind": Kind.PREMISES, "category": Category.objects.get(code="SHOP"), "address": address,
            "person": "刘桂香", "phone": "19900000001", "officer": self.officer, "township": "城关街道办事处",
        }  # fmt: skip
        name += self.mark
        keys = {"name_key": squeezed(name), "address_key": squeezed(address), "phone_index": index_of(values["phone"])}
        return Unit.objects.create(name=name, **keys, **self.station.scope_columns(), **values | more)


def person(role: Role, home: Organisation, name: str, number: str) -> User:
    return User.objects.create_user(number, name=name, role=role, organisation=home, certificate_no=f"江公证{number}")


def lay_out(place: Place, unit: Unit | None = None) -> Ids:
    """The rows of ``place``, all of them about one visit to ``unit`` and a second one that is still a draft."""
    station, officer, partner, chief = place.station, place.officer, place.partner, place.chief
    unit = unit or place.unit("万家福便利超市", "北大街62号")
    visit = visits_by(officer, partner)(unit)
    limited, now = note_hazard(visit, "EV06", days=8), note_hazard(visit, "EV02")
    note_hazard(visit, "BD05")
    grave = {now.pk: Decision(Disposition.ORDER_NOW, grave=True)}
    actions.conclude(visit, officer, grave, moment(visit.visited_on, 11))
    order = services_by(officer, partner)(Order.objects.get(mode=Mode.LIMIT, inspection=visit), date(2026, 9, 23))
    handed_over = actions.refer(
        [visit.hazards.get(hazard_type__code="BD05")], officer, target=Target.FIRE_BRIGADE,
        basis="消防监督检查规定第33条第2款", facts="见检查记录", sent_on=VISITED, today=VISITED,
    )  # fmt: skip
    actions.open_due(EVE)
    again = Reinspection.objects.get(order=order)
    waiting = Extension.objects.create(
        **order.scope_columns(), order=order, deadline=EVE, until=TODAY, requested_on=VISITED, reason="订货",
        requested_by=officer,
    )  # fmt: skip
    hazard = order.hazards.get(finding=limited)
    after = AfterPhoto(reinspection=again, hazard=hazard, sha256="0" * 64, uploaded_by=officer)
    after.file.save("after.jpg", ContentFile(picture().read()))
    paper = order.document
    assert paper is not None
    file = ContentFile(b"%PDF-", "1.pdf")
    DocumentFile.objects.create(document=paper, copy=Copy.UNIT, file=file, sha256=sha256(b"%PDF-").hexdigest(), size=5)
    scan = add_scan(paper, ContentFile(b"%PDF-", "scan.pdf"), "", officer)
    vague = Objection(Defect.objects.get(code="VAGUE"), "写明数量")
    return_filing(paper, place.supervisor, [vague], round_=1, at=moment(EVE))
    september = {"pk": station.pk, "year": 2026, "number": 9}
    handed_in = hand_in(station, Month(2026, 9), chief, note="", at=moment(TODAY))
    noodles = place.unit("老李面馆", "北大街63号", township="")
    draft = start_visit(officer, noodles, TODAY, moment(TODAY))
    item = draft.checklist.items.get(code="building_other")
    photo = add_photo(draft, officer, picture(), moment(TODAY))
    finding = Finding.objects.create(
        inspection=draft, item=item, hazard_type=HazardType.objects.get(code="EV06"), place="走道",
        wording="走道标志不亮", mode=Mode.LIMIT, days=7,
    )  # fmt: skip
    twin = place.unit("万家福超市", "北大街64号", township="", twin_of=unit)
    ledger = workbook_of((station.name, "万家福", "商铺", None, "北大街", 40, "", ""))
    batch = upload(ContentFile(ledger, "台账.xlsx"), by=place.bureau_officer)
    entry = AuditEntry.objects.filter(actor_id=officer.pk).latest("id")
    told = Message.objects.filter(user=chief).latest("id")
    held = Handover.objects.create(
        **station.scope_columns(), from_officer=officer, to_officer=partner, reason="AWAY", until=TODAY, state="HELD",
        handed_by=chief, handed_at=moment(TODAY),
    )  # fmt: skip
    sent = Dispatch.objects.create(
        **order.scope_columns(), order=order, unit=unit, consented_by="刘桂香", consented_on=VISITED, consent=STROKES,
        channel="短信", account="13900006688", sent_at=moment(VISITED), sent_by=officer,
    )  # fmt: skip
    seal = set_seal(station, ContentFile(b"PNG", "seal.png"), None, moment(VISITED))
    bundle = ask_unit(unit, officer, moment(TODAY))
    own = {
        "stations:message": {"pk": told.pk},
        "stations:read": {"pk": told.pk},
        "stations:end_session": {"mark": mark_of(session_of(officer))},
        "stations:factor_name": (key := {"kind": "totp", "pk": totp_of(officer).pk}),
        "stations:factor_remove": key,
        "stations:reset_factors": {"pk": officer.pk},
        "stations:end_sessions_of": {"pk": officer.pk},
        "stations:organisation": {"pk": station.pk},
        "stations:guide": {"pk": station.pk},
        "stations:station_move": {"pk": station.pk},
        "desk:hand_over": {"pk": officer.pk},
        "desk:take_back": {"pk": held.pk},
        "records:pattern": {"pk": station.bureau_id, "kind": "REFERRAL"},
        "records:official_start": {"pk": station.bureau_id, "kind": "BULLETIN"},
        "records:seal": {"pk": station.pk},
        "records:end_seal": {"pk": station.pk},
        "records:seal_image": {"pk": station.pk, "seal_pk": seal.pk},
        "trail:entry": {"pk": entry.pk},
        "trail:alarm": {"pk": alarm(place).pk},
        "trail:export_file": {"pk": trail_export(place.audit_admin, moment(TODAY)).pk},
        "deadlines:clock": {"pk": Clock.objects.filter(unit_id=unit.pk).latest("id").pk},
        "records:file": {"pk": paper.pk, "copy": "unit"},
        "records:scan_file": {"pk": paper.pk, "scan_pk": scan.pk},
        "conclude": {"pk": draft.pk},
        "hazards:draft": {"pk": draft.pk, "kind": "inspection_record"},
        "desk:bundle": {"pk": bundle.pk},
        "desk:download": {"pk": bundle.pk},
        "desk:again": {"pk": bundle.pk},
        "bind_case": {"pk": visit.pk},
        "units:decide_twin": {"pk": twin.pk},
        "units:pledge": {"pk": (pledge := signed(unit, officer, on=VISITED)).pk},
        "units:pledge_void": {"pk": pledge.pk},
        "units:import_rejected_of": {"pk": batch.pk, "kind": "PREMISES"},
        "inspections:begin": {"unit_id": unit.pk},
        "inspections:detail": {"pk": visit.pk},
        "inspections:answer": {"pk": draft.pk, "item_id": item.pk},
        "inspections:choose": {"pk": draft.pk, "item_id": item.pk},
        "inspections:pass_rest": {"pk": draft.pk, "group": "BUILDING"},
        "inspections:undo_pass": {"pk": draft.pk, "group": "BUILDING"},
        "inspections:finding": {"pk": draft.pk, "finding_id": finding.pk},
        "inspections:remove_finding": {"pk": draft.pk, "finding_id": finding.pk},
        "inspections:period": {"pk": draft.pk, "code": "EV06"},
        "inspections:photo": {"pk": draft.pk, "photo_id": photo.pk},
        "inspections:remove_photo": {"pk": draft.pk, "photo_id": photo.pk},
        "hazards:enter_order": {"pk": unit.pk},
        "hazards:void_order": {"pk": order.pk},
        "hazards:reinspect": {"pk": again.pk},
        "hazards:decide_extension": {"pk": waiting.pk},
        "hazards:dispatched": {"pk": sent.pk},
        "hazards:close_dispatch": {"pk": sent.pk},
        "hazards:photo": {"pk": after.pk},
        "hazards:referral": {"pk": handed_over.pk},
        "hazards:receive": {"pk": handed_over.pk},
        "hazards:answer": {"pk": handed_over.pk},
        "filings:monthly_report": september,
        "filings:hand_in": september,
        "filings:monthly_rows": september | {"code": "VISITS"},
        "filings:acknowledge": {"pk": handed_in.pk},
        "assessments:station": {"year": 2026, "number": 3, "pk": station.pk},
        "assessments:records": {"year": 2026, "number": 3, "pk": station.pk, "code": "COVERAGE"},
        "verify": {"token": paper.token},
        "receipt": {"token": sent.token},
        "receipt_paper": {"token": sent.token},
    }
    rows = {
        "stations:person": officer.pk, "stations:organisation": station.pk, "units:import": batch.pk,
        "units:": unit.pk, "unit_page": unit.pk, "bind_unit": unit.pk, "records:": paper.pk, "paper_case": paper.pk,
        "paper_reissue": paper.pk,
        "inspections:complain": received(officer, unit=unit).pk, "inspections:": draft.pk,
        "hazards:hazard": hazard.pk, "hazards:fixed": hazard.pk, "hazards:refer_visit": visit.pk,
        "hazards:refer": hazard.pk, "hazards:visit": visit.pk, "hazards:report": visit.pk, "hazards:void": visit.pk,
        "hazards:deliver": visit.pk,
        "hazards:": order.pk, "filings:": paper.pk,
    }  # fmt: skip
    return {"own": own, "rows": rows}


def add_cases(place: Place, times: int) -> None:
    """Further units of ``place``, each with a visit, an order and a complaint."""
    for number in range(times):
        unit = place.unit(f"万家福{number}号店", f"南大街{number}号")
        visit = visits_by(place.officer, place.partner)(unit)
        note_hazard(visit, "EV06", days=8)
        actions.conclude(visit, place.officer, {}, moment(visit.visited_on, 11))
        received(place.officer, unit=unit)


def alarm(place: Place) -> Alarm:
    """Somebody of the bureau was refused again and again."""
    words = "10 分钟内，访问被拒绝 12 次。"
    return Alarm.objects.create(
        kind=AlarmKind.REFUSAL, about=f"person:{place.officer.pk}", bureau_id=place.station.bureau_id, words=words,
        raised_at=moment(TODAY),
    )  # fmt: skip


def trail_export(audit_admin: User, at: datetime) -> Run:
    """A whole export of the trail, with its file."""
    run = ask(RunKind.EXPORT, audit_admin, at, [])
    do(run.pk)
    return run


def url_of(address: Address, world: Ids) -> str:
    """Where ``address`` shows the row of ``world`` it names."""
    return reverse(address.name, kwargs=world["own"].get(address.name) or by_prefix(address, world))


def by_prefix(address: Address, world: Ids) -> dict[str, Any]:
    start = next((start for start in world["rows"] if address.name.startswith(start)), None)
    assert start is not None, f"{address.name} names a row tests/fire_supervision/world.py does not know; add it there"
    (key,) = address.values
    return {key: world["rows"][start]}
