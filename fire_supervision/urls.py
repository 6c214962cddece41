"""Every address of the product; each room keeps its own list."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from desk.handover_views import overview
from desk.views import unit
from desk.volume_views import bind_case, bind_quarter, bind_unit, listing
from fire_supervision.answers import csp_report
from fire_supervision.styleguide import styleguide
from hazards.views import case_of_paper, conclude, reissue
from hazards.views.receipt import paper, receipt
from records.views import patterns, verify
from stations.views.finding import find

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("desk.urls")),
    path("", include("stations.urls")),
    path("trail/", include("stations.trail_urls")),
    path("deadlines/", include("deadlines.urls")),
    path("papers/", include("records.urls")),
    # Doors between rooms: a lower room links to a higher one by a name of the project, not of the room.
    path("units/<int:pk>/", unit, name="unit_page"),
    path("settings/numbers/", patterns, name="number_patterns"),
    # Printed as a QR: every letter more makes its squares smaller.
    path("v/<str:token>/", verify, name="verify"),
    path("csp/", csp_report, name="csp_report"),
    path("find/", find, name="find"),
    path("handover/", overview, name="handover"),
    path("inspections/<int:pk>/conclude/", conclude, name="conclude"),
    path("papers/<int:pk>/case/", case_of_paper, name="paper_case"),
    path("papers/<int:pk>/reissue/", reissue, name="paper_reissue"),
    path("bundles/", listing, name="bundles"),
    path("bundles/quarter/", bind_quarter, name="bind_quarter"),
    path("units/<int:pk>/volume/", bind_unit, name="bind_unit"),
    path("inspections/<int:pk>/volume/", bind_case, name="bind_case"),
    # Read aloud from a message: as short as can be.
    path("s/<str:token>/", receipt, name="receipt"),
    path("s/<str:token>/paper/", paper, name="receipt_paper"),
    path("units/", include("units.urls")),
    path("inspections/", include("inspections.urls")),
    path("hazards/", include("hazards.urls")),
    path("filings/", include("filings.urls")),
    path("assessments/", include("assessments.urls")),
]
handler400 = "fire_supervision.answers.bad_request"
handler500 = "fire_supervision.answers.server_error"
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
