"""Applications carry the whole form: the legal entity, its people, documents, terms, versions."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0004_onboarding_states"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="expected_users",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="expected_volume",
            field=models.DecimalField(
                decimal_places=2, help_text="USD a calendar month.", max_digits=20, null=True
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="finance_contact_email",
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="application",
            name="finance_contact_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="application",
            name="has_no_owner",
            field=models.BooleanField(
                default=False, help_text="Nobody holds as much as a beneficial owner does."
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="malformed",
            field=models.JSONField(
                default=dict, help_text="What was typed and cannot be taken as it is, by field."
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="other_kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("aggregator", "Trading aggregator platform"),
                        ("strategy_platform", "Trading strategy platform"),
                        ("strategy_provider", "Technical strategy provider"),
                        ("bot_platform", "Trading bot platform"),
                        ("asset_management", "Asset management and payment platform"),
                        ("social_trading", "Social trading community"),
                    ],
                    max_length=24,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="principal_address",
            field=models.TextField(
                blank=True, help_text="Empty: the registered one.", max_length=400
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="region",
            field=models.CharField(
                blank=True, help_text="Where a country's parts register companies.", max_length=80
            ),
        ),
        migrations.AddField(
            model_name="application",
            name="registered_address",
            field=models.TextField(blank=True, max_length=400),
        ),
        migrations.AddField(
            model_name="application",
            name="registered_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="registration_number",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="application",
            name="saved_at",
            field=models.DateTimeField(help_text="When the applicant last changed it.", null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="technical_contact_email",
            field=models.EmailField(blank=True, max_length=254),
        ),
        migrations.AddField(
            model_name="application",
            name="technical_contact_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="application",
            name="terms_accepted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="terms_version",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="application",
            name="trading_name",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AlterField(
            model_name="application",
            name="kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("aggregator", "Trading aggregator platform"),
                    ("strategy_platform", "Trading strategy platform"),
                    ("strategy_provider", "Technical strategy provider"),
                    ("bot_platform", "Trading bot platform"),
                    ("asset_management", "Asset management and payment platform"),
                    ("social_trading", "Social trading community"),
                ],
                help_text="Its main business, which the institution is listed under.",
                max_length=24,
            ),
        ),
        migrations.CreateModel(
            name="VenueKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uid",
                    models.CharField(
                        help_text="The account it opens, as the venue said.", max_length=32
                    ),
                ),
                (
                    "hint",
                    models.CharField(help_text="The first characters of the key.", max_length=12),
                ),
                ("sealed_credentials", models.BinaryField()),
                (
                    "place",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="What the sealed key is bound to."
                    ),
                ),
                (
                    "probed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="venue_key",
                        to="institutions.application",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CompanyPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("director", "Director"),
                                ("owner", "Beneficial owner"),
                                ("signatory", "Authorised signatory"),
                            ],
                            max_length=12,
                        ),
                        size=None,
                    ),
                ),
                (
                    "country",
                    models.CharField(help_text="Of residence, ISO 3166-1 alpha-2.", max_length=2),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="Of signatories: the contract goes there.",
                        max_length=254,
                    ),
                ),
                (
                    "share",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="Percent, of beneficial owners.",
                        max_digits=5,
                        null=True,
                    ),
                ),
                (
                    "added_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="institutions.application",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("share", None),
                            models.Q(("share__gt", 0), ("share__lte", 100)),
                            _connector="OR",
                        ),
                        name="institutions_person_share_in_percent",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(help_text="A key of `facts.document_kinds`.", max_length=32),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="What the applicant's file was called.", max_length=120
                    ),
                ),
                ("media_type", models.CharField(help_text="As its content says.", max_length=40)),
                ("size", models.PositiveIntegerField(help_text="Bytes.")),
                ("sha256", models.CharField(max_length=64)),
                ("expires_on", models.DateField(null=True)),
                (
                    "uploaded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "replaced_at",
                    models.DateTimeField(help_text="No longer part of the application.", null=True),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="institutions.application",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [models.Index(fields=["sha256"], name="institutions_document_content")],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "content",
                    models.JSONField(
                        help_text="Every field, the people, and the documents' hashes."
                    ),
                ),
                (
                    "sha256",
                    models.CharField(help_text="Of the content as canonical JSON.", max_length=64),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="institutions.application",
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "number"), name="institutions_submission_numbered"
                    )
                ],
            },
        ),
    ]
