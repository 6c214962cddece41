"""Accounts from a spreadsheet: template, preview with reasons, import."""

from typing import Any

from django.conf import settings
from django.contrib import messages as notices
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fire_supervision.lib import excel
from fire_supervision.lib.spreadsheets import UnreadableWorkbook
from fire_supervision.lib.upload_limits import takes_files
from stations import actions, roster
from stations.forms import RosterForm
from stations.http import OfficerRequest, requires
from stations.models import Organisation, User
from stations.permissions import Can, Role
from stations.rules import ROLE_KINDS

SALT = "stations.roster"
# Between preview and import; afterwards the file is uploaded again.
MAX_AGE = 3600


@requires(Can.MANAGE_PEOPLE)
@takes_files("UPLOAD_LEDGER_MAX_MB")
def upload(request: OfficerRequest) -> HttpResponse:
    """Choose a file; a posted one is answered with its preview. Nothing is written yet."""
    form = RosterForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            rows = roster.read(form.cleaned_data["file"].file, max_mb=settings.UPLOAD_LEDGER_MAX_MB)
        except UnreadableWorkbook as refused:
            form.add_error("file", str(refused))
        else:
            return render(request, "stations/roster_preview.html", _preview(request, rows))
    places = [(role.label, "、".join(kind.label for kind in ROLE_KINDS[role])) for role in Role]
    return render(request, "stations/roster_form.html", {"form": form, "places": places, "nav_key": "people"})


def _preview(request: OfficerRequest, rows: list[tuple[int, roster.Written]]) -> dict[str, Any]:
    entries = _judged(request, rows)
    return {
        "entries": entries,
        "headings": list(roster.HEADINGS.values()),
        "good": sum(entry.person is not None for entry in entries),
        "rows": signing.dumps(rows, salt=SALT, compress=True),
        "nav_key": "people",
    }


def _judged(request: OfficerRequest, rows: list[tuple[int, roster.Written]]) -> list[roster.Entry]:
    organisations = list(Organisation.objects.managed_by(request.user).filter(is_active=True))
    # All accounts, not only those kept by this administrator: a police number is unique in the installation.
    return roster.judge(rows, organisations, set(User.objects.values_list("number", flat=True)))


@requires(Can.MANAGE_PEOPLE)
@require_POST
@never_cache
def take_in(request: OfficerRequest) -> HttpResponse:
    """Open the accounts of the previewed rows. Judged again, so that a second post finds everybody registered."""
    try:
        rows = signing.loads(request.POST.get("rows", ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        notices.error(request, "预览已过期，没有导入，请重新上传。")
        return redirect("stations:roster")
    entries = _judged(request, rows)
    people = [entry.person for entry in entries if entry.person is not None]
    if not people:
        notices.warning(request, "表里没有可以导入的人员，可能已经导入过。")
        return redirect("stations:roster")
    accounts = actions.create_people(request.user, people, localdate())
    context = {"accounts": accounts, "left_out": len(entries) - len(accounts), "nav_key": "people"}
    context["days"], context["waits"] = settings.FIRST_PASSWORD_DAYS, any(each.appointed_by_id for each, _ in accounts)
    return render(request, "stations/password_detail.html", context)


@requires(Can.MANAGE_PEOPLE)
def template(request: OfficerRequest) -> HttpResponse:  # noqa: ARG001 - every view takes one
    """An empty table with the headings."""
    return excel.download("人员表模板.xlsx", excel.workbook("人员", list(roster.HEADINGS.values()), []))
