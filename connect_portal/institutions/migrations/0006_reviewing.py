"""Reviews: change requests, findings, ticks, notes, watch lists, reasons of a rejection."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

REASONS = """
UPDATE institutions_move SET reason = 'other' WHERE event = 'reject';
UPDATE institutions_proposal SET reason = 'other' WHERE event = 'reject';
"""  # those of before name none


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0005_applications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=40)),
                ("note", models.TextField(max_length=2000)),
                (
                    "was",
                    models.JSONField(
                        help_text="What stood in the field when it was asked about.", null=True
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("reply", models.TextField(blank=True, max_length=2000)),
                ("answered_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Finding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("same_number", "Same registration number"),
                            ("same_account", "Same venue account"),
                            ("similar_name", "Similar name"),
                            ("same_website", "Same website"),
                            ("same_server", "Same server address"),
                            ("same_redirect", "Same redirect host"),
                            ("blocked_country", "Blocked jurisdiction"),
                            ("blocked_name", "Blocked name"),
                            ("bad_address", "Unusable address"),
                            ("disposable_mail", "Disposable mail"),
                            ("foreign_mail", "Mail of another domain"),
                            ("unknown_kind", "Kind of business"),
                            ("document_over", "Document expired"),
                            ("document_ends", "Document expires soon"),
                        ],
                        max_length=20,
                    ),
                ),
                ("field", models.CharField(blank=True, max_length=40)),
                ("seen", models.CharField(max_length=500)),
                (
                    "severity",
                    models.CharField(
                        choices=[("blocking", "Blocks approval"), ("notice", "Notice")],
                        max_length=10,
                    ),
                ),
                ("found_at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, max_length=2000)),
            ],
            options={
                "ordering": ["severity", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(max_length=2000)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.CharField(max_length=24)),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        help_text="The place among the rows of its item."
                    ),
                ),
                ("is_done", models.BooleanField(help_text="False takes back.")),
                ("over", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["item", "number"],
            },
        ),
        migrations.CreateModel(
            name="WatchEntry",
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
                        choices=[("country", "Jurisdiction"), ("name", "Name")], max_length=8
                    ),
                ),
                ("value", models.CharField(max_length=200)),
                ("source", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="WatchList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for a second person"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                ("rows", models.PositiveIntegerField()),
                ("uploaded_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="move",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_eligible", "No business of the six kinds"),
                    ("jurisdiction", "Blocked jurisdiction"),
                    ("watch_list", "Blocked name"),
                    ("duplicate", "Has applied or joined already"),
                    ("unverified", "Company or people could not be verified"),
                    ("documents", "Documents missing, expired or not genuine"),
                    ("misleading", "Misleading answers"),
                    ("technical", "Technically not fit for the programme"),
                    ("other", "Another reason"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_eligible", "No business of the six kinds"),
                    ("jurisdiction", "Blocked jurisdiction"),
                    ("watch_list", "Blocked name"),
                    ("duplicate", "Has applied or joined already"),
                    ("unverified", "Company or people could not be verified"),
                    ("documents", "Documents missing, expired or not genuine"),
                    ("misleading", "Misleading answers"),
                    ("technical", "Technically not fit for the programme"),
                    ("other", "Another reason"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunSQL(REASONS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="move",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("event", "reject"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="institutions_move_rejects_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("event", "reject"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="institutions_proposal_rejects_with_reason",
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="answered_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="institutions.application",
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="changerequest",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="findings",
                to="institutions.application",
            ),
        ),
        migrations.AddField(
            model_name="finding",
            name="cleared_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notes",
                to="institutions.application",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="tick",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ticks",
                to="institutions.application",
            ),
        ),
        migrations.AddField(
            model_name="tick",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="watchlist",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="watchlist",
            name="uploaded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="watchentry",
            name="watch_list",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="institutions.watchlist",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None), ("withdrawn_at", None)),
                fields=("application", "field"),
                name="institutions_request_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_at", None), ("answered_by", None), ("reply", "")),
                    models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                    _connector="OR",
                ),
                name="institutions_request_says_who_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at", None), ("withdrawn_by", None)),
                    models.Q(
                        ("answered_at", None),
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="institutions_request_says_who_withdrew",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cleared_at", None)),
                fields=("application", "rule", "field", "seen"),
                name="institutions_finding_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cleared_at", None), ("cleared_by", None), ("reason", "")),
                    models.Q(
                        ("cleared_at__isnull", False), models.Q(("reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="institutions_finding_cleared_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="tick",
            constraint=models.UniqueConstraint(
                fields=("application", "item", "number"), name="institutions_tick_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="watchlist",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("state",),
                name="institutions_watch_list_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchlist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at", None), ("decided_by", None), ("state", "open")),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="institutions_watch_list_says_who_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchlist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(("decided_by", models.F("uploaded_by")), _negated=True),
                    _connector="OR",
                ),
                name="institutions_watch_list_takes_two",
            ),
        ),
    ]
