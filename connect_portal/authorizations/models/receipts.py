"""What was said around connections: the receipt of a consent, and the letters about them."""

from django.db import models
from django.db.models.functions import Now

from connect_portal.authorizations.enums import News
from connect_portal.authorizations.models.bindings import Binding
from connect_portal.authorizations.models.grants import Grant


class Receipt(models.Model):
    """What a person consented to, in the words they read, with the text's fingerprint.

    Written with the grant and never changed, so that it still says what was agreed on that day
    when the grant's limits have been changed since.
    """

    grant = models.OneToOneField(Grant, models.PROTECT, primary_key=True, related_name="receipt")
    wording = models.CharField(max_length=20, help_text="The version of the words that were read.")
    text = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="Of the text in UTF-8.")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"receipt of {self.grant_id}"


class Letter(models.Model):
    """A letter about a grant or a binding to one person; written with what it tells, sent after
    it, and each news once for a connection."""

    news = models.CharField(max_length=16, choices=News.choices)
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="letters")
    binding = models.ForeignKey(Binding, models.PROTECT, null=True, related_name="letters")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField(null=True, help_text="When somebody last began to send it.")
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["news", "grant", "person"], name="authorizations_letter_once"
            ),
            models.UniqueConstraint(
                fields=["news", "binding", "person"], name="authorizations_letter_of_binding_once"
            ),
            models.CheckConstraint(
                condition=models.Q(grant=None, binding__isnull=False)
                | models.Q(grant__isnull=False, binding=None),
                name="authorizations_letter_about_one",
            ),
        ]
        indexes = [
            models.Index(
                fields=["claimed_at"],
                condition=models.Q(sent_at__isnull=True),
                name="authorizations_letter_unsent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.news} of {self.about} to {self.person_id}"

    @property
    def about(self) -> Grant | Binding:
        """The connection that it tells of."""
        about = self.grant or self.binding
        assert about is not None
        return about
