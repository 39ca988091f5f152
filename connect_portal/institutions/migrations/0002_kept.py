"""What the database itself holds to.

Editions are numbered without gaps; what was proposed and what was decided is never changed. What a
contract says, its papers and its signatures stay as they were written. Reviews are kept for good.
"""

from django.db import migrations

REVIEWS = ("changerequest", "finding", "tick", "note", "watchlist", "watchentry")
SIGNED = ("paper", "signature")

GUARD_EDITIONS = """
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
CREATE TRIGGER institutions_edition_number BEFORE INSERT ON institutions_edition
    FOR EACH ROW EXECUTE FUNCTION institutions_edition_next();
CREATE TRIGGER institutions_edition_keep_rows BEFORE UPDATE OR DELETE ON institutions_edition
    FOR EACH ROW EXECUTE FUNCTION institutions_edition_refuse_change();
CREATE TRIGGER institutions_edition_keep_table BEFORE TRUNCATE ON institutions_edition
    FOR EACH STATEMENT EXECUTE FUNCTION institutions_edition_refuse_change();
"""
FREE_EDITIONS = """
DROP TRIGGER institutions_edition_keep_table ON institutions_edition;
DROP TRIGGER institutions_edition_keep_rows ON institutions_edition;
DROP TRIGGER institutions_edition_number ON institutions_edition;
DROP FUNCTION institutions_edition_refuse_change();
DROP FUNCTION institutions_edition_next();
"""

KEEP_CONTRACTS = """
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
    for table in SIGNED
)
FREE_CONTRACTS = (
    "".join(
        f"""
DROP TRIGGER institutions_{table}_keep_table ON institutions_{table};
DROP TRIGGER institutions_{table}_keep_rows ON institutions_{table};
"""
        for table in (*SIGNED, "contract")
    )
    + """
DROP TRIGGER institutions_contract_keep_terms ON institutions_contract;
DROP FUNCTION institutions_keep_terms();
DROP FUNCTION institutions_refuse_change();
"""
)

KEEP_REVIEWS = """
CREATE FUNCTION institutions_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done in a review is kept for good (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER institutions_{table}_keep_rows BEFORE DELETE ON institutions_{table}
    FOR EACH ROW EXECUTE FUNCTION institutions_refuse_delete();
"""
    for table in REVIEWS
)
FREE_REVIEWS = (
    "".join(
        f"DROP TRIGGER institutions_{table}_keep_rows ON institutions_{table};\n"
        for table in REVIEWS
    )
    + "DROP FUNCTION institutions_refuse_delete();"
)


class Migration(migrations.Migration):
    # Joined here; a database that took only some of them must be made anew.
    replaces = [
        ("institutions", "0007_editions"),
        ("institutions", "0011_contracts"),
        ("institutions", "0013_reviews_kept"),
        ("institutions", "0014_edition_plans"),
    ]

    dependencies = [("institutions", "0001_initial")]

    operations = [
        migrations.RunSQL(GUARD_EDITIONS, FREE_EDITIONS),
        migrations.RunSQL(KEEP_CONTRACTS, FREE_CONTRACTS),
        migrations.RunSQL(KEEP_REVIEWS, FREE_REVIEWS),
    ]
