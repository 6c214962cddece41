from django.urls import path

from stations.views import account

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
]
