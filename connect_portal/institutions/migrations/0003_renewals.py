"""Contracts for a term, each with the next one that renews it; a term is never changed."""

import django.contrib.postgres.constraints
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

BEGIN = """
UPDATE institutions_contract
SET valid_from = countersigned_at,
    valid_to = coalesce(valid_to, countersigned_at + interval '365 days')
WHERE countersigned_at IS NOT NULL;
"""
_KEEP = """
CREATE OR REPLACE FUNCTION institutions_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.institution_id, OLD.plan_version_id, OLD.level, OLD.edition, OLD.text, OLD.sha256,
            OLD.sent_at)
        IS DISTINCT FROM (NEW.institution_id, NEW.plan_version_id, NEW.level, NEW.edition,
            NEW.text, NEW.sha256, NEW.sent_at)
        OR (OLD.accepted_at IS NOT NULL AND (OLD.accepted_by, OLD.accepted_at)
            IS DISTINCT FROM (NEW.accepted_by, NEW.accepted_at)){term} THEN
        RAISE EXCEPTION 'what a contract says is never changed, another is sent'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
KEEP = _KEEP.format(
    term="""
        OR (OLD.countersigned_at IS NOT NULL
            AND (OLD.countersigned_by, OLD.countersigned_at, OLD.valid_from, OLD.valid_to)
            IS DISTINCT FROM
                (NEW.countersigned_by, NEW.countersigned_at, NEW.valid_from, NEW.valid_to))"""
)
KEEP_LESS = _KEEP.format(term="")


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0002_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Renewal",
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
                            ("confirmed", "Confirmed"),
                            ("declined", "Declined"),
                            ("lapsed", "Overtaken by another move"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("note", models.TextField(blank=True, max_length=2000)),
                ("terms", models.JSONField(help_text="What exactly is confirmed.")),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, max_length=2000)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="contract",
            name="institutions_contract_one_that_stands",
        ),
        migrations.AddField(
            model_name="contract",
            name="renewal_due_since",
            field=models.DateTimeField(
                help_text="Since when its renewal is on the desk.", null=True
            ),
        ),
        migrations.AddField(
            model_name="contract",
            name="valid_from",
            field=models.DateTimeField(help_text="In force from then on.", null=True),
        ),
        migrations.AddField(
            model_name="reminder",
            name="note",
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AlterField(
            model_name="reminder",
            name="kind",
            field=models.CharField(
                choices=[
                    ("answer", "Answer awaited"),
                    ("sign", "Signature awaited"),
                    ("appeal", "Appeal closes"),
                    ("expiry", "Contract ends"),
                    ("renewal", "Renewal to sign"),
                    ("renew_sign", "Renewal signed"),
                    ("renew_stop", "Renewal not countersigned"),
                    ("renewed", "Contract renewed"),
                ],
                max_length=10,
            ),
        ),
        migrations.RunSQL(BEGIN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("countersigned_at", None), ("valid_from", None), ("valid_to", None)),
                    models.Q(
                        ("countersigned_at__isnull", False),
                        ("valid_from__isnull", False),
                        ("valid_to__gt", models.F("valid_from")),
                    ),
                    _connector="OR",
                ),
                name="institutions_contract_in_force_for_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("countersigned_at", None), ("declined_at", None)),
                fields=("institution",),
                name="institutions_contract_one_in_hand",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("countersigned_at__isnull", False)),
                expressions=[
                    (
                        models.Func(
                            "institution", "institution", models.Value("[]"), function="int8range"
                        ),
                        "&&",
                    ),
                    (models.Func("valid_from", "valid_to", function="tstzrange"), "&&"),
                ],
                name="institutions_contract_one_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="renewal",
            name="before",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="institutions.contract",
            ),
        ),
        migrations.AddField(
            model_name="renewal",
            name="contract",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewal",
                to="institutions.contract",
            ),
        ),
        migrations.AddField(
            model_name="renewal",
            name="decided_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="renewal",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("before",),
                name="institutions_renewal_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "open"),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="institutions_renewal_says_who_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "confirmed"), _negated=True),
                    models.Q(
                        ("contract__isnull", False),
                        models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="institutions_renewal_takes_two",
            ),
        ),
        migrations.RunSQL(KEEP, KEEP_LESS),
    ]
