"""This app's refusals."""

from connect_portal.kit.errors import Refusal


class EmailTaken(Refusal):
    """One address is one person."""

    code = "person.email_taken"
    sentence = "Somebody with the address {email} is already here."
    hint = "Sign in instead, or take another address."
    field = "email"


class AlreadyMember(Refusal):
    """One place in an institution is enough."""

    code = "membership.already_given"
    field = "email"
    sentence = "{name} already belongs to this institution."


class AlreadyInvited(Refusal):
    """One open invitation for one address."""

    code = "invitation.open"
    sentence = "{email} is invited already."
    hint = "Withdraw that invitation first to send another."
    field = "email"


class InvitationOver(Refusal):
    """Accepted, withdrawn, or older than a week."""

    code = "invitation.over"
    sentence = "This invitation is no longer open."
    hint = "Ask an owner of the institution for another."


class InvitedSomebodyElse(Refusal):
    """A letter that was passed on opens nothing."""

    code = "invitation.somebody_else"
    sentence = "This invitation is for {email}, and you are signed in as {own}."
    hint = "Sign in with that address, or ask for an invitation to yours."


class LastOwner(Refusal):
    """Somebody has to be able to act for the institution."""

    code = "membership.last_owner"
    sentence = "The institution would be left without an owner."
    hint = "Make somebody else an owner first."


class OwnStaffProposal(Refusal):
    """Two people, never one twice, and nobody for themselves."""

    code = "staff.own_proposal"
    sentence = "A second person has to confirm this: neither who proposed it nor who is invited."


class AlreadyHolds(Refusal):
    """A role is given once."""

    code = "staff.already_holds"
    sentence = "{email} has that role already."
    field = "email"


class AlreadyConfirmed(Refusal):
    """Of two who decide at once, one is first."""

    code = "staff.already_confirmed"
    sentence = "This was confirmed a moment ago."


class NotReady(Refusal):
    """A role at the exchange is for an address that is proved and a person with a second factor."""

    code = "staff.not_ready"
    sentence = "To accept you need {needs}."


class MemberGone(Refusal):
    """Somebody else ended the place a moment ago."""

    code = "membership.gone"
    sentence = "That place is no longer there."
