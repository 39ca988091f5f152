"""Jobs of this room: ids in, one action call each."""

from datetime import timedelta
from typing import Final

from celery import shared_task

from connect_portal.settlement.actions import accrual, closing
from connect_portal.venue.business_clock import business_now

LATE_FILLS_COME_WITHIN: Final = timedelta(minutes=10)
"""How long the clock waits after midnight, so that fills still on their way count for their day."""


@shared_task(name="settlement.sweep")
def sweep() -> None:
    """Accrue what is new, by the rows alone: a wake-up for every page of fills would cost the
    ingest more than the accrual gains by seconds."""
    accrual.accrue_all()


@shared_task(name="settlement.close_yesterday")
def close_yesterday() -> None:
    """Close every day that is over by the business clock."""
    yesterday = (business_now() - LATE_FILLS_COME_WITHIN).date() - timedelta(days=1)
    closing.close_day(yesterday, actor="system:clock")
