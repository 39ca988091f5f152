"""What the venue says of keys in use, whatever they came from."""

from connect_portal.authorizations.actions import binding_states, grants, venue_tokens
from connect_portal.authorizations.enums import EndedBy


def degrade(source: str, *, trouble: str, actor: str) -> None:
    """Note that the venue refuses the key of ``source`` (``binding:7``, ``grant:3``; see
    `queries.Access`). A binding waits for another key; a grant cannot get one, so it ends, unless
    it has a token of the venue's that another may have replaced meanwhile."""
    name, _, pk = source.partition(":")
    if name == "grant" and not venue_tokens.doubt(int(pk)):
        grants.end_for(EndedBy.VENUE, int(pk), actor=actor)
    elif name == "binding":
        binding_states.degrade(int(pk), trouble=trouble, actor=actor)
