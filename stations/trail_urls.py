"""The pages of the trail. They stand in this room because the trail, below it, knows no capabilities."""

from django.urls import path

from stations.views import audit

app_name = "trail"
urlpatterns = [
    path("", audit.entries, name="list"),
    path("<int:pk>/", audit.entry, name="entry"),
]
