"""What happens to a 季度通报: drafted from a published quarter, issued as 公文, withdrawn with a reason."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from assessments.models import Bulletin, BulletinState
from assessments.papers import STATIONS, Context, bulletin_context
from assessments.quarters import Quarter
from assessments.results import QuarterResult, frozen
from fire_supervision.lib.errors import RuleError
from records import actions as records
from records.models import Kind
from stations.messages import send
from stations.models import Organisation, User
from stations.permissions import Role
from trail.record import record

WRITTEN = ["situation", "demands", "signer", "edited_by", "edited_at"]


@dataclass(frozen=True)
class Words:
    """What the bureau writes itself, and who signs it off."""

    situation: str
    demands: str
    signer: User


@transaction.atomic
def save_bulletin(bureau: Organisation, quarter: Quarter, actor: User, words: Words, at: datetime) -> Bulletin:
    """Write the draft of the quarter, or change it; nothing is written when it says so already.

    Raises RuleError before the quarter is published, and once the bulletin is issued.
    """
    bureau = Organisation.objects.select_for_update().get(pk=bureau.pk)
    _published(bureau, quarter)
    row = bulletin_of(bureau.pk, quarter)
    if row is not None:
        # Who issues it meanwhile locks the row alone; what is issued says what its paper says.
        row = Bulletin.objects.select_for_update(of=("self",)).select_related("signer").get(pk=row.pk)
    if row is not None and row.state != BulletinState.DRAFT:
        raise RuleError(f"{quarter}通报已经印发，不能修改", remedy="确有错误的，先撤回，再起草新的。")
    if row is None:
        row = Bulletin(bureau=bureau, station=bureau, year=quarter.year, quarter=quarter.number)
    elif (row.situation, row.demands, row.signer) == (words.situation, words.demands, words.signer):
        return row
    row.situation, row.demands, row.signer = words.situation, words.demands, words.signer
    row.edited_by, row.edited_at = actor, at
    row.save(update_fields=WRITTEN if row.pk else None)
    after = {"signer": words.signer.name}
    record(actor, "assessments.save_bulletin", row, f"起草{bureau.name}{quarter}通报", after=after)
    return row


@transaction.atomic
def issue_bulletin(bulletin: Bulletin, actor: User, on: date) -> Bulletin:
    """Number and freeze the draft as 公文 of the bureau, dated ``on``, and tell the chiefs."""
    row = Bulletin.objects.select_for_update(of=("self",)).select_related("bureau").get(pk=bulletin.pk)
    row.move_to(BulletinState.ISSUED)
    quarter = Quarter(row.year, row.quarter)
    row.document = records.issue(
        kind=Kind.BULLETIN, station=row.bureau, scope=row, context=draft_context(row, on), unit_id=None,
        unit_name=STATIONS, subject=row, actor=actor, on=on,
    )  # fmt: skip
    row.save(update_fields=["state", "document"])
    withdrawn = Bulletin.objects.filter(
        bureau=row.bureau, year=row.year, quarter=row.quarter, state=BulletinState.VOID,
        document__replaced_by__isnull=True,
    ).select_related("document")  # fmt: skip
    for former in withdrawn:
        if former.document is not None:
            records.replace(former.document, row.document)
    after = {"number": row.document.number, "signer": row.signer.name}
    record(actor, "assessments.issue_bulletin", row, f"印发{row.bureau.name}{quarter}通报", after=after)
    _tell_chiefs(row, quarter)
    return row


@transaction.atomic
def withdraw_bulletin(bulletin: Bulletin, actor: User, reason: str, on: date) -> Bulletin:
    """撤回 an issued bulletin with its number; a new one may be drafted for the quarter."""
    row = Bulletin.objects.select_for_update(of=("self",)).select_related("document", "bureau").get(pk=bulletin.pk)
    if not reason.strip():
        raise RuleError("撤回通报须写明理由")
    row.move_to(BulletinState.VOID)
    row.void_reason = reason.strip()[:200]
    row.save(update_fields=["state", "void_reason"])
    if row.document is not None:
        records.void(row.document, actor, reason, on)
    words = f"撤回{row.bureau.name}{Quarter(row.year, row.quarter)}通报"
    record(actor, "assessments.withdraw_bulletin", row, words, reason=row.void_reason)
    return row


def bulletin_of(bureau_id: int, quarter: Quarter) -> Bulletin | None:
    """The bulletin of the quarter, drafted or issued; withdrawn ones aside."""
    rows = Bulletin.objects.filter(bureau_id=bureau_id, year=quarter.year, quarter=quarter.number)
    return rows.exclude(state=BulletinState.VOID).select_related("document", "bureau", "signer", "edited_by").first()


def draft_context(bulletin: Bulletin, on: date) -> Context:
    """What the bulletin would print if it were issued on ``on``."""
    quarter = Quarter(bulletin.year, bulletin.quarter)
    return bulletin_context(bulletin, _published(bulletin.bureau, quarter), _brigades(bulletin.bureau), on)


def _published(bureau: Organisation, quarter: Quarter) -> QuarterResult:
    found = frozen(bureau.pk, [quarter])
    if quarter not in found:
        raise RuleError(f"{quarter}考核还没有发布，不能起草通报", remedy="先在考核页面发布这个季度。")
    return found[quarter]


def _brigades(bureau: Organisation) -> list[str]:
    """Who guides the stations of the bureau: they get a copy."""
    guided = Organisation.objects.stations().filter(bureau=bureau, brigade__isnull=False)
    return list(guided.order_by("brigade__name").values_list("brigade__name", flat=True).distinct())


def _tell_chiefs(bulletin: Bulletin, quarter: Quarter) -> None:
    home = Organisation.objects.stations().filter(bureau=bulletin.bureau)
    address = reverse("assessments:bulletin", args=[quarter.year, quarter.number])
    for chief in User.objects.working().filter(role=Role.CHIEF, organisation__in=home).select_related("organisation"):
        send(
            chief,
            about=bulletin,
            key=f"bulletin:{bulletin.pk}",
            title=f"{quarter}消防工作通报已印发",
            body=str(bulletin.document),
            url=f"{address}?bureau={bulletin.bureau_id}",
        )
