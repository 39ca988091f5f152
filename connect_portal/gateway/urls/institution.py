"""What an institution sees of the gateway, below ``/institution/``."""

from django.urls import path

from connect_portal.gateway.views import institution

app_name = "gateway_institution"

urlpatterns = [path("<slug:slug>/decisions/", institution.decisions, name="decisions")]
