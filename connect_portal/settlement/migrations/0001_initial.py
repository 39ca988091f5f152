"""Accruals, the ledger and statements."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [("settlement", "0003_own_account_once")]

    initial = True

    dependencies = [
        ("institutions", "0001_initial"),
        ("terms", "0001_initial"),
        ("trades", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("expense", "The programme's commission expense"),
                            ("accrued", "Accrued commission"),
                            ("payable", "Payable"),
                            ("carry", "Carried remainders"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="institutions.institution",
                    ),
                ),
                ("currency", models.CharField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institution", "kind", "currency"), name="settlement_account_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("institution", None)),
                        fields=("kind", "currency"),
                        name="settlement_own_account_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("institution__isnull", True), ("kind", "expense")),
                            models.Q(
                                models.Q(("kind", "expense"), _negated=True),
                                ("institution__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="settlement_account_has_its_owner",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("accrual", "Accrual"), ("statement", "Statement")], max_length=10
                    ),
                ),
                ("source_id", models.BigIntegerField()),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "source_id"), name="settlement_transfer_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="settlement.transfer",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="settlement.ledgeraccount",
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=28, max_digits=48)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("transfer", "account"), name="settlement_ledger_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", 0), _negated=True),
                        name="settlement_ledger_line_not_zero",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Accrual",
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
                (
                    "attribution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, to="trades.attribution"
                    ),
                ),
                (
                    "fill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="trades.fill",
                    ),
                ),
                ("day", models.DateField(help_text="Of the fill, in UTC.")),
                ("instrument", models.CharField()),
                ("currency", models.CharField()),
                (
                    "fee",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="Negative = charged, positive = rebate.",
                        max_digits=38,
                    ),
                ),
                (
                    "plan_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="terms.planversion"
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("rate", models.DecimalField(decimal_places=10, max_digits=11)),
                ("amount", models.DecimalField(decimal_places=28, max_digits=48)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("earned", "Earned"),
                            ("no_fee", "No fee was charged"),
                            ("rebate", "The trader got a rebate"),
                            ("no_rate", "The contract's level earns nothing"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "accrued_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["institution", "day"], name="settlement_accrual_by_day"),
                    models.Index(fields=["institution", "id"], name="settlement_accrual_in_order"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__gt", 0), ("why", "earned")),
                            models.Q(models.Q(("why", "earned"), _negated=True), ("amount", 0)),
                            _connector="OR",
                        ),
                        name="settlement_accrual_earned_or_nothing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cursor",
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
                ("sequence", models.BigIntegerField(db_default=0)),
                ("closed_through", models.DateField(null=True)),
                ("closed_accrual", models.BigIntegerField(db_default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Statement",
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
                (
                    "institution_name",
                    models.CharField(help_text="As it was at closing.", max_length=120),
                ),
                ("venue", models.CharField(max_length=24)),
                ("number", models.PositiveIntegerField()),
                ("day", models.DateField()),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64, unique=True)),
                (
                    "closed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        help_text="None: the clock.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("issued_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-number"],
                "indexes": [
                    models.Index(fields=["-day", "-id"], name="settlement_statement_by_day")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institution", "number"), name="settlement_statement_in_order"
                    ),
                    models.UniqueConstraint(
                        fields=("institution", "day"), name="settlement_statement_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_by__isnull", True), ("issued_at__isnull", True)),
                            models.Q(("confirmed_by__isnull", False), ("issued_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="settlement_statement_issued_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            ("proposed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="settlement_statement_four_eyes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="settlement.statement",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("day", models.DateField()),
                ("instrument", models.CharField()),
                ("currency", models.CharField()),
                ("fills", models.PositiveIntegerField()),
                ("fee", models.DecimalField(decimal_places=18, max_digits=38)),
                ("exact", models.DecimalField(decimal_places=28, max_digits=48)),
                (
                    "payable",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="Rounded half-even to the payout scale.",
                        max_digits=38,
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("statement", "number"), name="settlement_statement_line_in_order"
                    ),
                    models.UniqueConstraint(
                        fields=("statement", "day", "instrument", "currency"),
                        name="settlement_statement_line_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatedAccrual",
            fields=[
                (
                    "accrual",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="stated",
                        serialize=False,
                        to="settlement.accrual",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stated",
                        to="settlement.statementline",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["line", "accrual"], name="settlement_stated_of_line")
                ],
            },
        ),
    ]
