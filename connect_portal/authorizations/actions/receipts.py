"""The receipt of a consent: the text of what was agreed, and its fingerprint."""

import hashlib

from django.template.loader import render_to_string

from connect_portal.authorizations import wording
from connect_portal.authorizations.earnings import earns_of
from connect_portal.authorizations.enums import Scope
from connect_portal.authorizations.models import Grant, Receipt


def write_receipt(grant: Grant) -> Receipt:
    """Keep what a person consents to, in the transaction of the grant."""
    allowed = [Scope(scope) for scope in grant.scopes]
    context = {
        "grant": grant,
        "scopes": [(scope.label, wording.MEANINGS[scope]) for scope in allowed],
        "trades": Scope.TRADE in allowed,
        "earns": earns_of(grant.institution_id, grant.granted_at),
        "wording": wording,
        "nevers": wording.never(allowed),
        "ending": wording.ending(allowed),
    }
    text = render_to_string("authorizations/receipt.txt", context)
    return Receipt.objects.create(
        grant=grant,
        wording=wording.VERSION,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
