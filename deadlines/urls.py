from django.urls import path

from deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("calendar/", views.year, name="calendar"),
    path("calendar/days/", views.edit, name="edit_day"),
    path("calendar/<int:number>/confirm/", views.confirm, name="confirm_year"),
]
