"""A company of the cast as its own users see it, below ``/demo/``; 404 without the cast."""

from django.urls import path

from connect_portal.demo.views import public

app_name = "demo_public"

urlpatterns = [
    path("<slug:key>/", public.company, name="company"),
    path("<slug:key>/connect/", public.connect, name="connect"),
    path("<slug:key>/callback/", public.callback, name="callback"),
]
