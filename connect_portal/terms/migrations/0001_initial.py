"""Commission plans as versions."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [("terms", "0003_made_versions")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
                ("source", models.CharField(max_length=400)),
                (
                    "is_example",
                    models.BooleanField(help_text="Not an offer: shipped to try things with."),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlanVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="terms.plan",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "effective_from",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("base", models.CharField(choices=[("fee", "The fee as charged")], max_length=16)),
                (
                    "is_shipped",
                    models.BooleanField(
                        db_default=True,
                        help_text="As a release has it; else two people of the exchange made it.",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("plan", "number"), name="terms_version_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("base__in", ["fee"])), name="terms_version_base_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanTier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tiers",
                        to="terms.planversion",
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                (
                    "min_volume",
                    models.DecimalField(
                        decimal_places=18, help_text="Spot, USDT a calendar month.", max_digits=38
                    ),
                ),
                (
                    "min_traders",
                    models.PositiveIntegerField(help_text="End users who traded in that month."),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=10, help_text="Share of the base.", max_digits=11
                    ),
                ),
                (
                    "affiliated_rate",
                    models.DecimalField(
                        decimal_places=10,
                        help_text="The same where the end user has another inviter.",
                        max_digits=11,
                    ),
                ),
            ],
            options={
                "ordering": ["level"],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "level"), name="terms_tier_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rate__range", (0, 1)),
                            ("affiliated_rate__range", (0, models.F("rate"))),
                        ),
                        name="terms_tier_rates_are_shares",
                    ),
                ],
            },
        ),
    ]
