"""Where an institution sends its user to be asked, below ``/oauth/``."""

from django.urls import path

from connect_portal.authorizations.views import consent, venue_consent

app_name = "authorizations_consent_user"

urlpatterns = [
    path("authorize/", consent.authorize, name="authorize"),
    path("venue/callback/", venue_consent.callback, name="venue_callback"),
]
