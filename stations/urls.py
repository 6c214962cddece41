from django.urls import path

from stations.views import account, organisations, people, reparenting, roster, settings

app_name = "stations"
urlpatterns = [
    path("login/", account.sign_in, name="login"),
    path("logout/", account.sign_out, name="logout"),
    path("password/", account.password, name="password"),
    path("me/", account.me, name="me"),
    path("messages/", account.inbox, name="messages"),
    path("messages/read/", account.read_all, name="read_all"),
    path("messages/<int:pk>/", account.message, name="message"),
    path("messages/<int:pk>/read/", account.read_one, name="read"),
    path("people/", people.people, name="people"),
    path("people/new/", people.create, name="person_create"),
    path("people/import/", roster.upload, name="roster"),
    path("people/import/accounts/", roster.take_in, name="roster_import"),
    path("people/import/template/", roster.template, name="roster_template"),
    path("people/<int:pk>/", people.detail, name="person"),
    path("people/<int:pk>/edit/", people.edit, name="person_edit"),
    path("people/<int:pk>/move/", people.move, name="person_move"),
    path("people/<int:pk>/disable/", people.disable, name="person_disable"),
    path("people/<int:pk>/enable/", people.enable, name="person_enable"),
    path("people/<int:pk>/password/", people.reset, name="person_reset"),
    path("organisations/", organisations.tree, name="organisations"),
    path("organisations/new/<str:kind>/", organisations.create, name="organisation_create"),
    path("organisations/<int:pk>/", organisations.detail, name="organisation"),
    path("organisations/<int:pk>/edit/", organisations.edit, name="organisation_edit"),
    path("organisations/<int:pk>/switch/", organisations.switch, name="organisation_switch"),
    path("organisations/<int:pk>/bureau/", reparenting.move_station, name="station_move"),
    path("guidance/", organisations.guidance, name="guidance"),
    path("guidance/<int:pk>/", organisations.guide, name="guide"),
    path("settings/", settings.overview, name="settings"),
]
