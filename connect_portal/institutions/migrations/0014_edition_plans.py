"""Editions of commission plans: what is approved makes the version that contracts name. Letters
keep the date that they promise."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE OR REPLACE FUNCTION institutions_edition_refuse_change() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE decision CONSTANT text[] =
    '{state,decided_by_id,decided_at,answer,effective_from,plan_version_id}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'proposed' AND NEW.state <> 'proposed'
        AND NEW.effective_from IS NOT DISTINCT FROM coalesce(OLD.effective_from, NEW.effective_from)
        AND to_jsonb(OLD) - decision = to_jsonb(NEW) - decision THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an edition is decided once and never changed (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0013_reviews_kept"),
        ("terms", "0003_made_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="edition",
            name="institutions_edition_known",
        ),
        migrations.AddField(
            model_name="edition",
            name="plan_version",
            field=models.OneToOneField(
                help_text="What contracts name, of an approved plan.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="terms.planversion",
            ),
        ),
        migrations.AlterField(
            model_name="edition",
            name="kind",
            field=models.CharField(
                choices=[
                    ("contract", "Contract template"),
                    ("plan", "Commission plan"),
                    ("letter", "Letter"),
                    ("calendar", "Calendar"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["contract", "plan", "letter", "calendar"]),
                    ("state__in", ["proposed", "approved", "declined", "withdrawn"]),
                ),
                name="institutions_edition_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "plan"), ("plan_version__isnull", False), ("state", "approved")
                    ),
                    models.Q(
                        models.Q(("kind", "plan"), ("state", "approved"), _negated=True),
                        ("plan_version", None),
                    ),
                    _connector="OR",
                ),
                name="institutions_edition_of_a_plan_makes_a_version",
            ),
        ),
        migrations.AddField(
            model_name="letter",
            name="due_at",
            field=models.DateTimeField(
                help_text="When the exchange's next step was due after the move.", null=True
            ),
        ),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
