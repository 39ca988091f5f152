"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class NotHere(Refusal):
    """The cast is for trying things out only."""

    code = "demo.not_here"
    sentence = "The demo cast loads only on embedded services or with DEMO=1."
    hint = "Its passwords are for trying things out."


class NoSandbox(Refusal):
    """The cast trades on the sandbox."""

    code = "demo.no_sandbox"
    sentence = "The demo cast needs the sandbox exchange as its venue."
    hint = "Unset VENUE_NAME and VENUE_URL."
