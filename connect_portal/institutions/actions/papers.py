"""A contract as a file: kept as it was sent, signed by the institution, and sealed at last.

Typesetting and sealing take some tenths of a second and need no network, so they happen inside the
transaction of the signature: there is none without its paper.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from connect_portal.institutions.enums import PaperKind, Side
from connect_portal.institutions.models import Contract, Paper, SealKey, Signature
from connect_portal.institutions.pdf.keys import PrivateKey, make_key, read_key
from connect_portal.kit.clock import now

_FACTORS: Final = {
    "webauthn": "passkey",
    "totp": "authenticator app",
    "recovery_codes": "recovery code",
}


def keep_paper(contract: Contract, kind: PaperKind, *, at: datetime) -> Paper:
    """Keep the contract as a file with the signatures that it has by now; sealed, if it is to be.

    Inside the caller's transaction.
    """
    # Imported when a paper is made: other processes need not load these for half a second.
    from connect_portal.institutions.pdf.sealing import seal_pdf
    from connect_portal.institutions.pdf.setting import LAYOUT

    pdf, seal_key = typeset(contract), None
    if kind == PaperKind.SEALED:
        seal_key, key = _seal_key()
        pdf = seal_pdf(pdf, key, reason=f"Contract {contract.pk}, countersigned")
    return Paper.objects.create(
        contract=contract,
        kind=kind,
        pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(),
        made_at=at,
        layout=LAYOUT,
        seal_key=seal_key,
    )


def typeset(contract: Contract) -> bytes:
    """The contract with its signatures as a PDF: the same every time, without a seal."""
    from connect_portal.institutions.pdf import setting

    signatures = [
        setting.Signature(Side(row.side).label, _facts_of(row)) for row in contract.signatures.all()
    ]
    return setting.typeset(
        contract.text,
        sha256=contract.sha256,
        subject=f"Contract {contract.pk}",
        signatures=signatures,
    )


def _facts_of(row: Signature) -> tuple[tuple[str, str], ...]:
    """A signature as the last page shows it; what was never known is left out."""
    facts = [
        ("Name", row.name),
        ("Account", row.account),
        ("Signed at", f"{row.at:%Y-%m-%d %H:%M:%S} UTC"),
        ("IP address", row.ip),
        ("Second factor", _FACTORS.get(row.factor, row.factor)),
        ("SHA-256 of the file read", row.paper_sha256),
    ]
    return tuple((label, value) for label, value in facts if value)


def _seal_key() -> tuple[SealKey, PrivateKey]:
    """What the exchange seals by: the file of the settings, else a key made on first use.

    Two made at the same moment do no harm: each paper names its own.
    """
    if settings.SEAL_PKCS12:
        key = read_key(Path(settings.SEAL_PKCS12), settings.SEAL_PASSPHRASE)
        row = SealKey.of(key, at=now(), lies_elsewhere=True)
        SealKey.objects.bulk_create([row], ignore_conflicts=True)
        return SealKey.objects.get(fingerprint=row.fingerprint), key
    kept = SealKey.objects.exclude(sealed_key=None).filter(ends_at__gt=now()).last()
    if kept is None:
        host = urlsplit(settings.PUBLIC_URL).hostname
        kept = SealKey.of(make_key(f"Connect Portal at {host}, seal", at=now()), at=now())
        kept.save()
    return kept, kept.key()
