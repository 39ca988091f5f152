"""An institution's own papers, below ``/institution/``."""

from django.urls import path

from connect_portal.institutions.views import contracts, institution, team

app_name = "institutions_institution"

urlpatterns = [
    path("<slug:slug>/onboarding/", institution.onboarding, name="onboarding"),
    path("<slug:slug>/contract/", contracts.contract, name="contract"),
    path("<slug:slug>/contract/<int:paper_id>.pdf", contracts.paper, name="paper"),
    path("<slug:slug>/technical/", institution.technical, name="technical"),
    path("<slug:slug>/team/", team.team, name="team"),
    path("<slug:slug>/guide/", institution.guide, name="guide"),
]
