from django.urls import path

from desk import handover_views, views, volume_views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("workbench/", views.workbench, name="workbench"),
    path("search/", views.search, name="search"),
    path("handover/<int:pk>/", handover_views.hand_over, name="hand_over"),
    path("handover/unassigned/", handover_views.hand_over_unassigned, name="hand_over_unassigned"),
    path("handover/<int:pk>/return/", handover_views.take_back, name="take_back"),
    path("bundles/<int:pk>/", volume_views.bundle, name="bundle"),
    path("bundles/<int:pk>/download/", volume_views.download, name="download"),
    path("bundles/<int:pk>/again/", volume_views.again, name="again"),
]
