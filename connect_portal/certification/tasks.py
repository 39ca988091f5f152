"""Jobs of this room: one action call each."""

from celery import shared_task

from connect_portal.certification import actions


@shared_task(name="certification.sweep")
def sweep() -> None:
    """Look at the runs that are under way."""
    actions.sweep()
