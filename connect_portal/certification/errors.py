"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class NotOffered(Refusal):
    """Only the sandbox shows what a client asked, and spoils an answer to order."""

    code = "certification.not_offered"
    sentence = "Test trading is watched on the sandbox exchange only; this venue is {venue!r}."
    hint = "Agree on a test with your account manager."


class NotDeveloper(Refusal):
    """A run ends connections and hands out a key."""

    code = "certification.not_developer"
    sentence = "A run is started by an owner or a developer of {name}."


class TooEarly(Refusal):
    """Orders carry the code once technical access was given."""

    code = "certification.too_early"
    sentence = "There is no Connect code to trade with yet."
    hint = "Test trading begins when technical access was given."


class AlreadyRunning(Refusal):
    """One run at a time."""

    code = "certification.running"
    sentence = "A run is under way already."
    hint = "Finish it, or give it up first."


class NothingRuns(Refusal):
    """What is over cannot be changed."""

    code = "certification.over"
    sentence = "No run is under way."
    hint = "Start one."


class ExchangeAway(Refusal):
    """Nothing was begun."""

    code = "certification.exchange_away"
    sentence = "The sandbox exchange does not answer, so nothing was begun."
    hint = "Try again in a minute."
