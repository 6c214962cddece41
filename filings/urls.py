from django.urls import path

from filings import monthly_views, views

app_name = "filings"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/pass/", views.passed, name="pass"),
    path("<int:pk>/return/", views.sent_back, name="return"),
    path("returned/", views.returned_list, name="returned"),
    path("returned/<int:pk>/", views.answer, name="answer"),
    path("returned/<int:pk>/refile/", views.refiled, name="refile"),
    path("monthly/", monthly_views.monthly, name="monthly"),
    path("monthly/<int:pk>/acknowledge/", monthly_views.acknowledged, name="acknowledge"),
    path("monthly/<int:pk>/<int:year>/<int:number>/", monthly_views.monthly_report, name="monthly_report"),
    path("monthly/<int:pk>/<int:year>/<int:number>/hand-in/", monthly_views.handing_in, name="hand_in"),
    path("monthly/<int:pk>/<int:year>/<int:number>/<slug:code>/", monthly_views.monthly_rows, name="monthly_rows"),
]
