"""The section of the people behind a company."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from connect_portal.institutions import actions
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.filling import Filling
from connect_portal.institutions.forms.application import NoOwnerForm
from connect_portal.institutions.forms.people import PersonForm, known
from connect_portal.institutions.models import CompanyPerson
from connect_portal.institutions.sections import Section
from connect_portal.institutions.views.user.form import autosave, keep, rows
from connect_portal.institutions.views.user.page import form_page, least_share, opened
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import keep_unless_signed_in, kept_form
from connect_portal.people.rules import person_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, application_id: int) -> HttpResponse:
    """Who directs the company, owns it and signs for it; entered one by one."""
    filled, answer = opened(request, application_id)
    if answer:
        return answer
    if request.method != "POST":
        return _shown(request, filled)
    match request.POST.get("then", "").partition(":"):
        case "autosave", _, _:
            return autosave(request, filled, NoOwnerForm, least=least_share())
        case "enter", _, about:
            return _enter(request, filled, _person(filled, about) if about else None)
        case "remove", _, about:
            person = person_of(request)
            actions.remove_person(person, application_id, _person(filled, about).pk)
        case _:
            sent = NoOwnerForm(request.POST, application=filled.application, least=least_share())
            keep(request, filled, sent)
            if request.POST.get("then") == "next":
                return redirect("institutions_user:contacts", application_id)
    return redirect("institutions_user:people", application_id)


people.arrival = keep_unless_signed_in  # type: ignore[attr-defined]


def _shown(request: HttpRequest, filled: Filling) -> HttpResponse:
    """The page, with the row that ``?person=`` names in the form, or what was typed last."""
    wanted = request.GET.get("person", "")
    chosen = _person(filled, wanted) if wanted else None
    form = PersonForm(initial=known(chosen) if chosen else None)
    if kept := kept_form(request):
        form = PersonForm(kept)
        messages.info(request, "What you had typed before you were signed out is in the form.")
    return _page(request, filled, form, chosen)


def _enter(request: HttpRequest, filled: Filling, chosen: CompanyPerson | None) -> HttpResponse:
    form, application_id = PersonForm(request.POST), filled.application.pk
    if form.is_valid():
        at = {"person_id": chosen.pk if chosen else None}
        try:
            actions.save_person(person_of(request), application_id, form.cleaned_data, **at)
        except NoSuchMove:
            return redirect("institutions_user:status")
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            return redirect("institutions_user:people", application_id)
    return _page(request, filled, form, chosen, status=422)


def _page(
    request: HttpRequest,
    filled: Filling,
    form: PersonForm,
    chosen: CompanyPerson | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "chosen": chosen,
        "rows": rows(NoOwnerForm, filled, least=least_share()),
    }
    return form_page(request, filled, Section.PEOPLE, status=status, **context)


def _person(filled: Filling, about: str) -> CompanyPerson:
    found = next((person for person in filled.people if str(person.pk) == about), None)
    if found is None:
        raise Http404
    return found
