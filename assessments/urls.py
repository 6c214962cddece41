from django.urls import path

from assessments import bureau_views, record_views, views

app_name = "assessments"
urlpatterns = [
    path("", views.current, name="current"),
    path("coverage/", bureau_views.coverage, name="coverage"),
    path("overdue/", record_views.overdue, name="overdue"),
    path("scheme/", bureau_views.scheme, name="scheme"),
    path("<int:year>/<int:number>/", views.quarter, name="quarter"),
    path("<int:year>/<int:number>/publish/", views.publishing, name="publish"),
    path("<int:year>/<int:number>/all/<str:code>/", record_views.bureau_records, name="bureau_records"),
    path("<int:year>/<int:number>/<int:pk>/", views.station, name="station"),
    path("<int:year>/<int:number>/<int:pk>/<str:code>/", record_views.records, name="records"),
]
