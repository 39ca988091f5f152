"""Contracts as files with signatures and seals; what was written of them is never changed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = ("paper", "signature")

REFUSE = """
CREATE FUNCTION institutions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was signed is never changed (% of % refused)', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION institutions_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.institution_id, OLD.plan_version_id, OLD.level, OLD.edition, OLD.text, OLD.sha256,
            OLD.sent_at)
        IS DISTINCT FROM (NEW.institution_id, NEW.plan_version_id, NEW.level, NEW.edition,
            NEW.text, NEW.sha256, NEW.sent_at)
        OR (OLD.accepted_at IS NOT NULL AND (OLD.accepted_by, OLD.accepted_at)
            IS DISTINCT FROM (NEW.accepted_by, NEW.accepted_at)) THEN
        RAISE EXCEPTION 'what a contract says is never changed, another is sent'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER institutions_contract_keep_terms BEFORE UPDATE ON institutions_contract
    FOR EACH ROW EXECUTE FUNCTION institutions_keep_terms();
CREATE TRIGGER institutions_contract_keep_rows BEFORE DELETE ON institutions_contract
    FOR EACH ROW EXECUTE FUNCTION institutions_refuse_change();
CREATE TRIGGER institutions_contract_keep_table BEFORE TRUNCATE ON institutions_contract
    FOR EACH STATEMENT EXECUTE FUNCTION institutions_refuse_change();
""" + "".join(
    f"""
CREATE TRIGGER institutions_{table}_keep_rows BEFORE UPDATE OR DELETE ON institutions_{table}
    FOR EACH ROW EXECUTE FUNCTION institutions_refuse_change();
CREATE TRIGGER institutions_{table}_keep_table BEFORE TRUNCATE ON institutions_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION institutions_refuse_change();
"""
    for table in KEPT
)
ALLOW = (
    "".join(
        f"""
DROP TRIGGER institutions_{table}_keep_table ON institutions_{table};
DROP TRIGGER institutions_{table}_keep_rows ON institutions_{table};
"""
        for table in (*KEPT, "contract")
    )
    + """
DROP TRIGGER institutions_contract_keep_terms ON institutions_contract;
DROP FUNCTION institutions_keep_terms();
DROP FUNCTION institutions_refuse_change();
"""
)


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0010_desk_turns"),
        ("terms", "0002_immutable"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            ],
            options={
                "ordering": ["pk"],
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
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                ("name", models.CharField(help_text="As typed.", max_length=150)),
                (
                    "account",
                    models.CharField(
                        blank=True,
                        help_text="The e-mail address of the person's account then.",
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
            },
        ),
        migrations.AlterModelOptions(
            name="contract",
            options={"ordering": ["-pk"]},
        ),
        migrations.AddField(
            model_name="contract",
            name="declined_at",
            field=models.DateTimeField(help_text="Signed, but not countersigned.", null=True),
        ),
        migrations.AddField(
            model_name="contract",
            name="edition",
            field=models.PositiveIntegerField(
                default=0, help_text="Of the template that it was written from; 0 is as shipped."
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="accepted_by",
            field=models.CharField(
                blank=True, help_text="The name that was typed for the institution.", max_length=150
            ),
        ),
        migrations.AlterField(
            model_name="contract",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts",
                to="institutions.institution",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("declined_at", None),
                    models.Q(("accepted_at__isnull", False), ("countersigned_at", None)),
                    _connector="OR",
                ),
                name="institutions_contract_declined_when_signed",
            ),
        ),
        migrations.AddConstraint(
            model_name="contract",
            constraint=models.UniqueConstraint(
                condition=models.Q(("declined_at", None)),
                fields=("institution",),
                name="institutions_contract_one_that_stands",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="papers",
                to="institutions.contract",
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="seal_key",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="institutions.sealkey",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="contract",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signatures",
                to="institutions.contract",
            ),
        ),
        migrations.AddField(
            model_name="signature",
            name="person",
            field=models.ForeignKey(
                help_text="Unset: on paper.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.UniqueConstraint(
                fields=("contract", "kind"), name="institutions_paper_one_of_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="paper",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "sealed"), ("seal_key__isnull", False)),
                    models.Q(models.Q(("kind", "sealed"), _negated=True), ("seal_key", None)),
                    _connector="OR",
                ),
                name="institutions_paper_sealed_by_a_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                fields=("contract", "side"), name="institutions_signature_one_a_side"
            ),
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
