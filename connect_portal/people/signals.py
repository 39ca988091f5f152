"""Audit lines for what allauth changes by itself.

allauth tells of these after its own commit, so each line is a transaction of its own right after
the change. Failed sign-ins are not recorded: allauth limits their rate, and a chain with one
writer must not be something a stranger can fill.
"""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from connect_portal.audit.actions import record
from connect_portal.people.enums import Tag
from connect_portal.people.models import Person


@receiver(account.email_changed)
def record_email_change(user: Person, to_email_address: Any, **said: Any) -> None:
    """The person signs in with another address from now on."""
    _record(Tag.EMAIL_CHANGED, user, email=to_email_address.email)


@receiver(mfa.authenticator_added)
def record_new_factor(
    request: HttpRequest, user: Person, authenticator: Authenticator, **said: Any
) -> None:
    """The person set up a factor; whoever just set up TOTP or a passkey has shown it, too."""
    _record(Tag.FACTOR_ADDED, user, type=authenticator.type)
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        post_authentication(request, authenticator)


@receiver(mfa.authenticator_removed)
def record_removed_factor(user: Person, authenticator: Authenticator, **said: Any) -> None:
    """The person gave up a factor."""
    _record(Tag.FACTOR_REMOVED, user, type=authenticator.type)


@receiver(mfa.authenticator_reset)
def record_reset_factor(user: Person, authenticator: Authenticator, **said: Any) -> None:
    """The person made new recovery codes."""
    _record(Tag.FACTOR_RESET, user, type=authenticator.type)


@transaction.atomic
def _record(tag: Tag, person: Person, **data: str) -> None:
    record(tag, actor=person.actor, subject=person.actor, data=data)
