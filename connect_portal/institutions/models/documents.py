"""What an applicant hands in as files, and each version of what was handed in."""

from django.db import models
from django.db.models.functions import Now

from connect_portal.facts import document_kinds
from connect_portal.institutions.models.applications import Application


class Document(models.Model):
    """One file of an application; its content lies in the store by its hash.

    A newer one of the same kind replaces it, and it stays as a version.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=32, help_text="A key of `facts.document_kinds`.")
    name = models.CharField(max_length=120, help_text="What the applicant's file was called.")
    media_type = models.CharField(max_length=40, help_text="As its content says.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    expires_on = models.DateField(null=True)
    uploaded_by = models.ForeignKey("people.Person", models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())
    replaced_at = models.DateTimeField(null=True, help_text="No longer part of the application.")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["sha256"], name="institutions_document_content")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"

    @property
    def kind_name(self) -> str:
        """What it is, as people read it."""
        known = document_kinds().get(self.kind)
        return known.name if known else self.kind


class Submission(models.Model):
    """An application as it was handed in, once for each time."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    content = models.JSONField(help_text="Every field, the people, and the documents' hashes.")
    sha256 = models.CharField(max_length=64, help_text="Of the content as canonical JSON.")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "number"], name="institutions_submission_numbered"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
