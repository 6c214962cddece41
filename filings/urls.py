from django.urls import path

from filings import views

app_name = "filings"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("<int:pk>/", views.review, name="review"),
    path("<int:pk>/pass/", views.passed, name="pass"),
    path("<int:pk>/return/", views.sent_back, name="return"),
    path("returned/", views.returned_list, name="returned"),
    path("returned/<int:pk>/", views.answer, name="answer"),
    path("returned/<int:pk>/refile/", views.refiled, name="refile"),
]
