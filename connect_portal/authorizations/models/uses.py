"""What a grant leaves behind: the addresses it was used from, and the orders to cancel after it."""

from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.models.accounts import HoldsKey
from connect_portal.authorizations.models.grants import Grant
from connect_portal.venue.types import AccountKey, Credentials, VenueToken


class UsedFrom(models.Model):
    """A network address that a grant was used from; the latest few of each are kept."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="used_from")
    address = models.GenericIPAddressField()
    first_at = models.DateTimeField(db_default=Now())
    last_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-last_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["grant", "address"], name="authorizations_used_from_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} from {self.address}"


class Cancellation(HoldsKey):
    """The wish to cancel the open orders of a grant that its person, or the exchange, ended.

    It holds what opened the account for the few minutes that this may take. A key made for it
    is deleted at the venue then, whether or not every order could be canceled; a bound key is not
    copied: it stays with its binding, and is gone with it.
    """

    grant = models.OneToOneField(
        Grant, models.PROTECT, primary_key=True, related_name="cancellation"
    )
    connect_code = models.CharField(max_length=16, help_text="What the orders carry.")
    due_at = models.DateTimeField(db_default=Now(), help_text="When it is tried next.")
    until = models.DateTimeField(help_text="When it is given up.")
    canceled = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=200, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(done_at=None),
                name="authorizations_to_cancel",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at=None) | models.Q(sealed_credentials=None),
                name="authorizations_cancellation_done_keeps_no_key",
            )
        ]

    def __str__(self) -> str:
        return f"orders of {self.grant_id}"

    def keep_key_of(self, grant: Grant) -> None:
        """Seal what opens the account of a grant that is about to end; raises SealBroken."""
        if grant.bound_key is not None:
            return
        key = grant.account_key()
        if isinstance(key, VenueToken):
            self.keep_texts([key.access_token])
        else:
            self.keep(key)

    def account_key(self) -> AccountKey:
        """What opens the account still; raises SealBroken where nothing does any more."""
        if self.grant.bound_key is not None:
            return self.grant.bound_key.account_key()
        texts = self.kept_texts()
        return VenueToken(texts[0], self.until) if len(texts) == 1 else Credentials(*texts)
