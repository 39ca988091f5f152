"""The sections with files and keys: documents, and the technical side with the logo; and a document
itself, for whoever may see it."""

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from connect_portal.institutions import actions
from connect_portal.institutions.errors import NoSuchMove
from connect_portal.institutions.filling import Filling, page_of
from connect_portal.institutions.form_errors import FileTooLarge
from connect_portal.institutions.forms.application import ServersForm
from connect_portal.institutions.forms.documents import KeyForm, UploadForm
from connect_portal.institutions.inspecting import PDF
from connect_portal.institutions.queries import document_for
from connect_portal.institutions.sections import Section
from connect_portal.institutions.views.user.form import autosave, keep, rows
from connect_portal.institutions.views.user.page import form_page, opened
from connect_portal.kit import files, uploads
from connect_portal.kit.errors import Refusal
from connect_portal.people.fresh import keep_unless_signed_in, kept_form
from connect_portal.people.rules import person_of
from connect_portal.venue.types import Credentials

if TYPE_CHECKING:
    pass

_LOCKED_DOWN = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A file of somebody else's is a picture or a download, never a page of ours."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def documents(request: HttpRequest, application_id: int) -> HttpResponse:
    """What is handed in as files: a place for each kind."""
    filled, answer = opened(request, application_id)
    if answer:
        return answer
    if request.method != "POST":
        return _documents_page(request, filled)
    verb, _, about = request.POST.get("then", "").partition(":")
    if verb == "remove":
        actions.remove_document(person_of(request), application_id, _number(about))
    else:
        form = _take(request, application_id)
        if form.errors:
            return _documents_page(request, filled, form=form, status=422)
    return redirect(page_of(Section.DOCUMENTS, application_id))


def _documents_page(
    request: HttpRequest, filled: Filling, *, form: UploadForm | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "slots": filled.slots(),
        "refused": form,
    }
    return form_page(request, filled, Section.DOCUMENTS, status=status, **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def technical(request: HttpRequest, application_id: int) -> HttpResponse:
    """The account at the exchange with its key, servers, redirect URIs and the logo."""
    filled, answer = opened(request, application_id)
    if answer:
        return answer
    if request.method != "POST":
        if kept := kept_form(request):
            filled = keep(request, filled, ServersForm(kept, application=filled.application))
        return _technical_page(request, filled)
    verb, _, about = request.POST.get("then", "").partition(":")
    match verb:
        case "autosave":
            return autosave(request, filled, ServersForm)
        case "key":
            return _set_key(request, filled)
        case "forget":
            actions.remove_venue_key(person_of(request), application_id)
        case "remove":
            actions.remove_document(person_of(request), application_id, _number(about))
        case "upload":
            form = _take(request, application_id)
            if form.errors:
                return _technical_page(request, filled, refused=form, status=422)
        case _:
            return _save(request, filled)
    return redirect(page_of(Section.TECHNICAL, application_id))


def _arrive(request: HttpRequest) -> None:
    """A form with a key in it is not kept anywhere."""
    if "secret" not in request.POST:
        keep_unless_signed_in(request)


technical.arrival = _arrive  # type: ignore[attr-defined]


def _save(request: HttpRequest, filled: Filling) -> HttpResponse:
    filled = keep(request, filled, ServersForm(request.POST, application=filled.application))
    if filled.application.malformed.keys() & ServersForm.base_fields.keys():
        return _technical_page(request, filled, status=422)
    after = Section.REVIEW if request.POST.get("then") == "next" else Section.TECHNICAL
    return redirect(page_of(after, filled.application.pk))


def _set_key(request: HttpRequest, filled: Filling) -> HttpResponse:
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            key = Credentials(**form.cleaned_data)
            actions.set_venue_key(person_of(request), filled.application.pk, key)
        except NoSuchMove:
            return redirect("institutions_user:status")
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.text)
        else:
            return redirect(f"{page_of(Section.TECHNICAL, filled.application.pk)}#field-venue_key")
    return _technical_page(request, filled, key_form=form, status=422)


def _technical_page(
    request: HttpRequest,
    filled: Filling,
    *,
    key_form: KeyForm | None = None,
    refused: UploadForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "rows": rows(ServersForm, filled),
        "key_form": key_form or KeyForm(),
        "key_requests": filled.requests.get("venue_key", []),
        "slot": filled.logo,
        "refused": refused,
    }
    return form_page(request, filled, Section.TECHNICAL, status=status, **context)


def _take(request: HttpRequest, application_id: int) -> UploadForm:
    """Take an uploaded file; a form without errors if it was taken."""
    form = UploadForm(request.POST, request.FILES)
    if uploads.refused(request):
        form.errors.clear()
        form.add_error("file", FileTooLarge(most=uploads.most_megabytes()).text)
    elif form.is_valid():
        sent = form.cleaned_data
        try:
            actions.add_document(
                person_of(request),
                application_id,
                sent["kind"],
                sent["file"],
                name=sent["file"].name,
                expires_on=sent["expires_on"],
            )
        except Refusal as refusal:
            form.add_error(refusal.field, refusal.text)
    return form


def _number(about: str) -> int:
    if not about.isascii() or not about.isdecimal() or len(about) > 18:
        raise Http404
    return int(about)


@never_cache
@require_safe
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """A document, for its applicant, the owners of what became of it, and the exchange's staff.

    For anybody else it does not exist. A picture is shown, a PDF is a download: no browser opens
    one in a sandbox.
    """
    found = document_for(person_of(request), document_id)
    if found is None:
        raise Http404
    try:
        content = files.read(found.sha256)
    except FileNotFoundError as error:
        raise Http404 from error
    is_download = found.media_type == PDF or "download" in request.GET
    return HttpResponse(
        content,
        content_type=found.media_type,
        headers={
            "Content-Disposition": content_disposition_header(is_download, found.name) or "inline",
            "Content-Security-Policy": _LOCKED_DOWN,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
