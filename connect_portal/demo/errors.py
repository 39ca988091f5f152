"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class NotHere(Refusal):
    """The cast is for trying things out only."""

    code = "demo.not_here"
    sentence = "The demo cast loads only on embedded services or with DEMO=1."
    hint = "Its passwords are for trying things out."


class NoClient(Refusal):
    """The client that plays is not one of ours."""

    code = "demo.no_client"
    sentence = "ccxt, the client that plays the institution's, is not installed."
    hint = "It comes with the development dependencies: make run installs them into .venv."


class SiteAway(Refusal):
    """Consent is given on the site itself."""

    code = "demo.site_away"
    sentence = "{url} does not answer as expected: {what}."
    hint = "Start the site with make run, and load the cast."


class NoSandbox(Refusal):
    """The cast trades on the sandbox."""

    code = "demo.no_sandbox"
    sentence = "The demo cast needs the sandbox exchange as its venue."
    hint = "Unset VENUE_NAME and VENUE_URL."
