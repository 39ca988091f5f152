"""Who works for the exchange, below ``/console/``: for administrators and compliance."""

from django.urls import path

from connect_portal.people.views import console

app_name = "people_console"

urlpatterns = [
    path("staff/", console.staff, name="staff"),
    path("staff/<int:person_id>/", console.colleague, name="colleague"),
]
