"""The page on which a station is put under another bureau."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from stations import actions
from stations.http import OfficerRequest, requires
from stations.models import Organisation
from stations.permissions import Can
from stations.reparenting_forms import BureauForm


@requires(Can.MANAGE_ORGANISATIONS)
def move_station(request: OfficerRequest, pk: int) -> HttpResponse:
    """What goes over is said first; the name is typed again, because it is seldom taken back."""
    kept = Organisation.objects.managed_by(request.user)
    station = get_object_or_404(kept.select_related("bureau").stations(), pk=pk)
    form = BureauForm(request.POST or None, kept, station)
    if form.is_valid():
        actions.move_station(request.user, pk, form.cleaned_data["bureau"], form.cleaned_data["reason"])
        notices.success(request, f"{station}已划归{form.cleaned_data['bureau']}，各方可见范围即时改变。")
        return redirect("stations:organisation", pk)
    offices = station.children.filter(is_active=True).count()
    context = {"form": form, "station": station, "offices": offices, "nav_key": "organisations"}
    return render(request, "stations/station_move_form.html", context)
