"""The refusals of a review: requests, findings, checklists, watch lists."""

from connect_portal.kit.errors import Refusal


class ReasonMissing(Refusal):
    """A rejection names its reason."""

    code = "application.reason_missing"
    field = "reason"
    sentence = "“{verb}” needs a reason from the list, and a note that says what was seen."


class NothingAsked(Refusal):
    """Nobody waits for an answer to no question."""

    code = "request.nothing_asked"
    field = "note"
    sentence = "Nothing is asked yet."
    hint = "Ask for a change beside a field, or write here what the applicant is to do."


class AlreadyAsked(Refusal):
    """One open request about a field at a time."""

    code = "request.open"
    sentence = "{name} asked about this at {at:%Y-%m-%d %H:%M} UTC already: “{note}”."
    hint = "Withdraw that request first if yours says it better."


class RequestOver(Refusal):
    """A request ends once."""

    code = "request.over"
    sentence = "This request was {how} by {name} at {at:%Y-%m-%d %H:%M} UTC already."


class Unanswered(Refusal):
    """Handing in again takes an answer to everything that was asked."""

    code = "request.unanswered"
    sentence = "Still to be answered: {fields}."
    hint = "Change what is asked about, or reply beside it."


class UnknownField(Refusal):
    """One asks about what the form has."""

    code = "request.unknown_field"
    sentence = "The application has no field {field!r}."


class Unchecked(Refusal):
    """Each role has its checklist, and goes through it before the application goes on."""

    code = "review.unchecked"
    sentence = "{hand} has not checked yet: {items}."
    hint = "Tick it under “Checklist” on this page."


class RequestsOpen(Refusal):
    """Nobody is approved while a question to them is open."""

    code = "review.requests_open"
    sentence = "Changes are asked for and not answered: {fields}."
    hint = "Send the requests to the applicant, or withdraw them."


class FindingsOpen(Refusal):
    """What the screening found is looked at first."""

    code = "review.findings_open"
    sentence = "Findings are in the way: {findings}."
    hint = "Compliance clears each with a reason, or this is not done."


class FindingOver(Refusal):
    """A finding is cleared once."""

    code = "review.finding_over"
    sentence = "This finding was cleared by {name} at {at:%Y-%m-%d %H:%M} UTC already: “{reason}”."


class AlreadyTicked(Refusal):
    """A tick is one person's."""

    code = "review.already_ticked"
    sentence = "{name} ticked this at {at:%Y-%m-%d %H:%M} UTC already."


class AnswersChanged(Refusal):
    """One ticks what one has read."""

    code = "review.answers_changed"
    sentence = "The answers changed while you looked: “{words}” is not ticked."
    hint = "Look at them again below."


class NotTicked(Refusal):
    """Only a tick can be taken back."""

    code = "review.not_ticked"
    sentence = "This is not ticked, so there is nothing to take back."


class UnknownItem(Refusal):
    """Checklists are the same for everybody."""

    code = "review.unknown_item"
    sentence = "There is no such item on the checklist of this application."


class ListMalformed(Refusal):
    """A watch list is read to its last line, or not at all."""

    code = "watch_list.malformed"
    field = "file"
    sentence = "The list is not taken. {why}"


class ListWaits(Refusal):
    """One list at a time waits for its second person."""

    code = "watch_list.waits"
    field = "file"
    sentence = "A list waits already, uploaded by {name} at {at:%Y-%m-%d %H:%M} UTC."
    hint = "Approve or decline it first."


class OwnList(Refusal):
    """Two people, never one twice."""

    code = "watch_list.own"
    sentence = "You uploaded this list yourself, so another person has to approve it."


class ListDecided(Refusal):
    """Of two who decide at once, one is first."""

    code = "watch_list.decided"
    sentence = "This list was {how} by {name} at {at:%Y-%m-%d %H:%M} UTC already."
