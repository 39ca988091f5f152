"""The two-person way to end every connection of an institution: compliance or technical proposes,
an account manager confirms or declines."""

from typing import TYPE_CHECKING

from django.db import transaction

from connect_portal.audit.actions import record
from connect_portal.authorizations import rules
from connect_portal.authorizations.actions import mass_end
from connect_portal.authorizations.enums import EndingState, Tag
from connect_portal.authorizations.errors import NothingToDecide, NotYourPart
from connect_portal.authorizations.models import Ending
from connect_portal.kit.clock import now
from connect_portal.venue.business_clock import ahead

if TYPE_CHECKING:
    from connect_portal.people.models import Person


@transaction.atomic
def propose_ending(
    institution_id: int, *, reason: str, person: "Person", cancel_orders: bool = False
) -> Ending:
    """Propose to end every connection of an institution; where that is proposed already, the
    proposal that waits. Raises NotYourPart."""
    if not rules.may_propose_ending(person):
        raise NotYourPart(who="compliance or technical")
    ending, is_new = Ending.objects.get_or_create(
        institution_id=institution_id,
        state=EndingState.PROPOSED,
        defaults={"reason": reason, "proposed_by": person, "cancel_orders": cancel_orders},
    )
    if is_new:
        _note(Tag.ENDING_PROPOSED, ending, person)
    return ending


def decide_ending(ending_id: int, *, yes: bool, person: "Person") -> Ending:
    """Confirm what was proposed, and every connection ends in the same transaction, or decline it.

    Raises NothingToDecide, NotYourPart (another role, or the proposer again).
    """
    offset = ahead()
    with transaction.atomic():
        waiting = Ending.objects.select_for_update().filter(state=EndingState.PROPOSED)
        ending = waiting.filter(pk=ending_id).first()
        if ending is None:
            raise NothingToDecide()
        if not rules.may_decide_ending(person, ending):
            raise NotYourPart(who="an account manager who did not propose it")
        ending.state = EndingState.CONFIRMED if yes else EndingState.DECLINED
        ending.decided_by, ending.decided_at = person, now()
        if yes:
            ended = mass_end.end_held(
                ending.institution_id,
                offset,
                reason=ending.reason,
                actor=person.actor,
                cancel_orders=ending.cancel_orders,
            )
            ending.grants, ending.bindings = ended.grants, ended.bindings
        ending.save()
        if not yes:
            _note(Tag.ENDING_DECLINED, ending, person)
    return ending


def _note(tag: Tag, ending: Ending, person: "Person") -> None:
    data = {
        "institution": ending.institution_id,
        "reason": ending.reason,
        "cancel_orders": ending.cancel_orders,
    }
    record(tag, actor=person.actor, subject=f"ending:{ending.pk}", data=data)
