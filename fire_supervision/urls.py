"""Every address of the product; each room keeps its own list."""

from django.urls import include, path

from desk.interim import plain as unit

urlpatterns = [
    path("", include("desk.interim")),
    path("", include("stations.urls")),
    path("trail/", include("stations.trail_urls")),
    path("deadlines/", include("deadlines.urls")),
    path("papers/", include("records.urls")),
    # Doors between rooms: a lower room links to a higher one by a name of the project, not of the room.
    path("units/<int:pk>/", unit, name="unit_page"),
    path("units/", include("units.urls")),
    path("inspections/", include("inspections.urls")),
    path("hazards/", include("hazards.urls")),
    path("filings/", include("filings.urls")),
    path("assessments/", include("assessments.urls")),
]
