"""Invitations to work for the exchange; each role has its group."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LABELS = {
    "account_manager": "Account manager",
    "compliance": "Compliance",
    "technical": "Technical",
    "finance": "Finance",
}


def group_by_role(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Whoever has a role already stands in its group."""
    groups = apps.get_model("auth", "Group").objects
    for person in apps.get_model("people", "Person").objects.exclude(staff_role=""):
        person.groups.add(groups.get_or_create(name=LABELS[person.staff_role])[0])


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0003_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffInvitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("", "Not staff"),
                            ("account_manager", "Account manager"),
                            ("compliance", "Compliance"),
                            ("technical", "Technical"),
                            ("finance", "Finance"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "expires_at",
                    models.DateTimeField(help_text="A week after it was confirmed.", null=True),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("withdrawn_at", None)),
                        fields=("email",),
                        name="people_staffinvitation_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("proposed_by", models.F("confirmed_by")), _negated=True
                        ),
                        name="people_staffinvitation_takes_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("accepted_at", None), ("confirmed_by__isnull", False), _connector="OR"
                        ),
                        name="people_staffinvitation_confirmed_first",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["account_manager", "compliance", "technical", "finance"])
                        ),
                        name="people_staffinvitation_role_known",
                    ),
                ],
            },
        ),
        migrations.RunPython(group_by_role, migrations.RunPython.noop),
    ]
