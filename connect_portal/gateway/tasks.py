"""Jobs of this room: one action call each."""

from celery import shared_task

from connect_portal.gateway.actions import sweeping


@shared_task(name="gateway.settle")
def settle() -> None:
    """Find lost answers, and give back what finished orders hold of their limits."""
    sweeping.settle()
