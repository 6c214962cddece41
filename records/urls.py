from django.urls import path

from records.views import documents, numbers, stack

app_name = "records"
urlpatterns = [
    path("", documents.listing, name="list"),
    path("numbers/", numbers.counters, name="counters"),
    path("patterns/<int:pk>/<str:kind>/", numbers.pattern, name="pattern"),
    path("stack/", stack.stacked, name="stack"),
    path("<int:pk>/", documents.document, name="document"),
    path("<int:pk>/scans/", documents.scan, name="scan"),
    path("<int:pk>/reprint/", documents.reprint, name="reprint"),
    path("<int:pk>/files/<str:copy>/", documents.file, name="file"),
    path("<int:pk>/scans/<int:scan_pk>/", documents.scan_file, name="scan_file"),
]
