"""An institution's OAuth clients, below ``/institution/``."""

from django.urls import path

from connect_portal.authorizations.views import institution
from connect_portal.venue.types import Environment

app_name = "authorizations_institution"

LIVE = {"environment": Environment.LIVE}
TEST = {"environment": Environment.DEMO}

urlpatterns = [
    path("<slug:slug>/access/", institution.access, LIVE, name="access"),
    path("<slug:slug>/access/test/", institution.access, TEST, name="test_access"),
    path("<slug:slug>/access/change/", institution.change, LIVE, name="change"),
    path("<slug:slug>/access/test/change/", institution.change, TEST, name="change_test"),
    path("<slug:slug>/access/redirect/", institution.ask_redirect, LIVE, name="ask_redirect"),
    path(
        "<slug:slug>/access/test/redirect/",
        institution.ask_redirect,
        TEST,
        name="ask_test_redirect",
    ),
    path("<slug:slug>/access/act/", institution.act, name="act"),
]
