"""Seals a PDF for the exchange (PAdES baseline B-B, ETSI EN 319 142-1, SHA-256) and judges a seal.

Only arithmetic, no network: no time stamp is fetched, no revocation asked for. pyHanko brings an
event loop for each call, which cannot begin where one runs already, so it works in a thread aside.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Final, TypeVar

from asn1crypto import keys, x509
from asn1crypto.cms import ContentInfo
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from connect_portal.institutions.pdf.keys import PrivateKey

_FIELD: Final = "Seal"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a seal proves; ``problem`` is empty when it covers the file, unchanged, by that key."""

    problem: str
    sealed_at: datetime | None = None


def seal_pdf(pdf: bytes, key: PrivateKey, *, reason: str) -> bytes:
    """``pdf`` with a seal over all of it, which says when (wall time) and why."""
    store = SimpleCertificateStore()
    store.register_multiple([x509.Certificate.load(one) for one in key.chain])
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(key.certificate),
        signing_key=keys.PrivateKeyInfo.load(key.private),
        cert_registry=store,
    )
    about = signers.PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
    )
    sealed = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    _aside(signers.sign_pdf, writer, about, signer=signer, output=sealed)
    return sealed.getvalue()


def judge(pdf: bytes, certificate: bytes, chain: tuple[bytes, ...] = ()) -> Verdict:
    """Whether the one seal of ``pdf`` was made by the key of ``certificate`` over all of it."""
    try:
        found = PdfFileReader(BytesIO(pdf)).embedded_signatures
        if len(found) != 1:
            return Verdict(f"{len(found)} seals instead of one")
        return _judge(found[0], len(pdf), certificate, chain)
    except Exception as error:  # a file that was tampered with trips its readers in any way
        return Verdict(f"the seal cannot be read: {error}")


def _judge(
    found: EmbeddedPdfSignature, length: int, certificate: bytes, chain: tuple[bytes, ...]
) -> Verdict:
    if not _covers(found, length):
        return Verdict("the seal does not cover the whole file")
    if found.signer_cert.dump() != certificate:
        return Verdict("sealed by another key")
    trust = ValidationContext(
        trust_roots=[x509.Certificate.load(chain[-1] if chain else certificate)],
        other_certs=[x509.Certificate.load(one) for one in chain],
        allow_fetching=False,
        moment=found.self_reported_timestamp,
    )
    status = _aside(validate_pdf_signature, found, trust)
    if not status.bottom_line:
        return Verdict(status.summary())
    return Verdict("", found.self_reported_timestamp)


def _aside(work: Callable[..., Result], *args: Any, **kwargs: Any) -> Result:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work, *args, **kwargs).result()


def _covers(found: EmbeddedPdfSignature, length: int) -> bool:
    """Whether nothing stands outside the seal: no byte after it, and only zeros fill its place."""
    _, _, start, rest = found.byte_range
    content = bytes(found.pkcs7_content)
    filling = content[len(ContentInfo.load(content).dump()) :]
    return int(start) + int(rest) == length and not filling.strip(b"\0")
