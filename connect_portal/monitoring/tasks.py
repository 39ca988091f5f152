"""Jobs of this room."""

from celery import shared_task

from connect_portal.monitoring import actions


@shared_task(name="monitoring.notice_first_fills")
def notice_first_fills() -> None:
    """Go on with the onboarding of those whose first fill has arrived."""
    actions.notice_first_fills()
