"""Refuse every change to a decision, its outcome and a seal: rows are only ever added."""

from django.db import migrations

TABLES = ("decision", "outcome", "seal")

REFUSE = """
CREATE FUNCTION gateway_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decisions of the gateway are only ever added (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER gateway_{table}_keep_rows BEFORE UPDATE OR DELETE ON gateway_{table}
    FOR EACH ROW EXECUTE FUNCTION gateway_refuse_change();
CREATE TRIGGER gateway_{table}_keep_table BEFORE TRUNCATE ON gateway_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION gateway_refuse_change();
"""
    for table in TABLES
)

ALLOW = (
    "".join(
        f"""
DROP TRIGGER gateway_{table}_keep_table ON gateway_{table};
DROP TRIGGER gateway_{table}_keep_rows ON gateway_{table};
"""
        for table in TABLES
    )
    + "DROP FUNCTION gateway_refuse_change();"
)


class Migration(migrations.Migration):
    dependencies = [("gateway", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
