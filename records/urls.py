from django.urls import path

from records import views

app_name = "records"
urlpatterns = [
    path("", views.listing, name="list"),
    path("numbers/", views.counters, name="counters"),
    path("<int:pk>/", views.document, name="document"),
    path("<int:pk>/scans/", views.scan, name="scan"),
    path("<int:pk>/reprint/", views.reprint, name="reprint"),
    path("<int:pk>/files/<str:copy>/", views.file, name="file"),
    path("<int:pk>/scans/<int:scan_pk>/", views.scan_file, name="scan_file"),
]
