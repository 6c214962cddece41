from django.urls import path

from deadlines.views import calendar, clocks, rules

app_name = "deadlines"
urlpatterns = [
    path("clocks/", clocks.clocks, name="clocks"),
    path("clocks/<int:pk>/", clocks.clock, name="clock"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<slug:code>/", rules.rule, name="rule"),
    path("rules/<slug:code>/change/", rules.change, name="change_rule"),
    path("rules/<slug:code>/confirm/", rules.confirm, name="confirm_rule"),
    path("rules/<slug:code>/withdraw/", rules.withdraw, name="withdraw_rule"),
    path("calendar/", calendar.year, name="calendar"),
    path("calendar/days/", calendar.edit, name="edit_day"),
    path("calendar/import/", calendar.import_days, name="import_days"),
    path("calendar/<int:number>/confirm/", calendar.confirm, name="confirm_year"),
]
