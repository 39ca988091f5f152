"""The sections that are plain forms, kept field by field as they are typed; and the last page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from connect_portal.institutions import actions, terms_of_programme
from connect_portal.institutions.errors import AlreadyOpen, NoSuchMove
from connect_portal.institutions.filling import Filling, filling, page_of
from connect_portal.institutions.forms.application import FORMS, SectionForm, needed
from connect_portal.institutions.models import Application, ChangeRequest
from connect_portal.institutions.sections import Section, anchor_of, section_of
from connect_portal.institutions.summary import summary
from connect_portal.institutions.views.user.page import following, form_page, opened
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import keep_unless_signed_in, kept_form
from connect_portal.people.rules import person_of
from connect_portal.venue.business_clock import business_now

if TYPE_CHECKING:
    from connect_portal.people.models import Person

_HIDDEN_WIDGETS = ("date", "select", "radioselect", "checkboxselectmultiple", "checkbox")
"""Widgets that cannot show a text that they do not know."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field with everything that is said beside it."""

    bound: BoundField
    is_needed: bool
    why: list[str]
    requests: list[ChangeRequest]

    @property
    def anchor(self) -> str:
        """The id of its place on the page."""
        return anchor_of(self.bound.name)

    @property
    def shown(self) -> str:
        """What the field shows now, to be sent along with what it will."""
        return self.bound.as_hidden(only_initial=True)

    @property
    def typed(self) -> str:
        """What was typed and cannot be shown in the field itself."""
        is_unseen = self.why and self.bound.widget_type in _HIDDEN_WIDGETS
        return str(self.bound.initial) if is_unseen else ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, application_id: int, name: str) -> HttpResponse:
    """One section: shown, kept field by field (``then=autosave``), or kept as a whole."""
    filled, answer = opened(request, application_id)
    if answer:
        return answer
    here = Section(name)
    if request.method != "POST":
        if kept := kept_form(request):
            filled = keep(request, filled, FORMS[here](kept, application=filled.application))
            messages.success(request, "What you had typed before you were signed out is kept.")
        return form_page(request, filled, here, rows=rows(FORMS[here], filled))
    if request.POST.get("then") == "autosave":
        return autosave(request, filled, FORMS[here])
    filled = keep(request, filled, FORMS[here](request.POST, application=filled.application))
    wrong = filled.application.malformed.keys() & FORMS[here].base_fields.keys()
    if wrong:
        return form_page(request, filled, here, status=422, rows=rows(FORMS[here], filled))
    return redirect(_onward(request.POST, here, application_id))


section.arrival = keep_unless_signed_in  # type: ignore[attr-defined]


def keep(request: HttpRequest, filled: Filling, form: SectionForm) -> Filling:
    """Keep what the form says, what is malformed too; the application as it is then."""
    person, application = person_of(request), filled.application
    form.full_clean()
    marks: dict[str, Any] = {"mended": form.mended, "malformed": form.malformed}
    columns = form.columns
    try:
        kept = actions.save_fields(person, application.pk, columns, **marks)
    except AlreadyOpen as refusal:
        typed = {"company": {"typed": columns.pop("company"), "why": [refusal.text]}}
        marks = {"mended": form.mended, "malformed": form.malformed | typed}
        kept = actions.save_fields(person, application.pk, columns, **marks)
    except NoSuchMove:  # it was handed in a moment ago; the next page says so
        return filled
    return filling(kept, business_now().date())


def autosave(
    request: HttpRequest, filled: Filling, form: type[SectionForm], **more: Any
) -> HttpResponse:
    """Keep one field: what is said beside it, the rail and the time go back."""
    name = request.POST.get("field", "")
    sent = form(request.POST, application=filled.application, only=name, **more)
    filled = keep(request, filled, sent)
    shown = rows(form, filled, only=name, **more)
    context = {
        "row": next(iter(shown), None),
        "application": filled.application,
        "tabs": filled.tabs(form.section),
    }
    return render(request, "institutions/user/form/_saved_field.html", context)


def rows(form: type[SectionForm], filled: Filling, *, only: str = "", **more: Any) -> list[Row]:
    """The fields of a form as they stand, with what is said beside each."""
    fresh = form(application=filled.application, only=only, **more)
    malformed = filled.application.malformed
    return [
        Row(
            bound=bound,
            is_needed=bound.name in needed(fresh),
            why=malformed.get(bound.name, {}).get("why", []),
            requests=filled.requests.get(bound.name, []),
        )
        for bound in fresh
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, application_id: int) -> HttpResponse:
    """Everything at a glance, what is still open, the terms, and the button that hands it in."""
    filled, answer = opened(request, application_id)
    if answer:
        return answer
    refused, status = "", 200
    if request.method == "POST":
        try:
            return _hand_in(request, person_of(request), filled.application)
        except Refusal as refusal:
            refused, status = refusal.text, 422
    context = {
        "summary": summary(filled),
        "terms": terms_of_programme,
        "refused": refused,
        "resubmits": filled.application.submitted_at is not None,
    }
    return form_page(request, filled, Section.REVIEW, status=status, **context)


def _hand_in(request: HttpRequest, person: "Person", application: Application) -> HttpResponse:
    """Raises the refusals of `actions.submit`, and says them to whoever comes second."""
    try:
        version = request.POST.get("terms", "")
        actions.submit(person, application.pk, terms_version=version)
    except NoSuchMove:
        return redirect("institutions_user:status")
    messages.success(request, "Your application is submitted. Follow it here.")
    return redirect(f"/apply/status/?application={application.pk}")


@never_cache
@require_POST
def reply(request: HttpRequest, application_id: int, request_id: int) -> HttpResponse:
    """Answer a request in words, and go back to its field."""
    filled, answer = opened(request, application_id)
    if answer:
        return answer
    asked = next(
        (one for those in filled.requests.values() for one in those if one.pk == request_id), None
    )
    if asked is None:
        return redirect("institutions_user:change", application_id)
    person = person_of(request)
    try:
        words = request.POST.get("reply", "")
        actions.answer_request(request_id, reply=words, person=person, actor=person.actor)
    except Refusal as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, "Your answer is kept. Hand the application in again when done.")
    place = section_of(asked.field)
    return redirect(f"{page_of(place, application_id)}#{anchor_of(asked.field)}")


def _onward(sent: QueryDict, here: Section, application_id: int) -> str:
    """The next page, or the same one, whichever button was pressed."""
    after = following(here) if sent.get("then") == "next" else here
    return page_of(after or here, application_id)
