"""Accepting to work for the exchange, below ``/invitations/``."""

from django.urls import path

from connect_portal.people.views import user

app_name = "people_user"

urlpatterns = [path("staff/<str:token>/", user.accept_staff, name="accept_staff")]
