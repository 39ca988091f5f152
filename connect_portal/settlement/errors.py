"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class DayNotOver(Refusal):
    """A day is closed when it is over in UTC on the business clock, not before."""

    code = "day.not_over"
    field = "day"
    sentence = "{day} is not over yet: the business clock says {now:%Y-%m-%d %H:%M} UTC."
    hint = "It can be closed from {until:%Y-%m-%d %H:%M} UTC on."


class NotFinance(Refusal):
    """Closing is proposed by finance."""

    code = "close.not_finance"
    sentence = "Only finance closes a day."
    hint = "Compliance confirms what finance has closed."


class NotCompliance(Refusal):
    """Issuing is confirmed by compliance."""

    code = "issue.not_compliance"
    sentence = "Only compliance issues a statement."
    hint = "Finance closes the day; compliance looks it over and confirms."


class OwnStatement(Refusal):
    """Nobody confirms what they proposed themselves."""

    code = "issue.own"
    sentence = "You closed this day yourself."
    hint = "Somebody else of compliance has to issue the statement."


class AlreadyIssued(Refusal):
    """A statement is issued once."""

    code = "issue.already"
    sentence = "Statement {number} was issued by {person} at {at:%Y-%m-%d %H:%M} UTC."


class ClockStandsStill(Refusal):
    """Only the sandbox has a clock that can be moved."""

    code = "clock.real_venue"
    sentence = "The business clock moves on the sandbox only; this venue is {venue!r}."
