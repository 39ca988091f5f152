"""Composition of the addresses: one door per audience, every page behind its own.

The live line is beside these, in ``asgi``: plain ASGI, guarded in ``monitoring.live.app``.
"""

from django.urls import include, path
from django.views.generic import RedirectView

from connect_portal.kit.admin import SITE, windows
from connect_portal.kit.doors import Door, door
from connect_portal.people import rules

institution = Door("institution", rules.belongs_here)
money = Door("institution", rules.sees_money)
console = Door("console", rules.works_for_exchange)
administration = Door("console", rules.administers)
staffing = Door("console", rules.looks_after_staff)
user = Door("user", rules.is_signed_in)

handler500 = "connect_portal.kit.pages.server_error"

urlpatterns = [
    path("", include("connect_portal.people.urls.public")),
    path("", include("connect_portal.institutions.urls.public")),
    path(
        "accounts/sessions/",
        RedirectView.as_view(pattern_name="people_sessions_user:sessions"),
        name="usersessions_list",
    ),
    path("accounts/", include("allauth.urls")),
    path("apply/", include(door(user, "connect_portal.institutions.urls.user"))),
    path("documents/", include(door(user, "connect_portal.institutions.urls.documents"))),
    path("institution/", include(door(institution, "connect_portal.monitoring.urls.institution"))),
    path(
        "institution/", include(door(institution, "connect_portal.institutions.urls.institution"))
    ),
    path(
        "institution/",
        include(door(institution, "connect_portal.authorizations.urls.institution")),
    ),
    path(
        "institution/",
        include(door(institution, "connect_portal.certification.urls.institution")),
    ),
    path("invitations/", include(door(user, "connect_portal.institutions.urls.team"))),
    path("invitations/", include(door(user, "connect_portal.people.urls.user"))),
    path("console/", include(door(staffing, "connect_portal.people.urls.console"))),
    path("admin/", include(door(administration, windows()), namespace=SITE)),
    path("console/", include(door(console, "connect_portal.monitoring.urls.console"))),
    path("console/", include(door(console, "connect_portal.institutions.urls.console"))),
    path("console/", include(door(console, "connect_portal.authorizations.urls.console"))),
    path("institution/", include(door(money, "connect_portal.settlement.urls.institution"))),
    path("console/", include(door(console, "connect_portal.settlement.urls.console"))),
    path("console/", include(door(console, "connect_portal.certification.urls.console"))),
    path("user/", include(door(user, "connect_portal.authorizations.urls.user"))),
    path("user/", include(door(user, "connect_portal.people.urls.sessions"))),
    path("oauth/", include(door(user, "connect_portal.authorizations.urls.consent"))),
    path("account/", include(door(user, "connect_portal.authorizations.urls.okx"))),
    path("", include("connect_portal.authorizations.urls.machine")),
    path("demo/", include("connect_portal.demo.urls.public")),
    path("user/", include(door(user, "connect_portal.gateway.urls.user"))),
    path("user/", include(door(user, "connect_portal.trades.urls.user"))),
    path("institution/", include(door(institution, "connect_portal.gateway.urls.institution"))),
]
