"""Commission per fill: one accrual and one transfer for each attributed fill, in sets."""

from collections.abc import Iterator
from typing import Any, Final

from django.db import connection, transaction

from connect_portal.institutions.queries import Term, terms
from connect_portal.settlement.models import Cursor
from connect_portal.terms.queries import rate
from connect_portal.trades.queries import attributed, newest_sequence, newest_sequences

NEWS_AT_ONCE: Final = 10_000
"""How much news one transaction accrues."""

_ACCOUNTS = """
INSERT INTO settlement_ledgeraccount (kind, institution_id, currency)
SELECT kind, owner, currency
FROM (SELECT DISTINCT currency FROM ({news}) AS news (id, fill, instrument, currency, fee, at)
        WHERE fee < 0) AS seen,
    (VALUES ('expense', NULL), ('accrued', %(institution)s)) AS wanted (kind, owner)
WHERE NOT EXISTS (
    SELECT FROM settlement_ledgeraccount AS there
    WHERE there.kind = wanted.kind AND there.currency = seen.currency
        AND there.institution_id IS NOT DISTINCT FROM owner)
ORDER BY currency, kind
ON CONFLICT DO NOTHING
"""
_ACCRUE = """
WITH fresh AS (
    INSERT INTO settlement_accrual (
        institution_id, attribution_id, fill_id, day, instrument, currency, fee, plan_version_id,
        level, rate, amount, why)
    SELECT %(institution)s, id, fill, (at AT TIME ZONE 'UTC')::date, instrument, currency, fee,
        plan_version, level, rate,
        CASE WHEN fee < 0 THEN -fee * rate ELSE 0 END,
        CASE WHEN fee = 0 THEN 'no_fee' WHEN fee > 0 THEN 'rebate'
            WHEN rate = 0 THEN 'no_rate' ELSE 'earned' END
    FROM ({news}) AS news (id, fill, instrument, currency, fee, at)
    JOIN (VALUES {terms}) AS term (begins, ends, plan_version, level, rate)
        ON at >= begins AND at < ends
    ORDER BY id
    ON CONFLICT (attribution_id) DO NOTHING
    RETURNING id, currency, amount
), moved AS (
    INSERT INTO settlement_transfer (source, source_id)
    SELECT 'accrual', id FROM fresh WHERE amount > 0 ORDER BY id
    RETURNING id, source_id
)
INSERT INTO settlement_ledgerline (transfer_id, account_id, amount)
SELECT moved.id, account.id,
    CASE account.kind WHEN 'accrued' THEN fresh.amount ELSE -fresh.amount END
FROM fresh JOIN moved ON moved.source_id = fresh.id
JOIN settlement_ledgeraccount AS account ON account.currency = fresh.currency
    AND (account.kind = 'expense'
        OR (account.kind = 'accrued' AND account.institution_id = %(institution)s))
"""


def accrue(institution_id: int) -> None:
    """Accrue everything new of an institution; safe to repeat, alone or at once with others.

    Without a contract that is live nothing is decided yet: the cursor waits. Fills from before
    the institution went live do not count, every other is paid by the term of its own time; fills
    without a charged fee accrue zero and say why.
    """
    if institution_id in terms([institution_id]):
        while accrue_some(institution_id):
            pass


def accrue_all() -> None:
    """Accrue for every institution that has news its job did not get to."""
    newest = newest_sequences()
    done = dict(Cursor.objects.values_list("institution_id", "sequence"))
    for institution_id in sorted(terms()):
        if newest.get(institution_id, 0) > done.get(institution_id, 0):
            accrue(institution_id)


@transaction.atomic
def accrue_some(institution_id: int) -> bool:
    """Accrue the next `NEWS_AT_ONCE` of news of an institution; whether there is more."""
    cursor = lock_cursor(institution_id)
    spans = terms([institution_id]).get(institution_id)
    newest = newest_sequence(institution_id)
    up_to = min(newest, cursor.sequence + NEWS_AT_ONCE)
    if not spans or up_to == cursor.sequence:
        return False
    _accrue(institution_id, spans, after=cursor.sequence, up_to=up_to)
    cursor.sequence = up_to
    cursor.save(update_fields=["sequence"])
    return up_to < newest


def lock_cursor(institution_id: int) -> Cursor:
    """The institution's cursor, held until the transaction ends."""
    Cursor.objects.bulk_create([Cursor(institution_id=institution_id)], ignore_conflicts=True)
    return Cursor.objects.select_for_update().get(pk=institution_id)


def _accrue(institution_id: int, spans: list[Term], *, after: int, up_to: int) -> None:
    news = attributed(institution_id, after=after, up_to=up_to, since=spans[0].begins)
    text, values = news.query.sql_with_params()
    named = {f"news_{place}": value for place, value in enumerate(values)}
    rows = text % tuple(f"%({name})s" for name in named)
    told = {f"term_{place}": value for place, value in enumerate(_values(spans))}
    marks = "(%s::timestamptz, %s::timestamptz, %s::bigint, %s::smallint, %s::numeric)"
    by = ", ".join([marks] * len(spans)) % tuple(f"%({name})s" for name in told)
    given = {"institution": institution_id, **named, **told}
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNTS.format(news=rows), given)
        cursor.execute(_ACCRUE.format(news=rows, terms=by), given)


def _values(spans: list[Term]) -> Iterator[Any]:
    """The terms as a row each, their rates with them."""
    for term in spans:
        yield term.begins
        yield term.ends or "infinity"
        yield term.plan_version_id
        yield term.level
        yield rate(term.plan_version_id, term.level)
