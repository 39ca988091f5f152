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


class ContractSent(Refusal):
    """One contract at a time."""

    code = "contract.sent"
    sentence = "A contract was sent already, at {at:%Y-%m-%d %H:%M} UTC."
    hint = "It is signed or declined first."


class NoContract(Refusal):
    """Nothing goes live without one."""

    code = "contract.missing"
    sentence = "This institution has no contract that both sides signed."
    hint = "Its owner signs it on the Contract page, then compliance countersigns."


class NoSuchTerms(Refusal):
    """A contract begins at a level of its plan."""

    code = "contract.no_such_terms"
    field = "level"
    sentence = "This version of the plan has no level {level}."


class TermsChanged(Refusal):
    """The second person confirms exactly what the first proposed."""

    code = "contract.terms_changed"
    sentence = "The contract would read differently now: its template, plan or company changed."
    hint = "Decline it; then it is proposed anew."


class SignatureMissing(Refusal):
    """A signature is made under the text."""

    code = "contract.signature_missing"
    sentence = "“{verb}” is done on the contract's page."
    hint = "Read the contract there, then sign it."


class SignatureUnproven(Refusal):
    """A signature needs somebody who proved a moment ago who they are."""

    code = "contract.signature_unproven"
    sentence = "A signature needs your second factor, shown as you sign."
    hint = "Sign in afresh, then sign."


class NotSignatory(Refusal):
    """Whoever the company authorised signs for it."""

    code = "contract.not_signatory"
    sentence = "The application names who signs for the company: {names}."
    hint = "Invite them as an owner on the team page."


class NameDiffers(Refusal):
    """The name under a contract is that of whoever signs."""

    code = "contract.name_differs"
    field = "name"
    sentence = "The authorised signatory is {name}: type the name as it stands."


class CompanyJoined(Refusal):
    """One company, one institution."""

    code = "application.company_joined"
    field = "company"
    sentence = "An institution called {company} has joined already."
    hint = "Ask its owner for a place in it, or apply under the company's full legal name."


class AlreadyOpen(Refusal):
    """One open application per person and company."""

    code = "application.already_open"
    field = "company"
    sentence = "You have an open application for {company}."
    hint = "Follow it on the status page."


class Incomplete(Refusal):
    """Not everything that the chosen model needs is there."""

    code = "application.incomplete"
    sentence = "Still open: {fields}."


class NoSuchMove(Refusal):
    """The application stands elsewhere, perhaps since a moment ago."""

    code = "application.no_such_move"
    sentence = (
        "{company} is at “{step}” since {at:%Y-%m-%d %H:%M} UTC ({who}), so this is not open."
    )
    hint = "Look at it again."


class NotYours(Refusal):
    """Each move belongs to a role."""

    code = "application.not_yours"
    sentence = "“{verb}” is for {hands}."


class TakesTwo(Refusal):
    """One person proposes, another confirms."""

    code = "application.takes_two"
    sentence = "“{verb}” takes two people: propose it, and {hand} confirms."


class TakesOne(Refusal):
    """Nobody needs to confirm this."""

    code = "application.takes_one"
    sentence = "“{verb}” is not proposed but made."


class AlreadyProposed(Refusal):
    """One proposal at a time."""

    code = "proposal.open"
    sentence = "{name} proposed “{verb}” at {at:%Y-%m-%d %H:%M} UTC."
    hint = "It is confirmed or declined first."


class OwnProposal(Refusal):
    """Two people, never one twice."""

    code = "proposal.own"
    sentence = "You proposed this yourself, so you cannot decide about it."
    hint = "Another person of {hand} has to."


class AlreadyDecided(Refusal):
    """Of two who decide at once, one is first."""

    code = "proposal.decided"
    sentence = "This was already {state} by {name} at {at:%Y-%m-%d %H:%M:%S} UTC."


class Overtaken(Refusal):
    """The application moved on before anybody decided."""

    code = "proposal.overtaken"
    sentence = "This proposal was overtaken: the application moved on."


class NoteMissing(Refusal):
    """Some moves need words, because somebody will read them."""

    code = "application.note_missing"
    field = "note"
    sentence = "“{verb}” needs a note: the applicant reads it."


class AppealTooLate(Refusal):
    """A rejection is looked at again for a while only."""

    code = "application.appeal_too_late"
    sentence = "An appeal is open for {days} days after a rejection; these are over."
    hint = "Apply again when the reason no longer holds."


class CertifiedTooLongAgo(Refusal):
    """What goes live is the client that was tested, not one of long ago."""

    code = "application.certified_too_long_ago"
    sentence = (
        "The test trading was passed at {at:%Y-%m-%d %H:%M} UTC, which is more than {days} days "
        "ago."
    )
    hint = "Return it to the sandbox test: a new run that passes makes it fresh again."


class EvidenceMissing(Refusal):
    """Some moves rest on what was traded."""

    code = "application.evidence_missing"
    sentence = "“{verb}” rests on facts of trading, and there are none yet."


class ContractChanged(Refusal):
    """One accepts what one has read."""

    code = "contract.changed"
    sentence = "The contract is not the one you read."
    hint = "Read it again below, then accept it."


class NotProven(Refusal):
    """Who speaks for a company has an address that is theirs, and a second factor."""

    code = "application.not_proven"
    sentence = "To act for a company you need {needs}."
    hint = "Set that up for your account, then go on here: nothing is lost."


class EditionUnsound(Refusal):
    """An edition says nothing that cannot be read or filled in."""

    code = "edition.unsound"
    field = "body"
    sentence = "{problems}"


class EditionSame(Refusal):
    """A new edition says something new."""

    code = "edition.same"
    field = "body"
    sentence = "This is word for word the edition in force, so there is nothing to approve."


class EditionProposed(Refusal):
    """One proposal for one thing at a time."""

    code = "edition.proposed"
    sentence = "{name} proposed edition {number} at {at:%Y-%m-%d %H:%M} UTC."
    hint = "It is decided or withdrawn first."


class EditionInThePast(Refusal):
    """Nothing takes effect before it is approved."""

    code = "edition.in_the_past"
    field = "effective_from"
    sentence = "It cannot take effect at {at:%Y-%m-%d %H:%M} UTC: that is in the past."
    hint = "Propose it from a later date on, or from its approval on."


class EditionDecided(Refusal):
    """Of two who decide at once, one is first."""

    code = "edition.decided"
    sentence = "This edition was already {state} by {name} at {at:%Y-%m-%d %H:%M:%S} UTC."


class EditionNotYours(Refusal):
    """Editions are proposed by one role and approved by another."""

    code = "edition.not_yours"
    sentence = "To {verb} this is for {hand}."


class EditionOwn(Refusal):
    """Two people, never one twice."""

    code = "edition.own"
    sentence = "You proposed this edition yourself, so you cannot decide about it."
    hint = "You may withdraw it."


class EditionNoteMissing(Refusal):
    """Whoever decides reads why; whoever proposed reads why not."""

    code = "edition.note_missing"
    field = "note"
    sentence = "This needs a note that says why."


class OthersLookAfterIt(Refusal):
    """Applications lie on the desks of account managers."""

    code = "desk.others"
    sentence = "Applications are looked after by account managers who are no part of them."


class NotUnderWay(Refusal):
    """Nobody needs to look after what rests."""

    code = "desk.not_under_way"
    sentence = "Nothing waits at {company} any more."


class TakenMeanwhile(Refusal):
    """Of two who take at once, one is first."""

    code = "desk.taken"
    sentence = "{company} is with {name} since {at:%Y-%m-%d %H:%M:%S} UTC."
    hint = "Look at it again."


class NotOnYourDesk(Refusal):
    """One gives away what one has."""

    code = "desk.not_yours"
    sentence = "{company} is with {name}, not with you."
    hint = "Take it first."


class NoSuchColleague(Refusal):
    """A hand-over has two sides."""

    code = "desk.no_colleague"
    field = "to"
    sentence = "Choose a colleague who is an account manager."


class TooManyFilters(Refusal):
    """Views stay few enough to be found."""

    code = "desk.filters_full"
    sentence = "You keep {number} views already."
    hint = "Forget one first."


class WordsMissing(Refusal):
    """Somebody will read them."""

    code = "review.words_missing"
    field = "note"
    sentence = "Write what is meant: somebody will read it."


class NotNow(Refusal):
    """The review has its time."""

    code = "review.not_now"
    sentence = "{company} is at “{step}”, so this is not open."


class NotYourPart(Refusal):
    """Each part of a review belongs to a role."""

    code = "review.not_your_part"
    sentence = "This is for {hands}."
