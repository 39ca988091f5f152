"""Jobs of this room: what is due is a row, so each may run twice and none may be missed."""

from celery import shared_task

from connect_portal.authorizations import actions


@shared_task(name="authorizations.provision")
def provision(institution_id: int) -> None:
    """Give an institution its OAuth client."""
    actions.provision(institution_id)


@shared_task(name="authorizations.end_of_departed")
def end_of_departed() -> None:
    """End every connection of the institutions that left the programme."""
    actions.end_of_departed()


@shared_task(name="authorizations.delete_venue_keys")
def delete_venue_keys() -> None:
    """Delete at the venue the keys that are due, until none is or the venue is away."""
    while actions.delete_due():
        pass


@shared_task(name="authorizations.cancel_orders")
def cancel_orders() -> None:
    """Cancel the open orders of grants that were ended with that wish."""
    actions.cancel_due()


@shared_task(name="authorizations.send_letters")
def send_letters() -> None:
    """Send what is to be told about connections."""
    actions.send_waiting()


@shared_task(name="authorizations.look_after_keys")
def look_after_keys() -> None:
    """Ask the venue again about the keys that are due."""
    actions.look_after_keys()


@shared_task(name="authorizations.refresh_venue_tokens")
def refresh_venue_tokens() -> None:
    """Fetch the next tokens of the venue for grants whose token runs out soon."""
    actions.refresh_due()


@shared_task(name="authorizations.ask_rebates")
def ask_rebates() -> None:
    """Ask the exchange whether it pays the institutions that are observed."""
    actions.ask_rebates()


@shared_task(name="authorizations.sweep")
def sweep() -> None:
    """Provide clients, end what ran out or whose institution left, delete keys, send what waits,
    forget tokens."""
    actions.provision_missing()
    actions.end_expired()
    actions.end_of_departed()
    actions.cancel_due()
    actions.delete_due()
    actions.refresh_due()
    actions.send_waiting()
    actions.forget_old_tokens()
