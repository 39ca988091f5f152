"""Jobs of this room."""

from celery import shared_task

from connect_portal.people import actions, queries


@shared_task(name="people.send_invitation")
def send_invitation(invitation_id: int) -> None:
    """Send the letter of an invitation."""
    actions.send_invitation(invitation_id)


@shared_task(name="people.sweep")
def sweep() -> None:
    """Send the letters that a lost job or an absent mail server left."""
    for invitation_id in queries.unsent_invitations():
        actions.send_invitation(invitation_id)
