"""Monitoring pages of the exchange's staff, below ``/console/``."""

from django.urls import path

from connect_portal.monitoring.views import console

app_name = "monitoring_console"

urlpatterns = [
    path("overview/", console.overview, name="overview"),
    path("applications/<int:application_id>/fills/", console.evidence, name="evidence"),
]
