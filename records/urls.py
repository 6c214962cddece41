from django.urls import path

from records.views import documents, numbers, seals, stack

app_name = "records"
urlpatterns = [
    path("", documents.listing, name="list"),
    path("numbers/", numbers.counters, name="counters"),
    path("patterns/<int:pk>/<str:kind>/", numbers.pattern, name="pattern"),
    path("patterns/<int:pk>/<str:kind>/start/", numbers.official_start, name="official_start"),
    path("stack/", stack.stacked, name="stack"),
    path("seals/", seals.seals, name="seals"),
    path("seals/<int:pk>/", seals.seal, name="seal"),
    path("seals/<int:pk>/end/", seals.end_seal, name="end_seal"),
    path("seals/<int:pk>/<int:seal_pk>/", seals.seal_image, name="seal_image"),
    path("<int:pk>/", documents.document, name="document"),
    path("<int:pk>/scans/", documents.scan, name="scan"),
    path("<int:pk>/reprint/", documents.reprint, name="reprint"),
    path("<int:pk>/files/<str:copy>/", documents.file, name="file"),
    path("<int:pk>/scans/<int:scan_pk>/", documents.scan_file, name="scan_file"),
]
