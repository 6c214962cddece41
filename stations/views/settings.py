"""Capabilities as they stand: the security administrator's page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from stations.http import OfficerRequest, requires
from stations.permissions import ROLE_CAN, Can, Role


@requires(Can.MANAGE_SETTINGS)
@require_GET
def overview(request: OfficerRequest) -> HttpResponse:
    context = {
        "roles": list(Role),
        "matrix": [(can.label, [can in ROLE_CAN[role] for role in Role]) for can in Can],
        "by_role": [(role.label, [can.label for can in Can if can in ROLE_CAN[role]]) for role in Role],
        "nav_key": "settings",
    }
    return render(request, "stations/setting_list.html", context)
