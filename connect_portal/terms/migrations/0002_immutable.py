"""Refuse every change to a plan: a new version is added, an old one stays what contracts name."""

from django.db import migrations

TABLES = ("plan", "planversion", "plantier")

REFUSE = """
CREATE FUNCTION terms_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'commission plans are never changed, a new version is added (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER terms_{table}_keep_rows BEFORE UPDATE OR DELETE ON terms_{table}
    FOR EACH ROW EXECUTE FUNCTION terms_refuse_change();
CREATE TRIGGER terms_{table}_keep_table BEFORE TRUNCATE ON terms_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION terms_refuse_change();
"""
    for table in TABLES
)

ALLOW = (
    "".join(
        f"""
DROP TRIGGER terms_{table}_keep_table ON terms_{table};
DROP TRIGGER terms_{table}_keep_rows ON terms_{table};
"""
        for table in TABLES
    )
    + "DROP FUNCTION terms_refuse_change();"
)


class Migration(migrations.Migration):
    dependencies = [("terms", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
