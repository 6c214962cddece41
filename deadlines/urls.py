from django.urls import path

from deadlines.views import calendar, rules

app_name = "deadlines"
urlpatterns = [
    path("rules/", rules.rules, name="rules"),
    path("calendar/", calendar.year, name="calendar"),
    path("calendar/days/", calendar.edit, name="edit_day"),
    path("calendar/<int:number>/confirm/", calendar.confirm, name="confirm_year"),
]
