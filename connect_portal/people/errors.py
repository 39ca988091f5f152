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
    sentence = "{name} already belongs to this institution."
