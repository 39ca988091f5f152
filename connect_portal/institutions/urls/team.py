"""Accepting a place in an institution's team, below ``/invitations/``."""

from django.urls import path

from connect_portal.institutions.views import team

app_name = "institutions_team_user"

urlpatterns = [path("<str:token>/", team.accept, name="accept")]
