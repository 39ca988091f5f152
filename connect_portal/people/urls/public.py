"""For everybody: where to go after signing in, and the pulse."""

from django.urls import path

from connect_portal.people.views import public

app_name = "people_public"

urlpatterns = [
    path("start/", public.start, name="start"),
    path("healthz/", public.healthz, name="healthz"),
]
