"""Persons, and invitations to work for the exchange."""

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [("people", "0004_staff_invitations")]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text=(
                            "Designates that this user has all permissions without explicitly "
                            "assigning them."
                        ),
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(max_length=254, unique=True, verbose_name="email address"),
                ),
                ("name", models.CharField(blank=True, max_length=150)),
                (
                    "staff_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Not staff"),
                            ("account_manager", "Account manager"),
                            ("compliance", "Compliance"),
                            ("technical", "Technical"),
                            ("finance", "Finance"),
                        ],
                        default="",
                        max_length=20,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("is_demo", models.BooleanField(default=False, help_text="One of the demo cast.")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="May open Django's admin. Not a role of the exchange.",
                    ),
                ),
                (
                    "joined_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text=(
                            "The groups this user belongs to. A user will get all permissions "
                            "granted to each of their groups."
                        ),
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "people",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email", django.db.models.functions.text.Lower("email"))
                        ),
                        name="people_person_email_is_lower",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "staff_role__in",
                                ["", "account_manager", "compliance", "technical", "finance"],
                            )
                        ),
                        name="people_person_staff_role_known",
                    ),
                ],
            },
        ),
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
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                    "expires_at",
                    models.DateTimeField(help_text="A week after it was confirmed.", null=True),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
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
    ]
