"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class CodeMalformed(Refusal):
    """The text cannot be carried in an order's tag."""

    code = "code.malformed"
    sentence = "{code!r} cannot be a Connect code."
    hint = "A code is 1 to 16 ASCII letters and digits."


class CodeIssued(Refusal):
    """An institution carries one code at a venue at a time."""

    code = "code.issued"
    sentence = "This institution has a Connect code at {venue!r} already."
    hint = "Retire it first; another can be issued then."


class CodeOfLibrary(Refusal):
    """Client libraries tag orders by themselves; such a tag could never tell whose an order is."""

    code = "code.of_library"
    sentence = "{code!r} is what the client library {library} writes into every order."
    hint = "Choose another."


class NameTaken(Refusal):
    """An institution's address on this site comes from its name."""

    code = "institution.name_taken"
    field = "name"
    sentence = "An institution has the address {slug!r} already."
    hint = "Choose a name that reads differently."


class NameUnusable(Refusal):
    """A name must leave something to make an address of."""

    code = "institution.name_unusable"
    field = "name"
    sentence = "The name {name!r} cannot stand in an address."
    hint = "Use some Latin letters or digits, 120 characters at most."


class CodeTaken(Refusal):
    """A code is unique at its venue and never used again."""

    code = "code.taken"
    sentence = "The Connect code {code!r} is or was in use."
    hint = "Choose another; codes are never reused."


class ContractAccepted(Refusal):
    """One contract, accepted once."""

    code = "contract.accepted"
    sentence = "The contract is accepted already, by {name} at {at:%Y-%m-%d %H:%M} UTC."


class NoContract(Refusal):
    """Nothing goes live without one."""

    code = "contract.missing"
    sentence = "This institution has accepted no contract."
    hint = "Its owner accepts it on the Contract page."
