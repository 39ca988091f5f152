"""What an institution and the exchange agree on, and the papers and signatures that prove it.

Triggers keep the terms of a contract, its papers and its signatures as they were written.
"""

import base64
import hashlib
from datetime import datetime
from typing import Final

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models

from connect_portal.institutions.enums import PaperKind, Side
from connect_portal.institutions.models.institutions import Institution
from connect_portal.institutions.pdf.keys import PrivateKey
from connect_portal.kit import secrets
from connect_portal.kit.sealed import Sealed

IP_LENGTH: Final = 45  # of the longest way to write an IPv6 address
USER_AGENT_LENGTH: Final = 300


def _range(function: str, *parts: str | models.Value) -> models.Func:
    return models.Func(*parts, function=function)


class Contract(models.Model):
    """What an institution is offered and agrees to: the text it reads, and the plan by which it is
    paid. Once both sides have signed it has its term; one that renews it has the next. One that was
    declined stays as history."""

    institution = models.ForeignKey(Institution, models.PROTECT, related_name="contracts")
    plan_version = models.ForeignKey("terms.PlanVersion", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    edition = models.PositiveIntegerField(
        default=0, help_text="Of the template that it was written from; 0 is as shipped."
    )
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    accepted_by = models.CharField(
        max_length=150, blank=True, help_text="The name that was typed for the institution."
    )
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True, help_text="Signed, but not countersigned.")
    countersigned_by = models.CharField(
        max_length=120, blank=True, help_text="Who signed for the exchange, as the trail has it."
    )
    countersigned_at = models.DateTimeField(null=True)
    valid_from = models.DateTimeField(null=True, help_text="In force from then on.")
    valid_to = models.DateTimeField(null=True, help_text="In force until then, unless renewed.")
    renewal_due_since = models.DateTimeField(
        null=True, help_text="Since when its renewal is on the desk."
    )
    live_since = models.DateTimeField(null=True, help_text="Fills from here on earn.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(countersigned_at=None) | models.Q(accepted_at__isnull=False),
                name="institutions_contract_countersigned_after",
            ),
            models.CheckConstraint(
                condition=models.Q(live_since=None) | models.Q(countersigned_at__isnull=False),
                name="institutions_contract_live_when_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(declined_at=None)
                | models.Q(accepted_at__isnull=False, countersigned_at=None),
                name="institutions_contract_declined_when_signed",
            ),
            models.CheckConstraint(
                condition=models.Q(countersigned_at=None, valid_from=None, valid_to=None)
                | models.Q(
                    countersigned_at__isnull=False,
                    valid_from__isnull=False,
                    valid_to__gt=models.F("valid_from"),
                ),
                name="institutions_contract_in_force_for_a_term",
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=models.Q(declined_at=None, countersigned_at=None),
                name="institutions_contract_one_in_hand",
            ),
            ExclusionConstraint(
                name="institutions_contract_one_at_a_time",
                condition=models.Q(countersigned_at__isnull=False),
                expressions=[
                    # A range of one number overlaps its equals: so no extension is needed.
                    (_range("int8range", "institution", "institution", models.Value("[]")), "&&"),
                    (_range("tstzrange", "valid_from", "valid_to"), "&&"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"contract {self.pk} of {self.institution_id}"

    @property
    def state(self) -> str:
        """Where it stands, as people read it."""
        if self.countersigned_at:
            return "in force"
        if self.declined_at:
            return "declined"
        return "signed" if self.accepted_at else "sent"


class SealKey(models.Model):
    """A key by which the exchange seals its papers, and the certificate by which seals are judged.

    The private key lies sealed in the vault; it is absent where it came from a file of the
    exchange's own.
    """

    certificate = models.BinaryField(help_text="X.509, DER.")
    chain = models.JSONField(default=list, help_text="Certificates above it, DER in base64.")
    fingerprint = models.CharField(
        max_length=64, unique=True, help_text="SHA-256 of the certificate."
    )
    sealed_key = models.BinaryField(null=True, help_text="PKCS#8, sealed.")
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="The end of the certificate.")

    def __str__(self) -> str:
        return self.fingerprint

    @classmethod
    def of(cls, key: PrivateKey, *, at: datetime, lies_elsewhere: bool = False) -> "SealKey":
        """The row of a key, unsaved; its private part sealed for this row alone, unless it lies
        in a file of the exchange's own."""
        row = cls(
            certificate=key.certificate,
            chain=[base64.b64encode(one).decode() for one in key.chain],
            fingerprint=hashlib.sha256(key.certificate).hexdigest(),
            made_at=at,
            ends_at=key.ends_at,
        )
        if not lies_elsewhere:
            row.sealed_key = secrets.seal(key.private, bound_to=row._bound_to)
        return row

    def key(self) -> PrivateKey:
        """What seals; raises kit.secrets.SealBroken if the row was tampered with."""
        assert self.sealed_key is not None  # asked of keys that lie here
        private = secrets.unseal(self.sealed_key, bound_to=self._bound_to)
        return PrivateKey(private, bytes(self.certificate), self.chain_der, self.ends_at)

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """The certificates above it, DER."""
        return tuple(base64.b64decode(one) for one in self.chain)

    @property
    def _bound_to(self) -> str:
        return f"{self._meta.db_table}|{self.fingerprint}|sealed_key"

    @classmethod
    def sealed(cls) -> Sealed:
        """Where the keys lie, for the rotation of the vault's keys."""
        return Sealed(cls, "sealed_key", lambda row: row._bound_to, __name__)


class Paper(models.Model):
    """A contract as a file, at one of the moments of its life."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=8, choices=PaperKind.choices)
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    layout = models.PositiveSmallIntegerField(help_text="By which layout it was typeset.")
    seal_key = models.ForeignKey(SealKey, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "kind"], name="institutions_paper_one_of_a_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=PaperKind.SEALED, seal_key__isnull=False)
                | (~models.Q(kind=PaperKind.SEALED) & models.Q(seal_key=None)),
                name="institutions_paper_sealed_by_a_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.sha256}"


class Signature(models.Model):
    """Who signed a contract for a side, how that was proved, and which file was read."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="signatures")
    side = models.CharField(max_length=12, choices=Side.choices)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, related_name="+", help_text="Unset: on paper."
    )
    name = models.CharField(max_length=150, help_text="As typed.")
    account = models.CharField(
        max_length=254, blank=True, help_text="The email address of the person's account then."
    )
    at = models.DateTimeField()
    ip = models.CharField(max_length=IP_LENGTH, blank=True)
    user_agent = models.CharField(max_length=USER_AGENT_LENGTH, blank=True)
    factor = models.CharField(max_length=12, blank=True, help_text="The second factor shown.")
    paper_sha256 = models.CharField(max_length=64, help_text="Of the file that was read.")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "side"], name="institutions_signature_one_a_side"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} for the {self.side}"
