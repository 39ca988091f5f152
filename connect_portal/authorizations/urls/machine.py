"""What programs call; they show a client's secret, so there is no door."""

from django.urls import path

from connect_portal.authorizations.views import machine

app_name = "authorizations_machine"

urlpatterns = [
    path("oauth/token/", machine.token, name="token"),
    path("oauth/revoke_token/", machine.revoke, name="revoke"),
    path("oauth/introspect/", machine.introspect, name="introspect"),
    path(".well-known/oauth-authorization-server", machine.discovery, name="discovery"),
]
