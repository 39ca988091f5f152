"""System checks of the environment, and the sentence with which a process refuses to serve."""

import sys
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks


@register()
def environment_is_sound(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Every problem met while reading the environment, with its id."""
    return [Error(p.message, hint=p.hint, id=p.id) for p in settings.ENVIRONMENT_PROBLEMS]


def refuse_to_serve_unsound() -> None:
    """End the process with one sentence per failed check, before it answers anybody.

    Called where a serving process is composed (web, worker, beat, stream), because only
    ``manage.py`` runs Django's checks by itself.
    """
    found = run_checks() + run_checks(tags=[Tags.database], databases=["default"])
    failed = [message for message in found if message.is_serious()]
    if failed:
        sys.exit(
            "\n".join(f"{message.id}: {message.msg} {message.hint or ''}" for message in failed)
        )
