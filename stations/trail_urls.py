"""The pages of the trail. They stand in this room because the trail, below it, knows no capabilities."""

from django.urls import path

from stations.views import alarms, audit, integrity

app_name = "trail"
urlpatterns = [
    path("", audit.entries, name="list"),
    path("<int:pk>/", audit.entry, name="entry"),
    path("integrity/", integrity.integrity, name="integrity"),
    path("integrity/ask/<slug:kind>/", integrity.ask, name="ask"),
    path("integrity/exports/<int:pk>/", integrity.export_file, name="export_file"),
    path("integrity/verifier/", integrity.program, name="verifier"),
    path("alarms/", alarms.listed, name="alarms"),
    path("alarms/<int:pk>/", alarms.alarm, name="alarm"),
    path("checkpoints/", integrity.checkpoints, name="checkpoints"),
    path("checkpoints/<int:number>/<slug:form>/", integrity.checkpoint_file, name="checkpoint"),
]
