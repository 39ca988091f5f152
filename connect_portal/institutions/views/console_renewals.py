"""What finance decides about a proposed renewal, and compliance about a signed one."""

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from connect_portal.institutions import actions, tracking
from connect_portal.institutions.errors import NoteMissing, NotYours, OwnProposal
from connect_portal.institutions.forms.papers import RenewalForm
from connect_portal.institutions.models import Application, Renewal
from connect_portal.institutions.views.console_contracts import contract_page
from connect_portal.kit.errors import Refusal
from connect_portal.people.rules import person_of


@never_cache
@require_POST
def renewal(request: HttpRequest, application_id: int) -> HttpResponse:
    """Confirm or decline a proposed renewal, or refuse to countersign one."""
    found = tracking.application(application_id)
    if found is None or found.institution_id is None:
        raise Http404
    form = RenewalForm(request.POST)
    if not form.is_valid():
        return contract_page(request, found, form, 422)
    try:
        said = _decide(request, found, form)
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except Refusal as refusal:
        form.add_error(refusal.field, refusal.text)
        fresh = tracking.application(application_id) or found
        return contract_page(request, fresh, form, _status_of(refusal))
    messages.success(request, said)
    return redirect("institutions_console:contract", application_id)


def _decide(request: HttpRequest, found: Application, form: RenewalForm) -> str:
    """Do what the button says, about this institution's renewals only; what is said then."""
    verb, about = form.verb
    asked = {"person": person_of(request), "note": form.cleaned_data["note"]}
    if verb == "refuse":
        actions.refuse_signed(found.pk, **asked)
        return "Declined: the renewal stays as history, and the institution is told why."
    proposal = Renewal.objects.get(pk=about, before__institution=found.institution_id)
    if verb == "decline":
        actions.decline_renewal(proposal.pk, **asked)
        return "Declined: another renewal can be proposed."
    actions.confirm_renewal(proposal.pk, **asked)
    return "Confirmed: the next contract is sent, to be signed."


def _status_of(refusal: Refusal) -> int:
    """403 for whoever may not, 422 for what can be mended, 409 for whoever came second."""
    if isinstance(refusal, NotYours | OwnProposal):
        return 403
    return 422 if isinstance(refusal, NoteMissing) else 409
