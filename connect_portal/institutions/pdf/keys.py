"""The key by which the exchange seals its papers: made here, or read from a PKCS#12 file.

A certificate that the site issues to itself proves that nothing was changed, not who the exchange
is; one that a public authority issued proves both.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

_VALID_FOR: Final = timedelta(days=3650)
_SIGNS: Final = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
"""Digital signatures and non-repudiation, nothing else (RFC 5280, section 4.2.1.3)."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """What seals: a private key (PKCS#8) with its certificate and those above it, all DER."""

    private: bytes
    certificate: bytes
    chain: tuple[bytes, ...]
    ends_at: datetime


def make_key(name: str, *, at: datetime) -> PrivateKey:
    """A new key on the curve P-256 and a certificate that it issues to itself, for ten years."""
    key = ec.generate_private_key(ec.SECP256R1())
    whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    ends_at = at + _VALID_FOR
    issued = (
        x509.CertificateBuilder()
        .subject_name(whose)
        .issuer_name(whose)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(minutes=5))
        .not_valid_after(ends_at)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS, critical=True)
        .sign(key, hashes.SHA256())
    )
    return PrivateKey(_pkcs8(key), _der(issued), (), ends_at)


def read_key(path: Path, passphrase: str) -> PrivateKey:
    """The key of a PKCS#12 file; ValueError or OSError for a file that holds none."""
    found = pkcs12.load_pkcs12(path.read_bytes(), passphrase.encode() or None)
    if found.key is None or found.cert is None:
        raise ValueError("no private key with a certificate in it")
    issued = found.cert.certificate
    chain = tuple(_der(one.certificate) for one in found.additional_certs)
    return PrivateKey(_pkcs8(found.key), _der(issued), chain, issued.not_valid_after_utc)


def _pkcs8(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
