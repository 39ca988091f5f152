"""Composition of the addresses: one door per audience, every page behind its own.

The live line is beside these, in ``asgi``: plain ASGI, guarded in ``monitoring.live.app``.
"""

from django.urls import include, path

from connect_portal.kit.doors import Door, door
from connect_portal.people import rules

institution = Door("institution", rules.belongs_here)
console = Door("console", rules.works_for_exchange)
user = Door("user", rules.is_signed_in)

urlpatterns = [
    path("", include("connect_portal.people.urls.public")),
    path("accounts/", include("allauth.urls")),
    path("institution/", include(door(institution, "connect_portal.monitoring.urls.institution"))),
    path("console/", include(door(console, "connect_portal.monitoring.urls.console"))),
    path("user/", include(door(user, "connect_portal.authorizations.urls.user"))),
]
