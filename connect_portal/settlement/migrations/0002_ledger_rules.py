"""What the database itself holds to: nothing written is changed, every transfer balances.

Two guards for the balance. Lines are checked by the statement that writes them, all at once: what
it adds to a transfer sums to zero per currency. A transfer is checked at commit: it has lines.
As no line is zero, a transfer has at least two.
"""

from django.db import migrations

KEPT = ("ledgeraccount", "transfer", "ledgerline", "accrual", "statementline", "statedaccrual")

REFUSE_CHANGE = """
CREATE FUNCTION settlement_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is settled is never changed, a new entry corrects it (% of % refused)',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION settlement_only_issue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.issued_at IS NULL AND NEW.issued_at IS NOT NULL
        AND to_jsonb(OLD) - 'issued_at' - 'confirmed_by_id'
          = to_jsonb(NEW) - 'issued_at' - 'confirmed_by_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a statement is fixed at closing and issued once (% refused)', TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER settlement_statement_keep_content BEFORE UPDATE ON settlement_statement
    FOR EACH ROW EXECUTE FUNCTION settlement_only_issue();
CREATE TRIGGER settlement_statement_keep_rows BEFORE DELETE ON settlement_statement
    FOR EACH ROW EXECUTE FUNCTION settlement_refuse_change();
CREATE TRIGGER settlement_statement_keep_table BEFORE TRUNCATE ON settlement_statement
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_change();
""" + "".join(
    f"""
CREATE TRIGGER settlement_{table}_keep_rows BEFORE UPDATE OR DELETE ON settlement_{table}
    FOR EACH ROW EXECUTE FUNCTION settlement_refuse_change();
CREATE TRIGGER settlement_{table}_keep_table BEFORE TRUNCATE ON settlement_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_refuse_change();
"""
    for table in KEPT
)
ALLOW_CHANGE = (
    "".join(
        f"""
DROP TRIGGER settlement_{table}_keep_table ON settlement_{table};
DROP TRIGGER settlement_{table}_keep_rows ON settlement_{table};
"""
        for table in (*KEPT, "statement")
    )
    + """
DROP TRIGGER settlement_statement_keep_content ON settlement_statement;
DROP FUNCTION settlement_only_issue();
DROP FUNCTION settlement_refuse_change();
"""
)

BALANCE = """
CREATE FUNCTION settlement_lines_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE uneven record;
BEGIN
    SELECT line.transfer_id, account.currency, sum(line.amount) AS amount INTO uneven
    FROM written AS line JOIN settlement_ledgeraccount AS account ON account.id = line.account_id
    GROUP BY 1, 2 HAVING sum(line.amount) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % does not balance: % % too much', uneven.transfer_id,
            uneven.amount, uneven.currency USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER settlement_ledgerline_balance AFTER INSERT ON settlement_ledgerline
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION settlement_lines_balance();

CREATE FUNCTION settlement_transfer_has_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM settlement_ledgerline WHERE transfer_id = NEW.id) THEN
        RAISE EXCEPTION 'transfer % has no lines', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_transfer_has_lines AFTER INSERT ON settlement_transfer
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION settlement_transfer_has_lines();
"""
NO_BALANCE = """
DROP TRIGGER settlement_transfer_has_lines ON settlement_transfer;
DROP FUNCTION settlement_transfer_has_lines();
DROP TRIGGER settlement_ledgerline_balance ON settlement_ledgerline;
DROP FUNCTION settlement_lines_balance();
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE_CHANGE, ALLOW_CHANGE),
        migrations.RunSQL(BALANCE, NO_BALANCE),
    ]
