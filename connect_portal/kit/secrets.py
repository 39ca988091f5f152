"""Envelope encryption for secrets at rest.

Each value has its own 256-bit data key under AES-256-GCM (NIST SP 800-38D); the data key is
wrapped by the newest key of ``VAULT_KEYS``. Both layers are bound to the place where the value
lives, so a ciphertext moved to another row does not open. When the newest key changes, only the
wrapping is made anew (`rewrap`); `kit.sealed` knows all places where values lie.
"""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = 1
_NONCE = 12
_WRAPPED = 32 + 16  # a data key and its authentication tag


class SealBroken(Exception):
    """A sealed value that does not open here: tampered with, moved, or its key is gone."""


@dataclass(frozen=True, slots=True)
class _Envelope:
    """A sealed value in its parts; ``payload`` is the inner nonce and the ciphertext."""

    header: bytes
    outer: bytes
    wrapped: bytes
    payload: bytes

    @classmethod
    def of(cls, sealed: bytes | memoryview) -> "_Envelope":
        """Raises IndexError or ValueError for what is no envelope."""
        sealed = bytes(sealed)  # the database may hand out a memoryview
        if sealed[0] != _VERSION:
            raise ValueError("another version")
        start = 2 + sealed[1]
        rest = sealed[start + _NONCE :]
        header, outer = sealed[:start], sealed[start : start + _NONCE]
        return cls(header, outer, rest[:_WRAPPED], rest[_WRAPPED:])

    @property
    def key_id(self) -> str:
        return self.header[2:].decode()

    def data_key(self, place: bytes) -> bytes:
        """Raises KeyError where the key that wrapped it is gone, InvalidTag elsewhere."""
        wrapping = AESGCM(settings.VAULT[self.key_id])
        return wrapping.decrypt(self.outer, self.wrapped, self.header + place)


def newest_key_id() -> str:
    """The id of the key that wraps new values."""
    return next(iter(settings.VAULT))


def seal(plaintext: bytes, *, bound_to: str) -> bytes:
    """Encrypt ``plaintext`` for the place ``bound_to`` (``table|primary key|column``)."""
    place = bound_to.encode()
    data_key, inner = AESGCM.generate_key(256), os.urandom(_NONCE)
    return _wrap(data_key, place) + inner + AESGCM(data_key).encrypt(inner, plaintext, place)


def unseal(sealed: bytes | memoryview, *, bound_to: str) -> bytes:
    """The plaintext of ``sealed``; raises SealBroken unless it was sealed for ``bound_to``."""
    place = bound_to.encode()
    try:
        envelope = _Envelope.of(sealed)
        payload = envelope.payload
        data_key = AESGCM(envelope.data_key(place))
        return data_key.decrypt(payload[:_NONCE], payload[_NONCE:], place)
    except (IndexError, KeyError, ValueError, InvalidTag) as error:
        raise SealBroken(bound_to) from error


def key_id_of(sealed: bytes | memoryview) -> str:
    """The id of the key that wraps ``sealed``; raises SealBroken for what is no sealed value."""
    try:
        return _Envelope.of(sealed).key_id
    except (IndexError, ValueError) as error:
        raise SealBroken("no sealed value") from error


def rewrap(sealed: bytes | memoryview, *, bound_to: str) -> bytes:
    """The same value with its data key under the newest key; what it hides stays untouched, and
    unread. Raises SealBroken like `unseal`."""
    place = bound_to.encode()
    try:
        envelope = _Envelope.of(sealed)
        return _wrap(envelope.data_key(place), place) + envelope.payload
    except (IndexError, KeyError, ValueError, InvalidTag) as error:
        raise SealBroken(bound_to) from error


def _wrap(data_key: bytes, place: bytes) -> bytes:
    key_id, outer = newest_key_id(), os.urandom(_NONCE)
    header = bytes([_VERSION, len(key_id)]) + key_id.encode()
    wrapped = AESGCM(settings.VAULT[key_id]).encrypt(outer, data_key, header + place)
    return header + outer + wrapped
