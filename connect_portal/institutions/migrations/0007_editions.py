"""Editions of contract templates, letters and calendars, and what the database itself holds to:
numbers without gaps, what was proposed and what was decided never changed, nothing deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARD = """
CREATE FUNCTION institutions_edition_next() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE newest integer;
BEGIN
    SELECT max(number) INTO newest FROM institutions_edition
        WHERE kind = NEW.kind AND name = NEW.name;
    IF NEW.number = coalesce(newest, 0) + 1 AND NEW.state = 'proposed' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an edition is proposed, with the next number'
        USING ERRCODE = 'check_violation';
END $$;
CREATE FUNCTION institutions_edition_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE decision CONSTANT text[] = '{state,decided_by_id,decided_at,answer,effective_from}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'proposed' AND NEW.state <> 'proposed'
        AND NEW.effective_from IS NOT DISTINCT FROM coalesce(OLD.effective_from, NEW.effective_from)
        AND to_jsonb(OLD) - decision = to_jsonb(NEW) - decision THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an edition is decided once and never changed (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER institutions_edition_number BEFORE INSERT ON institutions_edition
    FOR EACH ROW EXECUTE FUNCTION institutions_edition_next();
CREATE TRIGGER institutions_edition_keep_rows BEFORE UPDATE OR DELETE ON institutions_edition
    FOR EACH ROW EXECUTE FUNCTION institutions_edition_refuse_change();
CREATE TRIGGER institutions_edition_keep_table BEFORE TRUNCATE ON institutions_edition
    FOR EACH STATEMENT EXECUTE FUNCTION institutions_edition_refuse_change();
"""
FREE = """
DROP TRIGGER institutions_edition_keep_table ON institutions_edition;
DROP TRIGGER institutions_edition_keep_rows ON institutions_edition;
DROP TRIGGER institutions_edition_number ON institutions_edition;
DROP FUNCTION institutions_edition_refuse_change();
DROP FUNCTION institutions_edition_next();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0006_reviewing"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ("proposed_at", models.DateTimeField()),
                ("note", models.TextField(max_length=2000)),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(blank=True, max_length=2000)),
                (
                    "decided_by",
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
                            ("kind__in", ["contract", "letter", "calendar"]),
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
                ],
            },
        ),
        migrations.RunSQL(GUARD, FREE),
    ]
