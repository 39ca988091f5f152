"""Monitoring pages of the exchange's staff, below ``/console/``."""

from django.urls import path

from connect_portal.monitoring.views import console, institutions

app_name = "monitoring_console"

urlpatterns = [
    path("sync/", console.sync, name="sync"),
    path("institutions/", institutions.institutions, name="institutions"),
    path("institutions/<slug:slug>/", institutions.one_institution, name="institution"),
    path("applications/<int:application_id>/fills/", console.evidence, name="evidence"),
]
