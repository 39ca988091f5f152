"""Everybody's statements, below ``/console/``."""

from django.urls import path

from connect_portal.settlement.views import console

app_name = "settlement_console"

urlpatterns = [
    path("statements/", console.statements, name="statements"),
    path("statements/<int:statement_id>/", console.statement, name="statement"),
    path("statements/<int:statement_id>/<int:line>/", console.line, name="line"),
    path("statements/<int:statement_id>.json", console.export, name="export"),
]
