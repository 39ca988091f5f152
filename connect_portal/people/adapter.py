"""How allauth behaves here: what it writes is audited, what it keeps secret is sealed."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from connect_portal.audit.actions import record
from connect_portal.kit import secrets
from connect_portal.kit.sealed import Change, Sealed
from connect_portal.people import second_factor, standing
from connect_portal.people.enums import Tag

_PLACE = "mfa_authenticator|data"
_SEALED_WORDS = ("secret", "seed")
"""What allauth has sealed in an authenticator's data: the secret of an app that shows codes, and
the seed of recovery codes. A passkey keeps no secret here."""


class AccountAdapter(DefaultAccountAdapter):
    """Signing up and changing a password, each with its audit line in the same transaction."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Save somebody who signed up by themselves."""
        with transaction.atomic():
            super().save_user(request, user, form, commit)
            if commit:
                data = {"email": user.email, "staff_role": user.staff_role, "is_demo": False}
                record(Tag.REGISTERED, actor=user.actor, subject=user.actor, data=data)
        return user

    def set_password(self, user: Any, password: str) -> None:
        """Save a password that was changed, set or reset."""
        with transaction.atomic():
            super().set_password(user, password)
            record(Tag.PASSWORD_CHANGED, actor=user.actor, subject=user.actor)

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Where somebody goes who proved an address: on with what it was needed for."""
        wanted = standing.bound_for(self.request)
        return wanted or super().get_email_verification_redirect_url(email_address)


class SecondFactorAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery seeds are kept sealed; staff keep their last factor.

    allauth asks to encrypt before the row has a number, so a secret is bound to the column.
    """

    def encrypt(self, text: str) -> str:
        """Seal a secret for a text column (base64)."""
        return base64.b64encode(secrets.seal(text.encode(), bound_to=_PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed; raises `SealBroken` for anything else."""
        return secrets.unseal(base64.b64decode(encrypted_text), bound_to=_PLACE).decode()

    @staticmethod
    def sealed() -> Sealed:
        """Where these secrets lie, for the rotation of the vault's keys."""
        return Sealed(Authenticator, "data", lambda _: _PLACE, __name__, _each)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff may exchange a second factor, never go without."""
        person: Any = authenticator.user
        if not second_factor.is_required(person):
            return True
        return second_factor.factors_of(person).exclude(pk=authenticator.pk).exists()

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)


def _each(data: dict[str, Any], change: Change) -> dict[str, Any]:
    """An authenticator's data with a change made to every secret in it."""
    found = [word for word in _SEALED_WORDS if word in data]
    new = {word: change(base64.b64decode(data[word])) for word in found}
    return data | {word: base64.b64encode(value).decode() for word, value in new.items()}
