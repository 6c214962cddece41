"""Every address of the product; each room keeps its own list."""

from django.urls import include, path

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("stations.urls")),
    path("trail/", include("trail.urls")),
    path("deadlines/", include("deadlines.urls")),
    path("papers/", include("records.urls")),
    path("units/", include("units.urls")),
    path("inspections/", include("inspections.urls")),
    path("hazards/", include("hazards.urls")),
    path("filings/", include("filings.urls")),
    path("assessments/", include("assessments.urls")),
]
