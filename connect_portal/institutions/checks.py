"""A system check: the file with the exchange's own seal can be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from connect_portal.institutions.pdf.keys import read_key


@register()
def seal_can_be_read(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What is wrong with the file of ``SEAL_PKCS12``; nothing where it is not set."""
    if not settings.SEAL_PKCS12:
        return []
    try:
        read_key(Path(settings.SEAL_PKCS12), settings.SEAL_PASSPHRASE)
    except (OSError, ValueError) as error:
        hint = "It must be a PKCS#12 file of a key and its certificate, opened by SEAL_PASSPHRASE."
        message = f"SEAL_PKCS12 names a file that cannot be used: {error}."
        return [Error(message, hint=hint, id="institutions.E001")]
    return []
