"""The guardian of keys: it asks the venue again what each may do, and acts on the answer."""

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations.actions.bindings import STANDING_TOPIC
from connect_portal.authorizations.enums import BindingState, Tag
from connect_portal.authorizations.models import Binding
from connect_portal.kit import feed


def degrade(binding_id: int, *, trouble: str, actor: str) -> None:
    """Note that the venue refuses the key of a binding; said once, until it works again or another
    is bound."""
    with transaction.atomic():
        working = Binding.objects.select_for_update().filter(state=BindingState.BOUND)
        binding = working.filter(pk=binding_id).first()
        if binding is None:
            return
        binding.state = BindingState.DEGRADED
        binding.trouble = trouble[:200]
        binding.save(update_fields=["state", "trouble"])
        feed.ring_on_commit(STANDING_TOPIC, binding.pk)
        record(
            Tag.DEGRADED, actor=actor, subject=f"binding:{binding.pk}", data={"trouble": trouble}
        )
