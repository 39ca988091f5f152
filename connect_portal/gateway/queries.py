"""Reads of this room: what was done with a grant."""

from django.db.models import QuerySet

from connect_portal.gateway.models import Decision

SHOWN = 50


def decisions_of(grant_id: int, limit: int = SHOWN) -> QuerySet[Decision]:
    """The latest decisions about a grant's orders, newest first, each with its outcome if noted."""
    return (
        Decision.objects.filter(grant_id=grant_id).select_related("outcome").order_by("-pk")[:limit]
    )
