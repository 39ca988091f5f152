"""Reviews are kept for good; a watch list says when everybody was compared with it."""

from django.db import migrations, models

TABLES = ("changerequest", "finding", "tick", "note", "watchlist", "watchentry")
FUNCTION = """
CREATE FUNCTION institutions_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done in a review is kept for good (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
KEEP = FUNCTION + "".join(
    f"CREATE TRIGGER institutions_{table}_keep_rows BEFORE DELETE ON institutions_{table}"
    " FOR EACH ROW EXECUTE FUNCTION institutions_refuse_delete();\n"
    for table in TABLES
)
LET_GO = (
    "".join(
        f"DROP TRIGGER institutions_{table}_keep_rows ON institutions_{table};\n"
        for table in TABLES
    )
    + "DROP FUNCTION institutions_refuse_delete();"
)


class Migration(migrations.Migration):
    dependencies = [("institutions", "0012_reminders")]

    operations = [
        migrations.AddField(
            model_name="watchlist",
            name="compared_at",
            field=models.DateTimeField(
                help_text="When everybody had been compared with it.", null=True
            ),
        ),
        migrations.RunSQL(KEEP, LET_GO),
    ]
