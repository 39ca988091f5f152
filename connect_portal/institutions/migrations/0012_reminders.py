"""Reminders of what waits for the applicant's side."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0011_contracts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edition",
                    models.PositiveIntegerField(help_text="Of its words; 0 as shipped.", null=True),
                ),
                (
                    "readers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.EmailField(max_length=254), default=list, size=None
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=400)),
                ("text", models.TextField(blank=True)),
                ("html", models.TextField(blank=True)),
                (
                    "claimed_at",
                    models.DateTimeField(
                        help_text="When somebody last began to send it.", null=True
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("answer", "Answer awaited"),
                            ("sign", "Signature awaited"),
                            ("appeal", "Appeal closes"),
                            ("expiry", "Contract ends"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "occasion",
                    models.CharField(
                        help_text="What it counts from, and how many days from there.",
                        max_length=40,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("deadline", models.DateTimeField()),
                (
                    "overtaken_at",
                    models.DateTimeField(help_text="Not sent: it was done in time.", null=True),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="institutions.application",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("overtaken_at__isnull", True), ("sent_at__isnull", True)
                        ),
                        fields=["claimed_at"],
                        name="institutions_reminder_unsent",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "kind", "occasion"),
                        name="institutions_reminder_once",
                    )
                ],
            },
        ),
    ]
