"""Keep what the exchange says of the rebates of institutions that are observed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authorizations", "0001_initial"),
        ("institutions", "0003_renewals"),
    ]

    operations = [
        migrations.CreateModel(
            name="RebateAnswer",
            fields=[
                (
                    "institution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="institutions.institution",
                    ),
                ),
                ("asked_at", models.DateTimeField(help_text="Business time, as is the other.")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("0", "It pays a rebate"),
                            ("1", "The institution's code has expired at the exchange"),
                            ("2", "This user's rebates have reached their monthly cap"),
                            ("3", "It pays none for users of this tier"),
                            ("4", "It pays none for managed sub-accounts"),
                        ],
                        max_length=4,
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True, help_text="Why there is no answer.", max_length=300
                    ),
                ),
                (
                    "earned_at",
                    models.DateTimeField(help_text="When it last said that it pays.", null=True),
                ),
            ],
        ),
    ]
