"""What the venue tells of trading, and roll-ups of it."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [("trades", "0002_code_paused")]

    initial = True

    dependencies = [
        ("authorizations", "0001_initial"),
        ("institutions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Order",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "venue_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="authorizations.venueaccount",
                    ),
                ),
                ("order_id", models.CharField()),
                ("client_order_id", models.CharField(blank=True)),
                ("instrument", models.CharField()),
                (
                    "side",
                    models.CharField(choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4),
                ),
                ("kind", models.CharField()),
                ("tag", models.CharField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("live", "Open"),
                            ("partially_filled", "Partly filled"),
                            ("filled", "Filled"),
                            ("canceled", "Canceled"),
                            ("mmp_canceled", "Canceled by market-maker protection"),
                        ],
                        max_length=20,
                    ),
                ),
                ("price", models.DecimalField(decimal_places=18, max_digits=38, null=True)),
                ("size", models.DecimalField(decimal_places=18, max_digits=38)),
                (
                    "size_unit",
                    models.CharField(help_text="What size counts: base or quote.", max_length=5),
                ),
                ("filled_size", models.DecimalField(decimal_places=18, max_digits=38)),
                ("placed_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("venue_account", "order_id"), name="trades_order_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Fill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "venue_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="authorizations.venueaccount",
                    ),
                ),
                ("bill_id", models.CharField()),
                ("trade_id", models.CharField()),
                ("order_id", models.CharField()),
                ("client_order_id", models.CharField(blank=True)),
                ("instrument", models.CharField()),
                (
                    "side",
                    models.CharField(choices=[("buy", "Buy"), ("sell", "Sell")], max_length=4),
                ),
                (
                    "liquidity",
                    models.CharField(
                        choices=[("maker", "Maker"), ("taker", "Taker")], max_length=5
                    ),
                ),
                ("price", models.DecimalField(decimal_places=18, max_digits=38)),
                (
                    "size",
                    models.DecimalField(
                        decimal_places=18, help_text="In the base currency.", max_digits=38
                    ),
                ),
                (
                    "fee",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="Negative = charged, positive = rebate.",
                        max_digits=38,
                    ),
                ),
                ("fee_currency", models.CharField()),
                ("quote_currency", models.CharField()),
                ("tag", models.CharField(blank=True)),
                ("filled_at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["venue_account", "-filled_at"], name="trades_fill_by_time")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("venue_account", "bill_id"), name="trades_fill_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Attribution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="institutions.institution"
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                (
                    "fill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attributions",
                        to="trades.fill",
                    ),
                ),
                ("attributed", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("own_code", "Your code"),
                            ("no_tag", "No tag"),
                            ("foreign_tag", "Foreign tag"),
                            ("code_paused", "Code suspended or retired"),
                            ("sdk_tag", "Client library's own tag"),
                            ("malformed_tag", "Not a Connect code"),
                        ],
                        max_length=16,
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=60)),
                (
                    "decided_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institution", "sequence"), name="trades_attribution_in_order"
                    ),
                    models.UniqueConstraint(
                        fields=("fill", "institution"), name="trades_attribution_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attributed", models.Q(("reason", "own_code")))),
                        name="trades_attribution_only_by_own_code",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FeedHead",
            fields=[
                (
                    "institution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="institutions.institution",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="MinuteRollup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="institutions.institution"
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("instrument", models.CharField()),
                ("quote_currency", models.CharField()),
                ("fee_currency", models.CharField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("own_code", "Your code"),
                            ("no_tag", "No tag"),
                            ("foreign_tag", "Foreign tag"),
                            ("code_paused", "Code suspended or retired"),
                            ("sdk_tag", "Client library's own tag"),
                            ("malformed_tag", "Not a Connect code"),
                        ],
                        max_length=16,
                    ),
                ),
                ("fills", models.BigIntegerField()),
                (
                    "volume",
                    models.DecimalField(
                        decimal_places=18, help_text="In the quote currency.", max_digits=38
                    ),
                ),
                (
                    "fee",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="In the fee's currency; negative = charged.",
                        max_digits=38,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institution", "minute", "instrument", "fee_currency", "reason"),
                        name="trades_minute_rollup_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cursor",
            fields=[
                (
                    "venue_account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="authorizations.venueaccount",
                    ),
                ),
                ("newest_bill_id", models.CharField(blank=True)),
                ("newest_order_id", models.CharField(blank=True)),
                (
                    "due_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("read_at", models.DateTimeField(null=True)),
                ("failures", models.IntegerField(db_default=0)),
                ("trouble", models.CharField(blank=True, db_default="", max_length=200)),
            ],
            options={
                "indexes": [models.Index(fields=["due_at"], name="trades_cursor_due")],
            },
        ),
        migrations.CreateModel(
            name="Quarantine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "venue_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="authorizations.venueaccount",
                    ),
                ),
                ("why", models.CharField(max_length=200)),
                ("raw", models.TextField()),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                (
                    "seen_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
        ),
    ]
