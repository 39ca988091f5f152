"""Redirect URIs that wait for the exchange, and connections by institution, below ``/console/``."""

from django.urls import path

from connect_portal.authorizations.views import console, console_endings

app_name = "authorizations_console"

urlpatterns = [
    path("redirects/", console.redirects, name="redirects"),
    path("connections/", console_endings.connections, name="connections"),
    path("connections/<slug:slug>/", console_endings.of_institution, name="of_institution"),
]
