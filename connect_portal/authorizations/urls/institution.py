"""An institution's OAuth client, below ``/institution/``."""

from django.urls import path

from connect_portal.authorizations.views import institution

app_name = "authorizations_institution"

urlpatterns = [path("<slug:slug>/access/", institution.access, name="access")]
