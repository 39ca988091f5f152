"""Test trading of an institution, below ``/institution/``."""

from django.urls import path

from connect_portal.certification.views import institution

app_name = "certification_institution"

urlpatterns = [
    path("<slug:slug>/certification/", institution.page, name="page"),
    path("<slug:slug>/certification/progress/", institution.progress, name="progress"),
    path("<slug:slug>/certification/<int:run_id>/", institution.run, name="run"),
    path("<slug:slug>/certification/<int:run_id>.json", institution.report, name="report"),
]
