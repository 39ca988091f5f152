"""Test trading as the exchange's staff see it on a case, below ``/console/``."""

from django.urls import path

from connect_portal.certification.views import console

app_name = "certification_console"

urlpatterns = [
    path("applications/<int:application_id>/certification/", console.runs, name="runs"),
    path("certification/<int:run_id>/", console.run, name="run"),
    path("certification/<int:run_id>.json", console.report, name="report"),
]
