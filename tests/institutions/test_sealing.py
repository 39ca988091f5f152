"""The files of a contract: how they are set and sealed, and that any change is found."""

import subprocess
import sys
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509 import load_der_x509_certificate
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from pyhanko.pdf_utils.reader import PdfFileReader

from connect_portal.institutions.actions import accept_contract
from connect_portal.institutions.checks import seal_can_be_read
from connect_portal.institutions.models import Contract, Institution, Paper, SealKey
from connect_portal.institutions.pdf.keys import make_key
from connect_portal.institutions.pdf.reading import blocks, one_line, row
from connect_portal.institutions.pdf.script import as_drawn
from connect_portal.institutions.pdf.sealing import judge, seal_pdf
from connect_portal.institutions.pdf.setting import Signature, typeset
from connect_portal.kit import sealed
from connect_portal.kit.clock import now
from connect_portal.terms.queries import example_plan_version
from tests import cast

TEXT = """CONNECT AGREEMENT
between the exchange and Gavan.

  Company  Гавань Λιμάνι Łódź
  Other  שלום and سلام

1. What is agreed
The first line,
and the second.

  Level  Share
  1  20 %

  Level  Volume  Share
  0  0 USDT  20 %
"""


def pages(pdf: bytes) -> int:
    return int(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Count"])


def agreed(acme: Institution) -> Contract:
    """A contract of Acme that both sides signed."""
    terms = {"plan_version_id": example_plan_version(), "level": 1}
    return accept_contract(acme.pk, **terms, accepted_by="Ada", actor=cast.ACTOR)


def verified() -> str:
    out = StringIO()
    call_command("verify_contracts", stdout=out)
    return out.getvalue()


def rewrite(statement: str, *values: object) -> None:
    """Do what only somebody with the whole database in hand can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


# --- setting ------------------------------------------------------------------------------------
def test_a_text_is_read_as_title_clauses_paragraphs_facts_and_tables() -> None:
    kinds = [block.kind for block in blocks(TEXT)]
    assert kinds == ["title", "paragraph", "facts", "heading", "paragraph", "facts", "table"]
    assert blocks(TEXT)[4].text == "The first line, and the second."
    assert blocks(TEXT)[-1].body == (("0", "0 USDT", "20 %"),)
    assert row(["A  b\n", ""]) == "  A b  -"
    assert one_line(" a \n b ") == "a b"


def test_the_same_text_makes_the_same_bytes_in_every_process() -> None:
    here = typeset(TEXT, sha256="ab", subject="x")
    assert here == typeset(TEXT, sha256="ab", subject="x")
    program = (
        "import sys, hashlib\n"
        "from connect_portal.institutions.pdf.setting import typeset\n"
        "sys.stdout.buffer.write(typeset(sys.stdin.read(), sha256='ab', subject='x'))"
    )
    there = subprocess.run(
        [sys.executable, "-c", program],
        input=TEXT.encode(),
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=True,
    )
    assert there.stdout == here


def test_long_names_many_levels_and_unknown_letters_stay_on_the_page() -> None:
    levels = "\n".join(row([str(n), f"{n}000000 USDT", "20 %"]) for n in range(120))
    text = TEXT + levels + "\n\n" + row(["Company", "港" * 40 + "x" * 400])
    signature = Signature("For the institution", (("Name", "W" * 150), ("IP address", "::1")))
    pdf = typeset(text, sha256="ab", subject="x", signatures=[signature])
    assert pages(pdf) > pages(typeset(TEXT, sha256="ab", subject="x")) == 1
    assert pdf.count(b"/FontFile2") == 2


def test_what_runs_from_right_to_left_is_drawn_from_its_end_with_joined_letters() -> None:
    assert as_drawn("Łódź, Ελλάς") == "Łódź, Ελλάς"
    assert as_drawn("שלום (אבג) Ltd") == "(גבא) םולש Ltd"
    assert as_drawn("سلام") == "\ufee1\ufe8e\ufee0\ufeb3"


# --- the seal -----------------------------------------------------------------------------------
def test_a_seal_covers_the_whole_file_and_one_changed_byte_breaks_it() -> None:
    key = make_key("Test seal", at=now())
    plain = typeset(TEXT, sha256="ab", subject="x")
    pdf = seal_pdf(plain, key, reason="Countersigned")
    assert pdf.startswith(plain)
    assert judge(pdf, key.certificate).problem == ""
    for place in (len(plain) // 2, len(plain) - 40, len(pdf) - 30):
        changed = bytearray(pdf)
        changed[place] ^= 1
        assert judge(bytes(changed), key.certificate).problem
    assert judge(pdf + b"\n", key.certificate).problem
    assert judge(plain, key.certificate).problem == "0 seals instead of one"
    other = make_key("Test seal", at=now())
    assert judge(pdf, other.certificate).problem == "sealed by another key"


@pytest.mark.django_db
def test_the_seal_of_a_contract_is_made_once_and_used_again(
    acme: Institution, zenith: Institution
) -> None:
    agreed(acme)
    agreed(zenith)
    key = SealKey.objects.get()
    sealed_ones = Paper.objects.filter(kind="sealed")
    assert [paper.seal_key for paper in sealed_ones] == [key, key]
    assert key.ends_at > now() + timedelta(days=3600)
    private = key.key().private
    assert private not in bytes(key.sealed_key or b"")


@pytest.mark.django_db
def test_the_key_of_the_seal_comes_under_the_newest_key_of_the_vault(acme: Institution) -> None:
    agreed(acme)
    before = SealKey.objects.get()
    with override_settings(VAULT={"k9": b"9" * 32, **settings.VAULT}):
        sealed.rotate()
        after = SealKey.objects.get()
        assert after.sealed_key != before.sealed_key
        assert after.key() == before.key()


@pytest.mark.django_db
def test_a_seal_of_the_exchanges_own_is_read_from_its_file(
    acme: Institution, tmp_path: Path
) -> None:
    made = make_key("The Exchange Inc.", at=now())
    file = tmp_path / "seal.p12"
    file.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal",
            load_der_private_key(made.private, None),  # type: ignore[arg-type]
            load_der_x509_certificate(made.certificate),
            None,
            BestAvailableEncryption(b"open"),
        )
    )
    with override_settings(SEAL_PKCS12=str(file), SEAL_PASSPHRASE="open"):
        assert seal_can_be_read(None) == []
        agreed(acme)
    key = SealKey.objects.get()
    assert (key.sealed_key, bytes(key.certificate)) == (None, made.certificate)
    assert "1 seals" in verified()
    with override_settings(SEAL_PKCS12=str(file), SEAL_PASSPHRASE="wrong"):
        assert [error.id for error in seal_can_be_read(None)] == ["institutions.E001"]


# --- the proof ----------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE institutions_contract SET text = text || ' '", "its text is not the one"),
        (
            "UPDATE institutions_paper SET pdf = pdf || '\\x0a'::bytea WHERE kind = 'sealed'",
            "countersigned and sealed is not the one that was kept",
        ),
        (
            "UPDATE institutions_paper SET pdf = pdf || '\\x0a'::bytea,"
            " sha256 = encode(sha256(pdf || '\\x0a'::bytea), 'hex') WHERE kind = 'sealed'",
            "the trail does not know the file",
        ),
        ("UPDATE institutions_signature SET paper_sha256 = repeat('0', 64)", "that is not here"),
        ("DELETE FROM institutions_paper WHERE kind = 'sealed'", "without a sealed file"),
    ],
)
def test_whoever_rewrites_a_contract_is_found(acme: Institution, statement: str, said: str) -> None:
    agreed(acme)
    assert verified() == "1 contracts, 3 files, 1 seals: all as they were signed\n"
    rewrite(statement.replace("%", "%%"))
    with pytest.raises(CommandError, match=said):
        verified()
