"""Monitoring pages of an institution, below ``/institution/``."""

from django.urls import path

from connect_portal.monitoring.views import institution

app_name = "monitoring_institution"

urlpatterns = [
    path("<slug:slug>/", institution.live, name="live"),
    path("<slug:slug>/fills/", institution.fills, name="fills"),
]
