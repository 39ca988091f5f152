"""An institution's statements, below ``/institution/``."""

from django.urls import path

from connect_portal.settlement.views import institution

app_name = "settlement_institution"

urlpatterns = [
    path("<slug:slug>/statements/", institution.statements, name="statements"),
    path("<slug:slug>/statements/<int:number>/", institution.statement, name="statement"),
    path("<slug:slug>/statements/<int:number>/<int:line>/", institution.line, name="line"),
    path("<slug:slug>/statements/<int:number>.json", institution.export, name="export"),
]
