"""Documents: told by their content, kept as versions, opened by whoever may and by nobody else."""

import io
import os
import stat
import struct
import zipfile
import zlib
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pytest_django import Settings

from connect_portal.audit.models import Event as Line
from connect_portal.institutions.actions.documents import sweep_documents
from connect_portal.institutions.enums import Step
from connect_portal.institutions.models import Application, Document
from connect_portal.institutions.queries import documents_of
from connect_portal.kit import files
from connect_portal.people.models import Person
from tests import cast
from tests.institutions.handing_in import pdf, ready
from tests.institutions.road import Road
from tests.institutions.test_road import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(settings: Settings, tmp_path: Path) -> Application:
    """Iris's draft with every document, its files in a folder of the test's own."""
    settings.DATA_DIR = tmp_path
    return ready(cast.applicant("Iris"))


@pytest.fixture
def browser(draft: Application) -> Client:
    """Her browser."""
    return browser_of(draft.applicant)


def upload(
    browser: Client,
    draft: Application,
    content: bytes,
    name: str = "paper.pdf",
    kind: str = "certificate",
    claimed: str = "application/pdf",
    **more: Any,
) -> Any:
    section = "technical" if kind == "logo" else "documents"
    file = SimpleUploadedFile(name, content, claimed)
    sent = {"kind": kind, "file": file, "then": "upload"} | more
    return browser.post(f"/apply/{draft.pk}/{section}/", sent)


def refused(browser: Client, draft: Application, content: bytes, **more: Any) -> str:
    """The page that says why a file is not taken; nothing was kept."""
    rows, there = Document.objects.count(), kept_files()
    answer = upload(browser, draft, content, **more)
    assert answer.status_code == 422
    assert (Document.objects.count(), kept_files()) == (rows, there)
    return unescape(answer.content.decode())


def kept_files() -> list[str]:
    return sorted(path.name for path in files.folder().rglob("*") if path.is_file())


def picture(form: str, size: tuple[int, int] = (60, 40)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "white").save(written, form)
    return written.getvalue()


def png_that_unpacks_to(width: int, height: int) -> bytes:
    """A small PNG whose head announces a large picture, and whose data holds it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_with_a_text_that_unpacks_to(size: int) -> bytes:
    """A picture of one pixel and a compressed comment."""
    written = io.BytesIO()
    about = PngInfo()
    about.add_text("Comment", "x" * size, zip=True)
    Image.new("RGB", (1, 1)).save(written, "PNG", pnginfo=about)
    return written.getvalue()


def escaped(name: str) -> bytes:
    """A name of a PDF with each of its letters as a number."""
    return b"/" + "".join(f"#{ord(letter):02X}" for letter in name).encode()


def zipped() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(10_000_000))
    return written.getvalue()


def acting_pdf(action: bytes) -> bytes:
    return pdf().replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction <<" + action + b">>")


def pdf_with_stream(content: bytes, about: bytes = b"/Type /ObjStm /Filter /FlateDecode") -> bytes:
    stream = b"9 0 obj <<" + about + b">>\nstream\n" + content + b"\nendstream endobj\n"
    return pdf().replace(b"trailer", stream + b"trailer")


# --- by its content -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (pdf(), "application/pdf", ".pdf"),
        (picture("PNG"), "image/png", ".png"),
        (picture("JPEG"), "image/jpeg", ".jpg"),
    ],
)
def test_a_file_is_what_its_content_says_whatever_it_is_called(
    browser: Client, draft: Application, content: bytes, media_type: str, suffix: str
) -> None:
    answer = upload(browser, draft, content, name="../../etc/<b>paper</b>.exe", claimed="text/html")
    assert answer.status_code == 302
    found = Document.objects.get(kind="certificate", replaced_at=None)
    assert (found.media_type, found.size) == (media_type, len(content))
    assert found.sha256 == sha256(content).hexdigest()
    assert found.name.endswith(suffix)
    assert not set(found.name) & set("/<>\\")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty (0 bytes)."),
        (zipped(), "a ZIP archive, perhaps a Word or Excel file"),
        (b"MZ\x90\x00" + bytes(100), "a program"),
        (b"<html><script>alert(1)</script>", "a web page"),
        (b"plain words", "This is no PDF, PNG or JPEG, whatever its name says."),
        (b"%PDF-1.7\nnothing more", "damaged or was cut off"),
        (pdf()[:-60], "damaged or was cut off"),
        (pdf().replace(b"/Root", b"/Encrypt 9 0 R /Root"), "encrypted"),
        (acting_pdf(b"/S /JavaScript /JS (app.alert(1))"), "carries JavaScript"),
        (acting_pdf(b"/S /Java#53cript /JS (app.alert(1))"), "carries JavaScript"),
        (acting_pdf(b"/S /Launch /F (calc.exe)"), "starts a program"),
        (pdf_with_stream(zlib.compress(b"<</S /JavaScript>>")), "carries JavaScript"),
        (pdf_with_stream(zlib.compress(bytes(65_500) + escaped("EmbeddedFile"))), "another file"),
        (pdf_with_stream(b"x", b"/Type /ObjStm /Filter /LZWDecode"), "built in an unusual way"),
        (pdf_with_stream(b"x", b"/Type /Obj#53tm /Filter /#4cZW"), "built in an unusual way"),
        (pdf_with_stream(zlib.compress(bytes(300 * 2**20), 9)), "unpacks to far more"),
        (picture("PNG")[:-30], "This picture is damaged"),
        (picture("JPEG", (600, 400))[:-900], "This picture is damaged"),
        (png_that_unpacks_to(30_000, 30_000), "40 million are the most"),
        (png_with_a_text_that_unpacks_to(100_000_000), "This picture is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_file_that_lies_acts_or_explodes_is_refused_in_words_and_not_kept(
    browser: Client, draft: Application, content: bytes, words: str
) -> None:
    assert words in refused(browser, draft, content)


def test_a_file_over_the_limit_is_refused_and_nothing_of_it_is_kept(
    browser: Client, draft: Application, settings: Settings
) -> None:
    settings.UPLOAD_MOST_BYTES = 2**20
    large = pdf() + bytes(3 * 2**20)
    page = refused(browser, draft, large)
    assert "A file has at most 1 MB; this one is larger, and nothing of it was kept." in page
    assert "A file has at most 1 MB" in refused(browser, draft, pdf() + bytes(2**20))


def test_a_logo_is_a_plain_png_of_a_sane_size(browser: Client, draft: Application) -> None:
    assert "A logo is a PNG picture" in refused(browser, draft, picture("JPEG"), kind="logo")
    large = picture("PNG", (2_000, 50))
    assert "32 to 1024 pixels" in refused(browser, draft, large, kind="logo")
    assert upload(browser, draft, picture("PNG"), kind="logo").status_code == 302
    assert Document.objects.get(kind="logo").name == "paper.png"


def test_a_kind_that_nobody_asked_for_is_refused(browser: Client, draft: Application) -> None:
    refused(browser, draft, pdf(), kind="passport_of_a_stranger")


# --- expiry -------------------------------------------------------------------------------------
def test_a_paper_that_runs_out_says_when_and_has_not_yet(
    browser: Client, draft: Application
) -> None:
    proof = {"kind": "signatory_id"}
    assert "Say until when it is valid" in refused(browser, draft, pdf(), **proof)
    old = {"expires_on": "2020-01-01"}
    assert "It expired on 2020-01-01" in refused(browser, draft, pdf(), **proof, **old)
    kept = upload(browser, draft, pdf(), **proof, expires_on="2079-06-01")
    assert kept.status_code == 302
    Document.objects.update(expires_on="2020-01-01")
    page = unescape(browser.get(f"/apply/{draft.pk}/review/").content.decode())
    assert "ID of the authorised signatory has expired on 2020-01-01" in page


# --- versions -----------------------------------------------------------------------------------
def test_a_newer_file_replaces_the_one_of_its_kind_which_stays_as_a_version(
    browser: Client, draft: Application
) -> None:
    upload(browser, draft, pdf("newer"), name="newer.pdf")
    current = [one.name for one in documents_of(draft.pk) if one.kind == "certificate"]
    versions = [
        one.name for one in documents_of(draft.pk, versions=True) if one.kind == "certificate"
    ]
    assert (current, versions) == (["newer.pdf"], ["certificate.pdf", "newer.pdf"])
    assert "1 earlier version" in browser.get(f"/apply/{draft.pk}/documents/").content.decode()


def test_other_documents_stand_beside_each_other(browser: Client, draft: Application) -> None:
    for name in ("one.pdf", "two.pdf"):
        upload(browser, draft, pdf(name), name=name, kind="other")
    assert len([one for one in documents_of(draft.pk) if one.kind == "other"]) == 2


def test_a_document_that_is_taken_back_stays_as_a_version_and_in_the_trail(
    browser: Client, draft: Application
) -> None:
    gone = Document.objects.get(kind="ownership_chart")
    for _ in range(2):
        browser.post(f"/apply/{draft.pk}/documents/", {"then": f"remove:{gone.pk}"})
    gone.refresh_from_db()
    assert gone.replaced_at is not None
    assert Line.objects.filter(tag="institutions:document:removed").count() == 1
    assert "Ownership chart is missing" in unescape(
        browser.get(f"/apply/{draft.pk}/review/").content.decode()
    )


# --- the store ----------------------------------------------------------------------------------
def test_files_lie_by_their_hash_outside_of_what_is_served_for_their_owner_alone(
    draft: Application,
) -> None:
    found = Document.objects.first()
    assert found is not None
    place = files.place(found.sha256)
    assert sha256(place.read_bytes()).hexdigest() == found.sha256 == place.name
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder().stat().st_mode) == 0o700
    assert not place.is_relative_to(django_settings.STATIC_ROOT)


def test_the_sweep_deletes_old_files_without_a_row_and_no_other(draft: Application) -> None:
    orphan = files.put([pdf("orphan")], lambda path: None)
    fresh = files.put([pdf("fresh")], lambda path: None)
    unfinished = files.folder() / ".new-abc"
    unfinished.write_bytes(b"half")
    for path in files.folder().rglob("*"):
        if path.is_file() and path.name not in (fresh.sha256, ".lock"):
            os.utime(path, (0, 0))
    assert sweep_documents() == 2
    known = set(Document.objects.values_list("sha256", flat=True))
    assert set(kept_files()) == known | {fresh.sha256, ".lock"}
    assert not files.place(orphan.sha256).exists()


def test_a_file_whose_row_is_refused_is_an_orphan_and_no_document(
    browser: Client, draft: Application
) -> None:
    Application.objects.update(step=Step.WITHDRAWN)
    before = Document.objects.count()
    assert upload(browser, draft, pdf("late")).status_code == 302
    assert Document.objects.count() == before


# --- the scanner --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("exit 0", ""),
        ("echo 'Eicar FOUND'; exit 1", "Our scanner refuses this file"),
        ("exit 2", "cannot be looked at just now"),
        ('grep -q certificate-of-evil "$1" && exit 1; exit 0', ""),
    ],
)
def test_a_command_of_the_installation_looks_at_each_file(
    browser: Client, draft: Application, settings: Settings, tmp_path: Path, body: str, words: str
) -> None:
    script = tmp_path / "scan.sh"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    settings.DOCUMENT_SCANNER = str(script)
    if words:
        assert words in refused(browser, draft, pdf("new"))
    else:
        assert upload(browser, draft, pdf("new")).status_code == 302


def suspicious(path: Path) -> str:
    """A scanner in Python."""
    return "Evil" if b"evil" in path.read_bytes() else ""


@pytest.mark.parametrize(
    ("scanner", "words"),
    [
        (f"{__name__}.suspicious", "Our scanner refuses this file"),
        ("no.such.function", "cannot be looked at just now"),
        ("/no/such/command", "cannot be looked at just now"),
    ],
)
def test_what_nobody_could_look_at_is_not_taken(
    browser: Client, draft: Application, settings: Settings, scanner: str, words: str
) -> None:
    settings.DOCUMENT_SCANNER = scanner
    assert words in refused(browser, draft, pdf().replace(b"%%EOF", b"%evil\n%%EOF"))


# --- who may open one ---------------------------------------------------------------------------
def test_the_applicant_staff_and_owners_open_a_document_and_for_others_there_is_none(
    draft: Application, browser: Client, road: Road
) -> None:
    found = Document.objects.filter(application=draft).first()
    assert found is not None
    path = f"/documents/{found.pk}/"
    answer = browser.get(path)
    assert (answer.status_code, answer.content) == (200, files.read(found.sha256))
    for somebody in (road.manager, road.compliance):
        assert browser_of(somebody).get(path).status_code == 200
    for stranger in (cast.applicant("Mallory"), road.applicant):
        assert browser_of(stranger).get(path).status_code == 404
    assert Client().get(path)["Location"].startswith("/accounts/login/")
    assert browser.get("/documents/999999/").status_code == 404


@pytest.fixture
def road(db: None) -> Road:
    """The people of the exchange; the applicant of another company."""
    return Road(
        cast.applicant("Otto"),
        cast.staff("Morgan"),
        cast.staff("Cora", "compliance"),
        cast.staff("Theo", "technical"),
        cast.staff("Finn", "finance"),
    )


def test_owners_of_the_institution_open_its_papers_and_other_members_do_not(
    draft: Application, browser: Client
) -> None:
    acme = cast.institution("Acme", code="ACMEcode1")
    Application.objects.update(institution=acme, step=Step.QUALIFIED)
    path = f"/documents/{Document.objects.all()[0].pk}/"
    ada: Person = cast.member("Ada", acme)
    ben: Person = cast.member("Ben", acme, "viewer")
    assert browser_of(ada).get(path).status_code == 200
    assert browser_of(ben).get(path).status_code == 404


def test_a_document_can_do_nothing_in_a_browser(browser: Client, draft: Application) -> None:
    upload(browser, draft, picture("PNG"), name="chart.png", kind="other")
    shown = browser.get(f"/documents/{Document.objects.get(kind='other').pk}/")
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"] == 'inline; filename="chart.png"'
    paper = browser.get(f"/documents/{Document.objects.get(kind='ownership_chart').pk}/")
    assert paper["Content-Disposition"] == 'attachment; filename="ownership_chart.pdf"'
    for answer in (shown, paper):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "default-src 'none'" in answer["Content-Security-Policy"]
