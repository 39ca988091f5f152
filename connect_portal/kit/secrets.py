"""Envelope encryption for secrets at rest.

Each value has its own 256-bit data key under AES-256-GCM (NIST SP 800-38D); the data key is
wrapped by the newest key of ``VAULT_KEYS``. Both layers are bound to the place where the value
lives, so a ciphertext moved to another row does not open.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = 1
_NONCE = 12
_WRAPPED = 32 + 16  # a data key and its authentication tag


class SealBroken(Exception):
    """A sealed value that does not open here: tampered with, moved, or its key is gone."""


def seal(plaintext: bytes, *, bound_to: str) -> bytes:
    """Encrypt ``plaintext`` for the place ``bound_to`` (``table|primary key|column``)."""
    key_id, key = next(iter(settings.VAULT.items()))
    place = bound_to.encode()
    data_key = AESGCM.generate_key(256)
    outer, inner = os.urandom(_NONCE), os.urandom(_NONCE)
    header = bytes([_VERSION, len(key_id)]) + key_id.encode()
    wrapped = AESGCM(key).encrypt(outer, data_key, header + place)
    return header + outer + wrapped + inner + AESGCM(data_key).encrypt(inner, plaintext, place)


def unseal(sealed: bytes | memoryview, *, bound_to: str) -> bytes:
    """The plaintext of ``sealed``; raises SealBroken unless it was sealed for ``bound_to``."""
    sealed = bytes(sealed)  # the database may hand out a memoryview
    place = bound_to.encode()
    try:
        if sealed[0] != _VERSION:
            raise SealBroken(bound_to)
        start = 2 + sealed[1]
        header, key_id = sealed[:start], sealed[2:start].decode()
        outer = sealed[start : start + _NONCE]
        wrapped = sealed[start + _NONCE : start + _NONCE + _WRAPPED]
        rest = sealed[start + _NONCE + _WRAPPED :]
        data_key = AESGCM(settings.VAULT[key_id]).decrypt(outer, wrapped, header + place)
        return AESGCM(data_key).decrypt(rest[:_NONCE], rest[_NONCE:], place)
    except (IndexError, KeyError, ValueError, InvalidTag) as error:
        raise SealBroken(bound_to) from error
