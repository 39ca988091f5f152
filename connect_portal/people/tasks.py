"""Jobs of this room."""

from celery import shared_task

from connect_portal.people import actions, queries


@shared_task(name="people.send_invitation")
def send_invitation(invitation_id: int) -> None:
    """Send the letter of an invitation."""
    actions.send_invitation(invitation_id)


@shared_task(name="people.send_staff_invitation")
def send_staff_invitation(invitation_id: int) -> None:
    """Send the letter of an invitation to work for the exchange."""
    actions.send_staff_invitation(invitation_id)


@shared_task(name="people.sweep")
def sweep() -> None:
    """Send the letters that a lost job or an absent mail server left."""
    for invitation_id in queries.unsent_invitations():
        actions.send_invitation(invitation_id)
    for invitation_id in queries.staff_letters().values_list("pk", flat=True)[:100]:
        actions.send_staff_invitation(invitation_id)
