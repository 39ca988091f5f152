"""An end user's connections, below ``/user/``."""

from django.urls import path

from connect_portal.authorizations.views import user

app_name = "authorizations_user"

urlpatterns = [
    path("", user.connections, name="connections"),
    path("bind/", user.bind, name="bind"),
    path("bindings/<int:binding_id>/end/", user.end, name="end"),
    path("grants/<int:grant_id>/", user.grant, name="grant"),
    path("grants/<int:grant_id>/end/", user.end_grant, name="end_grant"),
]
