"""What an end user sees of the gateway, below ``/user/``."""

from django.urls import path

from connect_portal.gateway.views import user

app_name = "gateway_user"

urlpatterns = [
    path("grants/<int:grant_id>/activity/", user.activity, name="activity"),
    path("grants/<int:grant_id>/usage/", user.usage, name="usage"),
]
