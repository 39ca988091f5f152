"""Who comes to the pages of an application: with an empty draft, a full one, one to be mended."""

import io
from typing import Any

from django.test import Client
from django.urls import reverse

from connect_portal.institutions.actions import add_document, ask_change, move, save_draft
from connect_portal.institutions.models import Application, Document
from connect_portal.institutions.moves import Event
from tests import cast
from tests.institutions.handing_in import pdf, ready
from tests.institutions.road import Road


def iris_applied(client: Client) -> dict[str, Any]:
    """An applicant whose application is under review."""
    road = Road.make()
    road.in_review()
    cast.sign_in(client, road.applicant)
    return {}


def iris_drafting(client: Client) -> dict[str, Any]:
    """An applicant at a draft."""
    iris = cast.applicant("Iris")
    draft = save_draft(iris, {"company": "Harbor Trading", "channels": ["oauth"]})
    cast.sign_in(client, iris)
    return {"application_id": draft.pk}


def iris_mending(client: Client) -> dict[str, Any]:
    """An applicant at a draft with something malformed in it."""
    address = iris_drafting(client)
    client.post(reverse("institutions_user:business", kwargs=address), {"website": "ftp://x"})
    return address


def iris_filling_in(client: Client) -> dict[str, Any]:
    """An applicant whose draft has everything, and versions of a document."""
    iris = cast.applicant("Iris")
    draft = ready(iris)
    paper = io.BytesIO(pdf("newer"))
    add_document(iris, draft.pk, "certificate", paper, name="newer.pdf")
    cast.sign_in(client, iris)
    return {"application_id": draft.pk}


def iris_answering(client: Client) -> dict[str, Any]:
    """An applicant who is asked for a change."""
    road = Road.make()
    application = road.in_review()
    who = {"person": road.manager, "actor": road.manager.actor}
    ask_change(application.pk, "registration_number", note="Which register?", **who)
    ask_change(application.pk, "", note="Please look through it.", **who)
    move(application.pk, Event.REQUEST_INFO, **who)
    cast.sign_in(client, road.applicant)
    return {"application_id": application.pk}


def iris_at_a_document(client: Client) -> dict[str, Any]:
    """An applicant before one of her files."""
    iris_filling_in(client)
    return {"document_id": Document.objects.first().pk}


def iris_withdrawing(client: Client) -> dict[str, Any]:
    """An applicant who thinks again."""
    iris_applied(client)
    return {"application_id": Application.objects.get().pk}
