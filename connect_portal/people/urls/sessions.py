"""One's own sessions, below ``/user/``."""

from django.urls import path

from connect_portal.people.views import user

app_name = "people_sessions_user"

urlpatterns = [path("sessions/", user.sessions, name="sessions")]
