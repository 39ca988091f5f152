"""The queue of applications, below ``/console/``."""

from django.urls import path

from connect_portal.institutions.views import console

app_name = "institutions_console"

urlpatterns = [
    path("applications/", console.queue, name="queue"),
    path("applications/<int:application_id>/", console.application, name="application"),
]
