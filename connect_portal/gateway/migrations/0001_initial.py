"""Decisions with their outcomes and seals, what they hold of limits, replays, test calls."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [
        ("gateway", "0003_limits"),
        ("gateway", "0004_replays_and_seals"),
        ("gateway", "0005_test_calls"),
    ]

    initial = True

    dependencies = [
        ("authorizations", "0001_initial"),
        ("institutions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="authorizations.grant",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="institutions.institution"
                    ),
                ),
                (
                    "operation",
                    models.CharField(
                        choices=[
                            ("place", "Place"),
                            ("amend", "Amend"),
                            ("cancel", "Cancel"),
                            ("strategy", "Strategy order"),
                        ],
                        max_length=8,
                    ),
                ),
                ("instrument", models.CharField(blank=True, max_length=32)),
                ("client_order_id", models.CharField(blank=True, max_length=32)),
                ("order_id", models.CharField(blank=True, max_length=32)),
                ("tag_sent", models.CharField(blank=True, max_length=32)),
                ("tag_forwarded", models.CharField(blank=True, max_length=16)),
                ("allowed", models.BooleanField()),
                ("code", models.CharField(max_length=8)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["grant", "-id"], name="gateway_decision_of_grant"),
                    models.Index(fields=["institution", "-id"], name="gateway_decision_of_firm"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("allowed", models.Q(("code", "0")))),
                        name="gateway_decision_refused_with_a_code",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Outcome",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="outcome",
                        serialize=False,
                        to="gateway.decision",
                    ),
                ),
                ("code", models.CharField(max_length=8)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("order_id", models.CharField(blank=True, max_length=32)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Unanswered",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="unanswered",
                        serialize=False,
                        to="gateway.decision",
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budgets",
                        to="authorizations.grant",
                    ),
                ),
                ("day", models.DateField(help_text="In UTC, by the wall clock, like every limit.")),
                ("used", models.DecimalField(decimal_places=18, max_digits=38)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("grant", "day"), name="gateway_budget_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="reservation",
                        serialize=False,
                        to="gateway.decision",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="authorizations.grant",
                    ),
                ),
                ("day", models.DateField()),
                ("instrument", models.CharField(max_length=32)),
                ("client_order_id", models.CharField(blank=True, max_length=32)),
                ("order_id", models.CharField(blank=True, db_default="", max_length=32)),
                (
                    "usd",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="What one of the quote money was worth.",
                        max_digits=38,
                    ),
                ),
                ("held", models.DecimalField(decimal_places=18, help_text="USD.", max_digits=38)),
                (
                    "looked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["looked_at"],
                        name="gateway_reservation_open",
                    ),
                    models.Index(
                        condition=models.Q(("settled_at", None)),
                        fields=["grant"],
                        name="gateway_reservation_of_grant",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Replay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replays",
                        to="authorizations.grant",
                    ),
                ),
                ("key", models.CharField(max_length=128)),
                ("request", models.BinaryField(help_text="SHA-256 of method, target and body.")),
                (
                    "claimed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "decisions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), db_default=[], default=list, size=None
                    ),
                ),
                ("is_unknown", models.BooleanField(db_default=False, default=False)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.BinaryField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["claimed_at"], name="gateway_replay_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("grant", "key"), name="gateway_replay_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_id", models.BigIntegerField()),
                ("last_id", models.BigIntegerField(unique=True)),
                ("count", models.IntegerField()),
                ("hash", models.CharField(max_length=64)),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TestCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="test_calls",
                        to="authorizations.grant",
                    ),
                ),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=128)),
                ("code", models.CharField(max_length=8)),
                ("held", models.BooleanField()),
                ("client_order_id", models.CharField(blank=True, max_length=32)),
                ("items", models.JSONField(default=list)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [
                    models.Index(fields=["grant", "id"], name="gateway_test_call_of_grant"),
                    models.Index(fields=["at"], name="gateway_test_call_age"),
                ],
            },
        ),
    ]
