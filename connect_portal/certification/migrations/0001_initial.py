"""Runs, what they saw, what they did to the client, and what came of it."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [("certification", "0002_funded"), ("certification", "0003_not_funded")]

    initial = True

    dependencies = [
        ("institutions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Run",
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
                ("code", models.CharField(max_length=16)),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("api", "API"), ("oauth", "OAuth")], max_length=8
                        ),
                        size=None,
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("ends_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("green", "Passed"),
                            ("abandoned", "Given up"),
                            ("expired", "Time ran out"),
                        ],
                        default="running",
                        max_length=12,
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("uid", models.CharField(blank=True, max_length=32)),
                ("key_hint", models.CharField(blank=True, max_length=12)),
                (
                    "last_request",
                    models.BigIntegerField(
                        default=0, help_text="How far the exchange's log was read."
                    ),
                ),
                (
                    "last_call",
                    models.BigIntegerField(default=0, help_text="How far the gateway's was."),
                ),
                ("last_grant", models.BigIntegerField(default=0)),
                (
                    "looked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("report", models.TextField(blank=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("institution",),
                        name="certification_run_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "running")),
                            models.Q(
                                models.Q(("state", "running"), _negated=True),
                                ("finished_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="certification_run_over_has_an_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "green"), _negated=True),
                            models.Q(("sha256", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="certification_run_green_has_a_report",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="certification.run",
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("api", "API"), ("oauth", "OAuth")], max_length=8),
                ),
                ("source", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=128)),
                ("code", models.CharField(max_length=16)),
                (
                    "held",
                    models.BooleanField(
                        help_text="Whether the key and signature, or the token, did."
                    ),
                ),
                ("client_id", models.CharField(blank=True, max_length=64)),
                ("items", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["source"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "channel", "source"), name="certification_evidence_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CheckResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="results",
                        to="certification.run",
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("api", "API"), ("oauth", "OAuth")], max_length=8),
                ),
                ("check_key", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("passed", "Passed"),
                            ("missed", "Missed"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("seen", models.CharField(blank=True, max_length=400)),
                ("change", models.CharField(blank=True, max_length=600)),
                (
                    "sources",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it last came to another state.")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("run", "channel", "check_key"), name="certification_result_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Disturbance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disturbances",
                        to="certification.run",
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("api", "API"), ("oauth", "OAuth")], max_length=8),
                ),
                (
                    "trial",
                    models.CharField(
                        choices=[
                            ("too_many", "An order answered with “Too Many Requests”"),
                            ("unknown", "An order whose outcome is unknown"),
                            ("farewell", "The end of the connection"),
                        ],
                        max_length=12,
                    ),
                ),
                ("after", models.BigIntegerField()),
                ("number", models.BigIntegerField(null=True)),
                ("begun_at", models.DateTimeField()),
                ("over_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("over_at", None)),
                        fields=("run", "channel", "trial"),
                        name="certification_one_disturbance_of_a_kind",
                    )
                ],
            },
        ),
    ]
