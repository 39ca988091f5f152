"""The people behind a company that applies."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from connect_portal.facts import countries
from connect_portal.institutions.enums import PersonRole
from connect_portal.institutions.models.applications import Application


class CompanyPerson(models.Model):
    """Somebody who directs a company, owns a part of it or signs for it; one row for all three."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="people")
    name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=12, choices=PersonRole.choices))
    country = models.CharField(max_length=2, help_text="Of residence, ISO 3166-1 alpha-2.")
    email = models.EmailField(blank=True, help_text="Of signatories: the contract goes there.")
    share = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, help_text="Percent, of beneficial owners."
    )
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(share=None) | models.Q(share__gt=0, share__lte=100),
                name="institutions_person_share_in_percent",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_names(self) -> str:
        """The roles as people read them."""
        return ", ".join(PersonRole(role).label for role in self.roles)

    @property
    def country_name(self) -> str:
        """The country of residence as people read it."""
        return countries().get(self.country, "")
