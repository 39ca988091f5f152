"""The console's view of connections, and the end of all of an institution's by two people."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.authorizations import actions, rules
from connect_portal.authorizations.census import census, census_of, endings_of
from connect_portal.authorizations.enums import EndingState
from connect_portal.authorizations.errors import NothingToDecide
from connect_portal.authorizations.forms.ending import EndingForm
from connect_portal.institutions import directory
from connect_portal.institutions.forms.directory import DirectoryForm
from connect_portal.institutions.queries import institution
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of


@never_cache
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """Institutions by name, a page at a time, and how many connections each has."""
    form = DirectoryForm(request.GET)
    sought = form.sought()
    page = directory.page(sought, after=form.after_id)
    context = {
        "rows": census([row.institution for row in page.rows]),
        "goes_on": page.goes_on,
        "sought": sought,
        "query": form.query,
    }
    return render(request, "authorizations/console/connections.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_institution(request: HttpRequest, slug: str) -> HttpResponse:
    """One institution's connections in numbers, and the step towards their end that is this
    person's."""
    found = institution(slug)
    if found is None:
        raise Http404
    person = person_of(request)
    form = EndingForm(request.POST if request.POST.get("decision") == "propose" else None)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            if _step(request, found.pk, form):
                return redirect("authorizations_console:of_institution", slug)
        except Refusal as refused:
            refusal = refused
    now = census_of(found)
    context = {
        "row": now,
        "form": form,
        "refusal": refusal,
        "endings": endings_of(found)[:20],
        "may_propose": rules.may_propose_ending(person),
        "may_decide": now.ending is not None and rules.may_decide_ending(person, now.ending),
    }
    status = 422 if form.errors else 409 if refusal else 200
    return render(request, "authorizations/console/institution.html", context, status=status)


def _step(request: HttpRequest, institution_id: int, form: EndingForm) -> bool:
    """Propose, confirm or decline; whether anything was done. Raises NotYourPart and its kin."""
    person = person_of(request)
    if form.is_bound:
        if not form.is_valid():
            return False
        actions.propose_ending(institution_id, person=person, **form.cleaned_data)
        messages.success(request, "Proposed. An account manager has to confirm it.")
        return True
    number = request.POST.get("ending", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NothingToDecide()
    ending = actions.decide_ending(
        int(number), yes=request.POST.get("decision") == "confirm", person=person
    )
    ended = f"Ended: {ending.grants} by consent, {ending.bindings} by API key."
    declined = "Declined. Nothing was ended."
    messages.success(request, ended if ending.state == EndingState.CONFIRMED else declined)
    return True
