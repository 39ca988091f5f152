"""What every letter of this room has in common: its words as they go out, and whether they did."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

SUBJECT_LENGTH: Final = 400


class Post(models.Model):
    """A letter that is owed from its row on, and kept as it goes out from the first attempt on."""

    edition = models.PositiveIntegerField(null=True, help_text="Of its words; 0 as shipped.")
    readers = ArrayField(models.EmailField(), default=list)
    subject = models.CharField(max_length=SUBJECT_LENGTH, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    claimed_at = models.DateTimeField(null=True, help_text="When somebody last began to send it.")
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
