"""What programs call; they show a client's secret, so there is no door. And the logo that end users
see, which is for everybody."""

from django.urls import path

from connect_portal.authorizations.views import machine, okx

app_name = "authorizations_machine"

urlpatterns = [
    path("oauth/par/", machine.par, name="par"),
    path("oauth/logo/<slug:client_id>/", machine.logo, name="logo"),
    path("oauth/token/", machine.token, name="token"),
    path("oauth/revoke_token/", machine.revoke, name="revoke"),
    path("oauth/introspect/", machine.introspect, name="introspect"),
    path("v5/users/oauth/token", okx.token, name="okx_token"),
    path("api/v5/users/oauth/token", okx.token, name="okx_token_below_api"),
    path(".well-known/oauth-authorization-server", machine.discovery, name="discovery"),
]
