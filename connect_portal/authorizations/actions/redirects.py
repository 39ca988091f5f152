"""Where a client may be answered: asked for by the institution, proposed by somebody technical of
the exchange, approved by an account manager, and gone at a word of the institution."""

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.enums import Tag
from connect_portal.authorizations.models import RedirectURI


@transaction.atomic
def approve_redirect(client_id: int, uri: str, *, proposed_by: str, approved_by: str) -> None:
    """Let the client ``client_id`` (its row) be answered at exactly ``uri``; two actors, never
    the same. Again changes nothing."""
    _, is_new = RedirectURI.objects.get_or_create(
        client_id=client_id,
        uri=uri,
        withdrawn_at=None,
        defaults={"proposed_by": proposed_by, "approved_by": approved_by},
    )
    if is_new:
        data = {"uri": uri, "proposed_by": proposed_by}
        record(Tag.REDIRECT_APPROVED, actor=approved_by, subject=f"client:{client_id}", data=data)
