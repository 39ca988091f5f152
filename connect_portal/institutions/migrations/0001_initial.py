"""Institutions, their applications and how these move, contracts, Connect codes, editions."""

import datetime
import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [
        ("institutions", "0002_onboarding"),
        ("institutions", "0003_plan_version"),
        ("institutions", "0004_onboarding_states"),
        ("institutions", "0005_applications"),
        ("institutions", "0006_reviewing"),
        ("institutions", "0008_letters_kept"),
        ("institutions", "0009_desk"),
        ("institutions", "0010_desk_turns"),
        ("institutions", "0012_reminders"),
        ("institutions", "0015_directory"),
        ("institutions", "0016_contract_terms"),
    ]

    initial = True

    dependencies = [
        ("terms", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Institution",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                (
                    "kind",
                    models.CharField(
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
                ),
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
                    "venue_account_uid",
                    models.CharField(
                        blank=True,
                        help_text="Its own account at the venue, where it is paid.",
                        max_length=32,
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ["name"],
                "indexes": [
                    models.Index(fields=["name", "id"], name="institutions_by_name"),
                    models.Index(fields=["-opened_at", "-id"], name="institutions_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "applicant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "institution",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="application",
                        to="institutions.institution",
                    ),
                ),
                ("company", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
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
                (
                    "other_kinds",
                    django.contrib.postgres.fields.ArrayField(
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
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[("api", "API"), ("oauth", "OAuth")], max_length=8
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "country",
                    models.CharField(blank=True, help_text="ISO 3166-1 alpha-2.", max_length=2),
                ),
                ("website", models.URLField(blank=True, max_length=300)),
                ("description", models.TextField(blank=True, max_length=2000)),
                ("expected_users", models.PositiveIntegerField(null=True)),
                (
                    "expected_volume",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="USD a calendar month.",
                        max_digits=20,
                        null=True,
                    ),
                ),
                ("trading_name", models.CharField(blank=True, max_length=120)),
                ("registration_number", models.CharField(blank=True, max_length=60)),
                ("registered_on", models.DateField(null=True)),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="Where a country's parts register companies.",
                        max_length=80,
                    ),
                ),
                ("registered_address", models.TextField(blank=True, max_length=400)),
                (
                    "principal_address",
                    models.TextField(
                        blank=True, help_text="Empty: the registered one.", max_length=400
                    ),
                ),
                (
                    "has_no_owner",
                    models.BooleanField(
                        default=False, help_text="Nobody holds as much as a beneficial owner does."
                    ),
                ),
                ("contact_name", models.CharField(blank=True, max_length=120)),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("technical_contact_name", models.CharField(blank=True, max_length=120)),
                ("technical_contact_email", models.EmailField(blank=True, max_length=254)),
                ("finance_contact_name", models.CharField(blank=True, max_length=120)),
                ("finance_contact_email", models.EmailField(blank=True, max_length=254)),
                ("venue_account_uid", models.CharField(blank=True, max_length=32)),
                (
                    "redirect_uris",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=500),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "ips",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=43),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "malformed",
                    models.JSONField(
                        default=dict,
                        help_text="What was typed and cannot be taken as it is, by field.",
                    ),
                ),
                ("terms_version", models.CharField(blank=True, max_length=20)),
                ("terms_accepted_at", models.DateTimeField(null=True)),
                (
                    "saved_at",
                    models.DateTimeField(
                        help_text="When the applicant last changed it.", null=True
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "In review"),
                            ("info_requested", "Information requested"),
                            ("qualified", "Qualified"),
                            ("contracting", "Contracting"),
                            ("contract_sent", "Contract sent"),
                            ("contract_signed", "Contract signed"),
                            ("tech_setup", "Technical set-up"),
                            ("tech_review", "Technical review"),
                            ("sandbox_test", "Sandbox test"),
                            ("go_live_review", "Go-live review"),
                            ("online_test", "Online test"),
                            ("monitoring", "Monitoring"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("offboarding", "Offboarding"),
                            ("terminated", "Terminated"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="draft",
                        max_length=20,
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("submitted_at", models.DateTimeField(null=True)),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When the exchange's next step is due.", null=True
                    ),
                ),
                (
                    "paused_at",
                    models.DateTimeField(help_text="Since when its clock stands still.", null=True),
                ),
                (
                    "urgent_at",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                paused_at=None,
                                then=django.db.models.functions.comparison.Coalesce(
                                    "due_at",
                                    models.Value(
                                        datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC)
                                    ),
                                ),
                            ),
                            default=models.Value(
                                datetime.datetime(9999, 12, 31, 0, 0, tzinfo=datetime.UTC)
                            ),
                        ),
                        help_text="When its running clock is due: the order of the desk.",
                        output_field=models.DateTimeField(),
                    ),
                ),
                (
                    "moved_at",
                    models.DateTimeField(help_text="Since when it stands at its step.", null=True),
                ),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        help_text="Whose turn it is, as `rules.turn` says; or nobody's.",
                        max_length=20,
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("assigned_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-begun_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["due_at"],
                        name="institutions_due",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for", ""), _negated=True),
                        fields=["urgent_at", "id"],
                        name="institutions_desk",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for", ""), _negated=True),
                        fields=["assignee", "urgent_at", "id"],
                        include=("waits_for",),
                        name="institutions_desk_of_person",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for", ""), _negated=True),
                        fields=["waits_for", "urgent_at", "id"],
                        name="institutions_desk_of_role",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for", ""), _negated=True),
                        fields=["step", "assignee", "waits_for"],
                        include=("urgent_at", "submitted_at", "moved_at"),
                        name="institutions_desk_counts",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("applicant"),
                        django.db.models.functions.text.Lower("company"),
                        condition=models.Q(
                            ("step__in", ("terminated", "rejected", "withdrawn", "expired")),
                            _negated=True,
                        ),
                        name="institutions_application_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "step__in",
                                [
                                    "draft",
                                    "submitted",
                                    "in_review",
                                    "info_requested",
                                    "qualified",
                                    "contracting",
                                    "contract_sent",
                                    "contract_signed",
                                    "tech_setup",
                                    "tech_review",
                                    "sandbox_test",
                                    "go_live_review",
                                    "online_test",
                                    "monitoring",
                                    "active",
                                    "suspended",
                                    "offboarding",
                                    "terminated",
                                    "rejected",
                                    "withdrawn",
                                    "expired",
                                ],
                            )
                        ),
                        name="institutions_step_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("institution__isnull", True),
                                (
                                    "step__in",
                                    (
                                        "draft",
                                        "submitted",
                                        "in_review",
                                        "info_requested",
                                        "rejected",
                                        "withdrawn",
                                        "expired",
                                    ),
                                ),
                            ),
                            models.Q(
                                models.Q(
                                    (
                                        "step__in",
                                        (
                                            "draft",
                                            "submitted",
                                            "in_review",
                                            "info_requested",
                                            "rejected",
                                            "withdrawn",
                                            "expired",
                                        ),
                                    ),
                                    _negated=True,
                                ),
                                ("institution__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="institutions_application_opens_one_when_qualified",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConnectCode",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="institutions.institution",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="institutions.application",
                    ),
                ),
                ("venue", models.CharField(max_length=24)),
                ("code", models.CharField(max_length=16)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reserved", "Reserved"),
                            ("sandbox", "Sandbox only"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("retired", "Retired"),
                            ("void", "Void"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "issued_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("venue", "code"), name="institutions_code_unique_at_venue"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("retired", "void")), _negated=True),
                        fields=("institution", "venue"),
                        name="institutions_code_one_in_use",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("institution__isnull", False),
                            ("application__isnull", False),
                            _connector="OR",
                        ),
                        name="institutions_code_is_somebodys",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[A-Za-z0-9]{1,16}$")),
                        name="institutions_code_grammar",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CodePause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pauses",
                        to="institutions.connectcode",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("code",),
                        name="institutions_code_paused_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Contract",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contracts",
                        to="institutions.institution",
                    ),
                ),
                (
                    "plan_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="terms.planversion",
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                (
                    "edition",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Of the template that it was written from; 0 is as shipped.",
                    ),
                ),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                (
                    "accepted_by",
                    models.CharField(
                        blank=True,
                        help_text="The name that was typed for the institution.",
                        max_length=150,
                    ),
                ),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "declined_at",
                    models.DateTimeField(help_text="Signed, but not countersigned.", null=True),
                ),
                (
                    "countersigned_by",
                    models.CharField(
                        blank=True,
                        help_text="Who signed for the exchange, as the trail has it.",
                        max_length=120,
                    ),
                ),
                ("countersigned_at", models.DateTimeField(null=True)),
                (
                    "valid_to",
                    models.DateTimeField(
                        help_text="In force until then, unless renewed.", null=True
                    ),
                ),
                (
                    "live_since",
                    models.DateTimeField(help_text="Fills from here on earn.", null=True),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("countersigned_at", None),
                            ("accepted_at__isnull", False),
                            _connector="OR",
                        ),
                        name="institutions_contract_countersigned_after",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("live_since", None),
                            ("countersigned_at__isnull", False),
                            _connector="OR",
                        ),
                        name="institutions_contract_live_when_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("declined_at", None),
                            models.Q(("accepted_at__isnull", False), ("countersigned_at", None)),
                            _connector="OR",
                        ),
                        name="institutions_contract_declined_when_signed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("declined_at", None)),
                        fields=("institution",),
                        name="institutions_contract_one_that_stands",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("certificate", models.BinaryField(help_text="X.509, DER.")),
                (
                    "chain",
                    models.JSONField(
                        default=list, help_text="Certificates above it, DER in base64."
                    ),
                ),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="SHA-256 of the certificate.", max_length=64, unique=True
                    ),
                ),
                ("sealed_key", models.BinaryField(help_text="PKCS#8, sealed.", null=True)),
                ("made_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(help_text="The end of the certificate.")),
            ],
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="institutions.contract",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("draft", "As sent"),
                            ("signed", "Signed by the institution"),
                            ("sealed", "Countersigned and sealed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("pdf", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                (
                    "layout",
                    models.PositiveSmallIntegerField(help_text="By which layout it was typeset."),
                ),
                (
                    "seal_key",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="institutions.sealkey",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract", "kind"), name="institutions_paper_one_of_a_kind"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "sealed"), ("seal_key__isnull", False)),
                            models.Q(
                                models.Q(("kind", "sealed"), _negated=True), ("seal_key", None)
                            ),
                            _connector="OR",
                        ),
                        name="institutions_paper_sealed_by_a_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="institutions.contract",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("institution", "For the institution"),
                            ("exchange", "For the exchange"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        help_text="Unset: on paper.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(help_text="As typed.", max_length=150)),
                (
                    "account",
                    models.CharField(
                        blank=True,
                        help_text="The email address of the person's account then.",
                        max_length=254,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("ip", models.CharField(blank=True, max_length=45)),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                (
                    "factor",
                    models.CharField(
                        blank=True, help_text="The second factor shown.", max_length=12
                    ),
                ),
                (
                    "paper_sha256",
                    models.CharField(help_text="Of the file that was read.", max_length=64),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contract", "side"), name="institutions_signature_one_a_side"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals",
                        to="institutions.application",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("submit", "Submit"),
                            ("screen", "Screen"),
                            ("request_info", "Request information"),
                            ("resubmit", "Submit again"),
                            ("approve", "Approve"),
                            ("reject", "Reject"),
                            ("appeal", "Appeal"),
                            ("withdraw", "Withdraw"),
                            ("expire", "Expire"),
                            ("log_contact", "Log the contact"),
                            ("send_contract", "Send the contract"),
                            ("sign", "Sign the contract"),
                            ("countersign", "Countersign"),
                            ("decline_contract", "Decline the signed contract"),
                            ("submit_tech", "Submit the technical details"),
                            ("return_tech", "Return the technical details"),
                            ("provision", "Give technical access"),
                            ("certify", "Certify"),
                            ("approve_live", "Go live"),
                            ("return_test", "Return to the sandbox test"),
                            ("first_fill", "Note the first tagged fill"),
                            ("complete", "Complete"),
                            ("extend", "Extend the observation"),
                            ("fail", "Send back to the sandbox test"),
                            ("suspend", "Suspend"),
                            ("reinstate", "Reinstate"),
                            ("lapse", "Suspend for an expired contract"),
                            ("offboard", "Offboard"),
                            ("close", "Close"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Waits for a second person"),
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("lapsed", "Overtaken by another move"),
                        ],
                        default="open",
                        max_length=12,
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
                ("proposed_at", models.DateTimeField()),
                ("note", models.TextField(blank=True, max_length=2000)),
                (
                    "reason",
                    models.CharField(
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
                (
                    "terms",
                    models.JSONField(
                        default=dict, help_text="What exactly is confirmed, of a contract."
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, max_length=2000)),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("application",),
                        name="institutions_proposal_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["confirmed", "declined"]), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="institutions_proposal_says_who_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="institutions_proposal_takes_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("event", "reject"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="institutions_proposal_rejects_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="institutions.application",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("submit", "Submit"),
                            ("screen", "Screen"),
                            ("request_info", "Request information"),
                            ("resubmit", "Submit again"),
                            ("approve", "Approve"),
                            ("reject", "Reject"),
                            ("appeal", "Appeal"),
                            ("withdraw", "Withdraw"),
                            ("expire", "Expire"),
                            ("log_contact", "Log the contact"),
                            ("send_contract", "Send the contract"),
                            ("sign", "Sign the contract"),
                            ("countersign", "Countersign"),
                            ("decline_contract", "Decline the signed contract"),
                            ("submit_tech", "Submit the technical details"),
                            ("return_tech", "Return the technical details"),
                            ("provision", "Give technical access"),
                            ("certify", "Certify"),
                            ("approve_live", "Go live"),
                            ("return_test", "Return to the sandbox test"),
                            ("first_fill", "Note the first tagged fill"),
                            ("complete", "Complete"),
                            ("extend", "Extend the observation"),
                            ("fail", "Send back to the sandbox test"),
                            ("suspend", "Suspend"),
                            ("reinstate", "Reinstate"),
                            ("lapse", "Suspend for an expired contract"),
                            ("offboard", "Offboard"),
                            ("close", "Close"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "In review"),
                            ("info_requested", "Information requested"),
                            ("qualified", "Qualified"),
                            ("contracting", "Contracting"),
                            ("contract_sent", "Contract sent"),
                            ("contract_signed", "Contract signed"),
                            ("tech_setup", "Technical set-up"),
                            ("tech_review", "Technical review"),
                            ("sandbox_test", "Sandbox test"),
                            ("go_live_review", "Go-live review"),
                            ("online_test", "Online test"),
                            ("monitoring", "Monitoring"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("offboarding", "Offboarding"),
                            ("terminated", "Terminated"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "to",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Submitted"),
                            ("in_review", "In review"),
                            ("info_requested", "Information requested"),
                            ("qualified", "Qualified"),
                            ("contracting", "Contracting"),
                            ("contract_sent", "Contract sent"),
                            ("contract_signed", "Contract signed"),
                            ("tech_setup", "Technical set-up"),
                            ("tech_review", "Technical review"),
                            ("sandbox_test", "Sandbox test"),
                            ("go_live_review", "Go-live review"),
                            ("online_test", "Online test"),
                            ("monitoring", "Monitoring"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("offboarding", "Offboarding"),
                            ("terminated", "Terminated"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("actor", models.CharField(max_length=120)),
                ("note", models.TextField(blank=True, max_length=2000)),
                (
                    "reason",
                    models.CharField(
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
                ("evidence", models.JSONField(default=dict)),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When the clock that it stopped was due.", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("event", "reject"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="institutions_move_rejects_with_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
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
                    "move",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letter",
                        to="institutions.move",
                    ),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When the exchange's next step was due after the move.", null=True
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["claimed_at"],
                        name="institutions_letter_unsent",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="institutions.application",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        help_text="None: the site.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("by_load", "Assigned by load"),
                            ("taken", "Taken"),
                            ("handed_over", "Handed over"),
                            ("released", "Released"),
                        ],
                        max_length=12,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["person", "-at"], name="institutions_assignment_latest")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("how", "released"), ("person", None)),
                            models.Q(
                                models.Q(("how", "released"), _negated=True),
                                ("person__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="institutions_assignment_to_somebody_unless_released",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(max_length=500)),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "name"), name="institutions_filter_name_once_each"
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="institutions.application",
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
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "replaced_at",
                    models.DateTimeField(help_text="No longer part of the application.", null=True),
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
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="institutions.application",
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
        migrations.CreateModel(
            name="Edition",
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
                            ("contract", "Contract template"),
                            ("plan", "Commission plan"),
                            ("letter", "Letter"),
                            ("calendar", "Calendar"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("body", models.TextField(max_length=60000)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for a second person"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="proposed",
                        max_length=12,
                    ),
                ),
                (
                    "effective_from",
                    models.DateTimeField(help_text="Unset: from its approval on.", null=True),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("note", models.TextField(max_length=2000)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, max_length=2000)),
                (
                    "plan_version",
                    models.OneToOneField(
                        help_text="What contracts name, of an approved plan.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="terms.planversion",
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "name", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "name", "number"), name="institutions_edition_in_order"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("kind", "name"),
                        name="institutions_edition_one_proposed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["contract", "plan", "letter", "calendar"]),
                            ("state__in", ["proposed", "approved", "declined", "withdrawn"]),
                        ),
                        name="institutions_edition_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("state", "proposed")
                            ),
                            models.Q(
                                models.Q(("state", "proposed"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="institutions_edition_says_who_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "declined"]), _negated=True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="institutions_edition_takes_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(
                                ("effective_from__gte", models.F("decided_at")),
                                ("effective_from__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="institutions_edition_not_in_the_past",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "plan"),
                                ("plan_version__isnull", False),
                                ("state", "approved"),
                            ),
                            models.Q(
                                models.Q(("kind", "plan"), ("state", "approved"), _negated=True),
                                ("plan_version", None),
                            ),
                            _connector="OR",
                        ),
                        name="institutions_edition_of_a_plan_makes_a_version",
                    ),
                ],
            },
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
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="institutions.application",
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminders",
                        to="institutions.application",
                    ),
                ),
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
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="institutions.application",
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
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("reply", models.TextField(blank=True, max_length=2000)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None), ("withdrawn_at", None)),
                        fields=("application", "field"),
                        name="institutions_request_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("answered_by", None), ("reply", "")),
                            models.Q(
                                ("answered_at__isnull", False), ("answered_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="institutions_request_says_who_answered",
                    ),
                    models.CheckConstraint(
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
                ],
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="findings",
                        to="institutions.application",
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
                (
                    "cleared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("cleared_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True, max_length=2000)),
            ],
            options={
                "ordering": ["severity", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cleared_at", None)),
                        fields=("application", "rule", "field", "seen"),
                        name="institutions_finding_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cleared_at", None), ("cleared_by", None), ("reason", "")),
                            models.Q(
                                ("cleared_at__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="institutions_finding_cleared_with_reason",
                    ),
                ],
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
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ticks",
                        to="institutions.application",
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
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["item", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("application", "item", "number"), name="institutions_tick_numbered"
                    )
                ],
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
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="institutions.application",
                    ),
                ),
                ("text", models.TextField(max_length=2000)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["-pk"],
            },
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
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="venue_key",
                        to="institutions.application",
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
            ],
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
                (
                    "uploaded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("uploaded_at", models.DateTimeField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "compared_at",
                    models.DateTimeField(
                        help_text="When everybody had been compared with it.", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("state",),
                        name="institutions_watch_list_one_open",
                    ),
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(("decided_by", models.F("uploaded_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="institutions_watch_list_takes_two",
                    ),
                ],
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
                    "watch_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="institutions.watchlist",
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
    ]
