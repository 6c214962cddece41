"""责任条款: what units pledge, version by version, and the bureau's 核定 of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from deadlines.versions import bureau_read_by
from fire_supervision.lib.refusals import Refusal, show_faults
from stations.http import OfficerRequest, requires
from stations.permissions import Can
from units import terms
from units.models import Kind
from units.terms_forms import TermsForm

NAV: dict[str, Any] = {"nav_key": "units"}


@requires(Can.VIEW_UNITS)
@require_GET
def listing(request: OfficerRequest) -> HttpResponse:
    """The text of each kind of unit that holds today, and what is to come."""
    rows = terms.versions_of(bureau_read_by(request.user), localdate())
    context = NAV | {"rows": [rows[kind] for kind in Kind.values], "may_settle": request.user.can(Can.EDIT_RULES)}
    return render(request, "units/terms_list.html", context)


@requires(Can.VIEW_UNITS)
@require_GET
def detail(request: OfficerRequest, kind: str) -> HttpResponse:
    """One kind with all its versions."""
    row = _row(request, kind)
    may_settle = request.user.can(Can.EDIT_RULES)
    context = NAV | {
        "row": row,
        "kind": Kind(kind),
        "may_settle": may_settle and row.coming is None,
        "may_withdraw": may_settle and row.coming is not None,
    }
    return render(request, "units/terms_detail.html", context)


@requires(Can.EDIT_RULES)
def settle(request: OfficerRequest, kind: str) -> HttpResponse:
    """The present text to confirm as it is or to change, from which day and why."""
    row, today = _row(request, kind), localdate()
    form = TermsForm(row.present, today, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            own = terms.settle_terms(
                request.user, kind, form.text(), values["since"], values["reason"], on=today
            )  # fmt: skip
        except Refusal as refusal:
            show_faults(form, Refusal([form.at_row(fault) for fault in refusal.faults]))
        else:
            messages.success(request, f"{own}已核定，{own.since} 起签订的责任书照此印制，已签订的不变")
            return redirect("units:terms_of", kind)
    context = NAV | {"row": row, "kind": Kind(kind), "form": form}
    return render(request, "units/terms_form.html", context, status=422 if form.errors else 200)


@requires(Can.EDIT_RULES)
@require_POST
def withdraw(request: OfficerRequest, kind: str) -> HttpResponse:
    _row(request, kind)
    terms.withdraw_terms(request.user, kind, on=localdate())
    messages.success(request, "已撤回，继续用现行的条款")
    return redirect("units:terms_of", kind)


def _row(request: OfficerRequest, kind: str) -> terms.Versions:
    rows = terms.versions_of(bureau_read_by(request.user), localdate(), kind)
    if kind not in rows:
        raise Http404(kind)
    return rows[kind]
