from django.urls import path

from assessments import bulletin_views, bureau_views, record_views, views

app_name = "assessments"
urlpatterns = [
    path("", views.current, name="current"),
    path("coverage/", bureau_views.coverage, name="coverage"),
    path("overdue/", record_views.overdue, name="overdue"),
    path("scheme/", bureau_views.scheme, name="scheme"),
    path("<int:year>/<int:number>/", views.quarter, name="quarter"),
    path("<int:year>/<int:number>/publish/", views.publishing, name="publish"),
    path("<int:year>/<int:number>/bulletin/", bulletin_views.bulletin, name="bulletin"),
    path("<int:year>/<int:number>/bulletin/edit/", bulletin_views.edit, name="bulletin_edit"),
    path("<int:year>/<int:number>/bulletin/draft/", bulletin_views.draft, name="bulletin_draft"),
    path("<int:year>/<int:number>/bulletin/issue/", bulletin_views.issue, name="bulletin_issue"),
    path("<int:year>/<int:number>/bulletin/withdraw/", bulletin_views.withdraw, name="bulletin_withdraw"),
    path("<int:year>/<int:number>/bulletin/file/", bulletin_views.file, name="bulletin_file"),
    path("<int:year>/<int:number>/all/<str:code>/", record_views.bureau_records, name="bureau_records"),
    path("<int:year>/<int:number>/<int:pk>/", views.station, name="station"),
    path("<int:year>/<int:number>/<int:pk>/<str:code>/", record_views.records, name="records"),
]
