"""Venue accounts, bindings and grants; OAuth clients and tokens; receipts, letters, endings."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import oauth2_provider.generators
import oauth2_provider.models
from django.conf import settings
from django.db import migrations, models

import connect_portal.authorizations.models.accounts


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [
        ("authorizations", "0002_oauth"),
        ("authorizations", "0003_pages"),
        ("authorizations", "0004_grant_limits"),
        ("authorizations", "0005_watched_keys"),
        ("authorizations", "0006_okx_dialect"),
        ("authorizations", "0007_receipts"),
        ("authorizations", "0008_clients"),
        ("authorizations", "0009_fast_api"),
        ("authorizations", "0010_uses"),
        ("authorizations", "0011_letters_of_bindings"),
        ("authorizations", "0012_closed_letters"),
        ("authorizations", "0013_venue_tokens"),
        ("authorizations", "0014_endings"),
        ("authorizations", "0015_cancellation_keeps_no_bound_key"),
        ("authorizations", "0016_unbound_letters"),
        ("authorizations", "0017_ending_cancels_orders"),
    ]

    initial = True

    dependencies = [
        ("institutions", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="VenueAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="venue_accounts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("venue", models.CharField(max_length=24)),
                (
                    "environment",
                    models.CharField(
                        choices=[("live", "Live"), ("demo", "Demo")], default="live", max_length=4
                    ),
                ),
                ("uid", models.CharField(max_length=32)),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("venue", "environment", "uid"),
                        name="authorizations_account_once_per_venue",
                    )
                ],
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
                ("label", models.CharField(max_length=50, unique=True)),
                ("venue", models.CharField(max_length=24)),
                (
                    "environment",
                    models.CharField(
                        choices=[("live", "Live"), ("demo", "Demo")], default="live", max_length=4
                    ),
                ),
                ("uid", models.CharField(max_length=32)),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "delete_at",
                    models.DateTimeField(
                        help_text="Not before; empty while the key is worked with.", null=True
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=200)),
                ("deleted_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("delete_at__isnull", False), ("deleted_at__isnull", True)
                        ),
                        fields=["delete_at"],
                        name="authorizations_key_to_delete",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Client",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "client_id",
                    models.CharField(
                        db_index=True,
                        default=oauth2_provider.generators.generate_client_id,
                        max_length=255,
                        unique=True,
                        verbose_name="client ID",
                    ),
                ),
                (
                    "client_type",
                    models.CharField(
                        choices=[("confidential", "Confidential"), ("public", "Public")],
                        max_length=32,
                        verbose_name="client type",
                    ),
                ),
                (
                    "authorization_grant_type",
                    models.CharField(
                        choices=[
                            ("authorization-code", "Authorization code"),
                            ("urn:ietf:params:oauth:grant-type:device_code", "Device Code"),
                            ("implicit", "Implicit"),
                            ("password", "Resource owner password-based"),
                            ("client-credentials", "Client credentials"),
                            ("openid-hybrid", "OpenID connect hybrid"),
                        ],
                        max_length=44,
                        verbose_name="authorization grant type",
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "algorithm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No OIDC support"),
                            ("RS256", "RSA with SHA-2 256"),
                            ("HS256", "HMAC with SHA-2 256"),
                        ],
                        default="",
                        max_length=5,
                        verbose_name="algorithm",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="oauth_clients",
                        to="institutions.institution",
                    ),
                ),
                (
                    "environment",
                    models.CharField(
                        choices=[("live", "Live"), ("demo", "Demo")],
                        default="live",
                        help_text=(
                            "The accounts it asks for: the live client's, or the test client's "
                            "demo ones."
                        ),
                        max_length=4,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True,
                        help_text="What end users read; empty: the institution's name.",
                        max_length=60,
                    ),
                ),
                (
                    "addresses",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=43),
                        blank=True,
                        default=list,
                        help_text=(
                            "Servers that may use its tokens, in CIDR notation; empty means any."
                        ),
                        size=None,
                    ),
                ),
                (
                    "par_required",
                    models.BooleanField(
                        default=False,
                        help_text="Takes pushed authorization requests only (RFC 9126).",
                    ),
                ),
                (
                    "dpop_required",
                    models.BooleanField(
                        default=False,
                        help_text="Gets tokens that are bound to its key only (RFC 9449).",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("authorization_grant_type", "authorization-code"),
                            ("client_type__in", ["confidential", "public"]),
                        ),
                        name="authorizations_client_code_only",
                    ),
                    models.UniqueConstraint(
                        fields=("institution", "environment"),
                        name="authorizations_client_per_environment",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClientSecret",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secrets",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                ("checksum", models.CharField(max_length=64, unique=True)),
                (
                    "hint",
                    models.CharField(help_text="Its last characters, to tell it by.", max_length=4),
                ),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("made_by", models.CharField(max_length=120)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-made_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ClientLogo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="logo",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                ("content", models.BinaryField()),
                ("media_type", models.CharField(max_length=16)),
                ("checksum", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="RedirectURI",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redirects",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                ("uri", models.CharField(max_length=500)),
                (
                    "proposed_by",
                    models.CharField(help_text="The actor who named it.", max_length=120),
                ),
                (
                    "approved_by",
                    models.CharField(help_text="The actor who approved it.", max_length=120),
                ),
                (
                    "approved_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("client", "uri"),
                        name="authorizations_redirect_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("proposed_by", models.F("approved_by")), _negated=True),
                        name="authorizations_redirect_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RedirectProposal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="redirect_proposals",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                ("uri", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "With our technical staff"),
                            ("proposed", "With your account manager"),
                            ("approved", "Approved"),
                            ("refused", "Refused"),
                        ],
                        default="asked",
                        max_length=12,
                    ),
                ),
                (
                    "asked_by",
                    models.CharField(help_text="The actor of the institution.", max_length=120),
                ),
                (
                    "asked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "proposed_by",
                    models.CharField(blank=True, help_text="Technical.", max_length=120),
                ),
                (
                    "approved_by",
                    models.CharField(blank=True, help_text="Account manager.", max_length=120),
                ),
                ("refused_by", models.CharField(blank=True, max_length=120)),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it was refused.", max_length=300),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "proposed"])),
                        fields=("client", "uri"),
                        name="authorizations_redirect_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved_by", ""),
                            models.Q(
                                models.Q(("proposed_by", models.F("approved_by")), _negated=True),
                                models.Q(("proposed_by", ""), _negated=True),
                                models.Q(("asked_by", models.F("proposed_by")), _negated=True),
                                models.Q(("asked_by", models.F("approved_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="authorizations_redirect_approved_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Binding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key_hint",
                    models.CharField(help_text="The first characters of the key.", max_length=12),
                ),
                ("key_fingerprint", models.CharField(max_length=64)),
                ("sealed_credentials", models.BinaryField(null=True)),
                (
                    "credentials_place",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="What the sealed credentials are bound to."
                    ),
                ),
                (
                    "probed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When the venue last said what the key may do.",
                    ),
                ),
                (
                    "next_probe_at",
                    models.DateTimeField(
                        default=connect_portal.authorizations.models.accounts.next_probe
                    ),
                ),
                (
                    "venue_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bindings",
                        to="authorizations.venueaccount",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bindings",
                        to="institutions.institution",
                    ),
                ),
                (
                    "venue_key",
                    models.OneToOneField(
                        help_text=(
                            "The key at the venue where we made it; then we delete it there too."
                        ),
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="binding",
                        to="authorizations.venuekey",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        blank=True,
                        help_text="What the institution that had it made calls it.",
                        max_length=50,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("bound", "Working"),
                            ("degraded", "Key refused by the venue"),
                            ("quarantined", "Put aside for safety"),
                            ("unbound", "Ended"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), size=None
                    ),
                ),
                (
                    "ips",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        default=list,
                        help_text=(
                            "Where the key works from, as the venue says; empty means anywhere."
                        ),
                        size=None,
                    ),
                ),
                ("trouble", models.CharField(blank=True, max_length=200)),
                (
                    "bound_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "quarantined_at",
                    models.DateTimeField(help_text="In business time, like the end.", null=True),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("user", "Ended by you"),
                            ("superseded", "Replaced by a newer one"),
                            ("expired", "Ran out"),
                            ("institution", "Ended by the institution"),
                            ("exchange", "Ended by the exchange"),
                            ("venue", "Its key was refused by the venue"),
                            ("replay", "Ended for safety: a used code or token came again"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["-bound_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ("bound", "degraded"))),
                        fields=["next_probe_at"],
                        name="authorizations_binding_probe",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("bound", "degraded"))),
                        fields=("venue_account", "institution"),
                        name="authorizations_binding_one_live",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("bound", "degraded"))),
                        fields=("key_fingerprint",),
                        name="authorizations_binding_key_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at", None),
                                ("ended_by", ""),
                                ("quarantined_at", None),
                                ("sealed_credentials__isnull", False),
                                ("state__in", ("bound", "degraded")),
                            ),
                            models.Q(
                                ("ended_at", None),
                                ("ended_by", ""),
                                ("quarantined_at__isnull", False),
                                ("sealed_credentials", None),
                                ("state", "quarantined"),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                (
                                    "ended_by__in",
                                    [
                                        "user",
                                        "superseded",
                                        "expired",
                                        "institution",
                                        "exchange",
                                        "venue",
                                        "replay",
                                    ],
                                ),
                                ("sealed_credentials", None),
                                ("state", "unbound"),
                            ),
                            _connector="OR",
                        ),
                        name="authorizations_binding_live_keeps_the_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key_hint",
                    models.CharField(help_text="The first characters of the key.", max_length=12),
                ),
                ("key_fingerprint", models.CharField(max_length=64)),
                ("sealed_credentials", models.BinaryField(null=True)),
                (
                    "credentials_place",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="What the sealed credentials are bound to."
                    ),
                ),
                (
                    "probed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When the venue last said what the key may do.",
                    ),
                ),
                (
                    "next_probe_at",
                    models.DateTimeField(
                        default=connect_portal.authorizations.models.accounts.next_probe
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="institutions.institution",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "venue_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="authorizations.venueaccount",
                    ),
                ),
                (
                    "venue_key",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant",
                        to="authorizations.venuekey",
                    ),
                ),
                (
                    "bound_key",
                    models.ForeignKey(
                        help_text="Whose key opens the account where none is made for the grant.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants_behind",
                        to="authorizations.binding",
                    ),
                ),
                (
                    "token_expires_at",
                    models.DateTimeField(
                        help_text=(
                            "When the venue's own access token runs out, where that is sealed."
                        ),
                        null=True,
                    ),
                ),
                (
                    "token_claimed_until",
                    models.DateTimeField(help_text="While somebody gets the next one.", null=True),
                ),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("read_only", "See balances, orders and fills"),
                                ("trade", "Place and cancel orders"),
                                ("fast_api", "Make one API key for itself"),
                            ],
                            max_length=16,
                        ),
                        size=None,
                    ),
                ),
                (
                    "pairs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32),
                        db_default=[],
                        default=list,
                        help_text="The pairs it may trade; empty for every pair.",
                        size=None,
                    ),
                ),
                (
                    "most_per_order",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="USD; empty for no limit.",
                        max_digits=38,
                        null=True,
                    ),
                ),
                (
                    "most_per_day",
                    models.DecimalField(
                        decimal_places=18,
                        help_text="USD; empty for no limit.",
                        max_digits=38,
                        null=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Working"), ("ended", "Ended")],
                        default="active",
                        max_length=12,
                    ),
                ),
                (
                    "granted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("user", "Ended by you"),
                            ("superseded", "Replaced by a newer one"),
                            ("expired", "Ran out"),
                            ("institution", "Ended by the institution"),
                            ("exchange", "Ended by the exchange"),
                            ("venue", "Its key was refused by the venue"),
                            ("replay", "Ended for safety: a used code or token came again"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "ordering": ["-granted_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("state", "active"), ("token_expires_at__isnull", False)
                        ),
                        fields=["token_expires_at"],
                        name="authorizations_grant_token",
                    ),
                    models.Index(
                        condition=models.Q(("state", "active")),
                        fields=["next_probe_at"],
                        name="authorizations_grant_probe",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state", "active"), models.Q(("scopes", ["fast_api"]), _negated=True)
                        ),
                        fields=("client", "venue_account"),
                        name="authorizations_grant_one_live",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "active"), ("scopes", ["fast_api"])),
                        fields=("client", "venue_account"),
                        name="authorizations_grant_one_live_fast",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at", None),
                                ("ended_by", ""),
                                ("state", "active"),
                                models.Q(
                                    ("sealed_credentials__isnull", False),
                                    ("bound_key__isnull", False),
                                    ("scopes", ["fast_api"]),
                                    _connector="OR",
                                ),
                            ),
                            models.Q(
                                ("ended_at__isnull", False),
                                (
                                    "ended_by__in",
                                    [
                                        "user",
                                        "superseded",
                                        "expired",
                                        "institution",
                                        "exchange",
                                        "venue",
                                        "replay",
                                    ],
                                ),
                                ("sealed_credentials", None),
                                ("state", "ended"),
                            ),
                            _connector="OR",
                        ),
                        name="authorizations_grant_ended_keeps_no_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_per_order", None), ("most_per_order__gt", 0), _connector="OR"
                        ),
                        name="authorizations_grant_per_order_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("most_per_day", None), ("most_per_day__gt", 0), _connector="OR"
                        ),
                        name="authorizations_grant_per_day_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ending",
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
                        related_name="endings",
                        to="institutions.institution",
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                (
                    "cancel_orders",
                    models.BooleanField(
                        default=False,
                        help_text="Whether open orders with its code are canceled, too.",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for an account manager"),
                            ("confirmed", "All were ended"),
                            ("declined", "Declined"),
                        ],
                        default="proposed",
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
                (
                    "proposed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
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
                (
                    "grants",
                    models.PositiveIntegerField(default=0, help_text="How many were ended."),
                ),
                (
                    "bindings",
                    models.PositiveIntegerField(default=0, help_text="How many were ended."),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "proposed")),
                        fields=("institution",),
                        name="authorizations_ending_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("state", "proposed")
                            ),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="authorizations_ending_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("proposed_by", models.F("decided_by")), _negated=True),
                        name="authorizations_ending_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PageKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key_hint",
                    models.CharField(help_text="The first characters of the key.", max_length=12),
                ),
                ("key_fingerprint", models.CharField(max_length=64)),
                ("sealed_credentials", models.BinaryField(null=True)),
                (
                    "credentials_place",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="What the sealed credentials are bound to."
                    ),
                ),
                (
                    "venue_account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="page_key",
                        to="authorizations.venueaccount",
                    ),
                ),
                (
                    "venue_key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="page_key",
                        to="authorizations.venuekey",
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Gift",
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
                        related_name="gifts",
                        to="authorizations.venueaccount",
                    ),
                ),
                ("day", models.DateField(help_text="In UTC, by the wall clock, like every limit.")),
                (
                    "number",
                    models.PositiveSmallIntegerField(
                        help_text="Counts an account's gifts of a day from 1."
                    ),
                ),
                ("currency", models.CharField(max_length=16)),
                ("amount", models.DecimalField(decimal_places=18, max_digits=38)),
                ("given_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("venue_account", "day", "number"), name="authorizations_gift_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1), ("number__lte", 5)),
                        name="authorizations_gift_within_the_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="receipt",
                        serialize=False,
                        to="authorizations.grant",
                    ),
                ),
                (
                    "wording",
                    models.CharField(
                        help_text="The version of the words that were read.", max_length=20
                    ),
                ),
                ("text", models.TextField()),
                ("sha256", models.CharField(help_text="Of the text in UTF-8.", max_length=64)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
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
                    "news",
                    models.CharField(
                        choices=[
                            ("consented", "Receipt of a consent, to the person"),
                            ("ended", "A person ended a connection, to the institution"),
                            ("unbound", "A person ended the binding of a key, to the institution"),
                            ("degraded", "The venue refuses a bound key, to the person"),
                            ("quarantined", "A bound key was put aside, to the person"),
                            ("closed", "The exchange ended a connection, to the person"),
                            (
                                "lost",
                                "A grant ended because its key at the venue is gone, to the person",
                            ),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="authorizations.grant",
                    ),
                ),
                (
                    "binding",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="authorizations.binding",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "claimed_at",
                    models.DateTimeField(
                        help_text="When somebody last began to send it.", null=True
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("sent_at__isnull", True)),
                        fields=["claimed_at"],
                        name="authorizations_letter_unsent",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("news", "grant", "person"), name="authorizations_letter_once"
                    ),
                    models.UniqueConstraint(
                        fields=("news", "binding", "person"),
                        name="authorizations_letter_of_binding_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("binding__isnull", False), ("grant", None)),
                            models.Q(("binding", None), ("grant__isnull", False)),
                            _connector="OR",
                        ),
                        name="authorizations_letter_about_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushedRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pushed_requests",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                ("checksum", models.CharField(max_length=64, unique=True)),
                (
                    "query",
                    models.TextField(help_text="The request's parameters, as in a query string."),
                ),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuthorizationCode",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=255, unique=True, verbose_name="code")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("redirect_uri", models.TextField(verbose_name="redirect URI")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "code_challenge",
                    models.CharField(
                        blank=True, default="", max_length=128, verbose_name="code challenge"
                    ),
                ),
                (
                    "code_challenge_method",
                    models.CharField(
                        blank=True,
                        choices=[("plain", "plain"), ("S256", "S256")],
                        default="",
                        max_length=10,
                        verbose_name="code challenge method",
                    ),
                ),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(
                        blank=True, default=list, verbose_name="resource"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authorization_codes",
                        to="authorizations.grant",
                    ),
                ),
                (
                    "dialect",
                    models.CharField(
                        choices=[("standard", "RFC 6749"), ("okx", "OKX")],
                        db_default="standard",
                        default="standard",
                        max_length=8,
                    ),
                ),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "jkt",
                    models.CharField(
                        blank=True,
                        help_text="The key's SHA-256 thumbprint (RFC 7638).",
                        max_length=43,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AccessToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.TextField(verbose_name="token")),
                (
                    "token_checksum",
                    oauth2_provider.models.TokenChecksumField(
                        db_index=True, max_length=64, unique=True, verbose_name="token checksum"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(
                        blank=True, default=list, verbose_name="resource"
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_tokens",
                        to="authorizations.grant",
                    ),
                ),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "jkt",
                    models.CharField(
                        blank=True,
                        help_text="The key's SHA-256 thumbprint (RFC 7638).",
                        max_length=43,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.TextField(verbose_name="token")),
                (
                    "token_checksum",
                    oauth2_provider.models.TokenChecksumField(
                        max_length=64, verbose_name="token checksum"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                (
                    "access_token",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="refresh_token",
                        to=settings.OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL,
                        verbose_name="access token",
                    ),
                ),
                (
                    "token_family",
                    models.UUIDField(
                        blank=True, editable=False, null=True, verbose_name="token family"
                    ),
                ),
                (
                    "resource",
                    oauth2_provider.models.ResourceJSONField(
                        blank=True, default=list, verbose_name="resource"
                    ),
                ),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
                ("revoked", models.DateTimeField(null=True, verbose_name="revoked")),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refresh_tokens",
                        to="authorizations.grant",
                    ),
                ),
                (
                    "jkt",
                    models.CharField(
                        blank=True,
                        help_text="The key's SHA-256 thumbprint (RFC 7638).",
                        max_length=43,
                    ),
                ),
            ],
            options={
                "unique_together": {("token_checksum", "revoked")},
                "abstract": False,
                "indexes": [
                    models.Index(fields=["token_family"], name="authorizati_token_f_dbeb97_idx")
                ],
            },
        ),
        migrations.CreateModel(
            name="IDToken",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="%(app_label)s_%(class)s",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "jti",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="JWT Token ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="application",
                    ),
                ),
                ("expires", models.DateTimeField(verbose_name="expires")),
                ("scope", models.TextField(blank=True, verbose_name="scope")),
                ("created", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("updated", models.DateTimeField(auto_now=True, verbose_name="updated")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="UsedFrom",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="used_from",
                        to="authorizations.grant",
                    ),
                ),
                ("address", models.GenericIPAddressField()),
                (
                    "first_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "last_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "ordering": ["-last_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("grant", "address"), name="authorizations_used_from_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cancellation",
            fields=[
                (
                    "key_hint",
                    models.CharField(help_text="The first characters of the key.", max_length=12),
                ),
                ("key_fingerprint", models.CharField(max_length=64)),
                ("sealed_credentials", models.BinaryField(null=True)),
                (
                    "credentials_place",
                    models.UUIDField(
                        default=uuid.uuid4, help_text="What the sealed credentials are bound to."
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="cancellation",
                        serialize=False,
                        to="authorizations.grant",
                    ),
                ),
                (
                    "connect_code",
                    models.CharField(help_text="What the orders carry.", max_length=16),
                ),
                (
                    "due_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        help_text="When it is tried next.",
                    ),
                ),
                ("until", models.DateTimeField(help_text="When it is given up.")),
                ("canceled", models.PositiveIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=200)),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["due_at"],
                        name="authorizations_to_cancel",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("done_at", None), ("sealed_credentials", None), _connector="OR"
                        ),
                        name="authorizations_cancellation_done_keeps_no_key",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="binding",
            name="grant",
            field=models.ForeignKey(
                help_text="The consent with which the institution had the key made, over Fast API.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="fast_bindings",
                to="authorizations.grant",
            ),
        ),
    ]
