"""The table of events."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigIntegerField(
                        help_text="Counts from 1 without gaps: the order of the chain.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("at", models.DateTimeField(help_text="The exact time that was hashed.")),
                ("tag", models.CharField(max_length=120)),
                ("actor", models.CharField(max_length=120)),
                ("subject", models.CharField(max_length=120)),
                ("data", models.JSONField(default=dict)),
                ("previous_hash", models.CharField(max_length=64, unique=True)),
                ("hash", models.CharField(max_length=64, unique=True)),
            ],
            options={
                "ordering": ["id"],
                "indexes": [models.Index(fields=["subject", "id"], name="audit_event_subject")],
            },
        ),
    ]
