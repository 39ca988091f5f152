"""Redirect URIs that wait for the exchange, below ``/console/``."""

from django.urls import path

from connect_portal.authorizations.views import console

app_name = "authorizations_console"

urlpatterns = [path("redirects/", console.redirects, name="redirects")]
