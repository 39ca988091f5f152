"""An application filled in by the same actions as the pages: fields, people, documents, terms."""

import io
import zlib
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from connect_portal.facts import document_kinds
from connect_portal.institutions import actions, terms_of_programme
from connect_portal.institutions.enums import Channel
from connect_portal.institutions.models import Application
from connect_portal.people.models import Person

FIELDS: dict[str, Any] = {
    "company": "Harbor Trading",
    "kind": "bot_platform",
    "channels": [Channel.API, Channel.OAUTH],
    "country": "US",
    "website": "https://harbor.example/",
    "description": "Bots that buy low and sell high.",
    "expected_users": 1_000,
    "expected_volume": Decimal("2500000"),
    "registration_number": "7654321",
    "registered_on": date(2019, 4, 1),
    "registered_address": "1 Quay Street\nDover, DE 19901",
    "contact_name": "Iris",
    "contact_email": "iris@harbor.example",
    "venue_account_uid": "44705892343619584",
    "redirect_uris": ["https://harbor.example/callback"],
    "ips": [],
}
PERSON: dict[str, Any] = {
    "name": "Iris",
    "roles": ["director", "owner", "signatory"],
    "country": "US",
    "share": Decimal("60"),
    "email": "iris@example.com",
}
"""One person who is all that a company needs."""
VALID_UNTIL = date(2079, 1, 1)


def pdf(text: str = "A paper") -> bytes:
    """A small whole PDF with a compressed page."""
    page = zlib.compress(f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
    return b"".join(
        (
            b"%PDF-1.7\n1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj\n",
            b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj\n",
            b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] ",
            b"/Contents 4 0 R>> endobj\n",
            b"4 0 obj <</Filter /FlateDecode /Length %d>>\nstream\n" % len(page),
            page,
            b"\nendstream endobj\ntrailer <</Root 1 0 R /Size 5>>\nstartxref\n0\n%%EOF\n",
        )
    )


def complete(application: Application) -> Application:
    """Name a person and hand in every required document, where that has not been done."""
    applicant = application.applicant
    if not application.people.exists():
        actions.save_person(
            applicant, application.pk, PERSON | {"name": applicant.name, "email": applicant.email}
        )
    there = set(application.documents.filter(replaced_at=None).values_list("kind", flat=True))
    for kind, asked in document_kinds().items():
        if asked.is_required and kind not in there:
            until = VALID_UNTIL if asked.expires else None
            paper = io.BytesIO(pdf(kind))
            actions.add_document(
                applicant, application.pk, kind, paper, name=f"{kind}.pdf", expires_on=until
            )
    return application


def ready(applicant: Person, fields: dict[str, Any] = FIELDS) -> Application:
    """A draft to which nothing is missing, its terms accepted."""
    accepted = {"terms_version": terms_of_programme.VERSION}
    return complete(actions.save_draft(applicant, fields | accepted))


def submit(
    applicant: Person, fields: dict[str, Any], *, application_id: int | None = None
) -> Application:
    """Fill in a draft completely and hand it in, or the application that was begun before."""
    return hand_in(complete(actions.save_draft(applicant, fields, application_id=application_id)))


def hand_in(application: Application) -> Application:
    """Accept the terms and hand in, for the first time or again."""
    version = terms_of_programme.VERSION
    return actions.submit(application.applicant, application.pk, terms_version=version)


FORM: dict[str, dict[str, Any]] = {
    "business": {
        "kind": "bot_platform",
        "model": "both",
        "website": "https://harbor.example/",
        "description": "Bots.",
        "expected_users": "1,000",
        "expected_volume": "2,500,000",
    },
    "company": {
        "company": "Harbor Trading",
        "registration_number": "7654321",
        "registered_on": "2019-04-01",
        "country": "US",
        "registered_address": "1 Quay Street, Dover",
    },
    "contacts": {"contact_name": "Iris", "contact_email": "iris@harbor.example"},
    "technical": {
        "venue_account_uid": "44705892343619584",
        "redirect_uris": "https://harbor.example/callback",
        "ips": "",
    },
}
"""What is typed into each section of the pages."""


def type_in(browser: Client, **changes: Any) -> Application:
    """Fill in everything but the last page, by the pages."""
    company = changes.get("company", FORM["company"]["company"])
    page = browser.post("/apply/", {"company": company})["Location"]
    for section, fields in FORM.items():
        mine = {name: value for name, value in changes.items() if name in fields}
        answer = browser.post(f"{page}{section}/", fields | {"company": company} | mine)
        assert answer.status_code == 302, answer.content.decode()
    person = PERSON | {"share": "60"}
    assert browser.post(f"{page}people/", person | {"then": "enter:"}).status_code == 302
    for kind, asked in document_kinds().items():
        if asked.is_required:
            paper = SimpleUploadedFile(f"{kind}.pdf", pdf(kind), "application/pdf")
            until = str(VALID_UNTIL) if asked.expires else ""
            sent = {"kind": kind, "file": paper, "expires_on": until, "then": "upload"}
            assert browser.post(f"{page}documents/", sent).status_code == 302
    return Application.objects.get(pk=int(page.split("/")[2]))


def apply(browser: Client, **changes: Any) -> Application:
    """Fill in the form by its pages and hand it in."""
    application = type_in(browser, **changes)
    terms = {"terms": terms_of_programme.VERSION}
    answer = browser.post(f"/apply/{application.pk}/review/", terms)
    assert answer.status_code == 302, answer.content.decode()
    application.refresh_from_db()
    return application
