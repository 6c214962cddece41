from django.http import HttpRequest, HttpResponse
from django.urls import path

from stations.http import requires
from stations.permissions import Can


@requires(Can.OWN_ACCOUNT)
def plain(request: HttpRequest, pk: int = 0) -> HttpResponse:
    return HttpResponse("interim")


app_name = "desk"
urlpatterns = [
    path("", plain, name="home"),
    path("workbench/", plain, name="workbench"),
    path("search/", plain, name="search"),
]
