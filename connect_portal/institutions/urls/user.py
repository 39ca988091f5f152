"""Applying to join, below ``/apply/``: for anybody who has signed in."""

from django.urls import path

from connect_portal.institutions.views import user

app_name = "institutions_user"

urlpatterns = [
    path("", user.apply, name="apply"),
    path("status/", user.status, name="status"),
    path("<int:application_id>/", user.change, name="change"),
    path("<int:application_id>/withdraw/", user.withdraw, name="withdraw"),
]
