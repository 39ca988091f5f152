"""The yardstick of ingest: a table of fills like ours, written as Django writes many rows.

It does less than ours: no attribution, no numbers, no sums.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models, transaction

from connect_portal.trades.models import Fill
from connect_portal.venue.types import VenueFill

FACTS = (
    "trade_id", "order_id", "client_order_id", "instrument", "side", "liquidity", "price", "size",
    "fee", "fee_currency", "quote_currency", "tag", "filled_at",
)  # fmt: skip


class BareFill(models.Model):
    """A fill and nothing more: the columns of `Fill`, its constraint and its index."""

    venue_account = models.ForeignKey(
        "authorizations.VenueAccount", models.PROTECT, related_name="+"
    )

    class Meta:
        app_label = "benchmarks"
        constraints = [
            models.UniqueConstraint(fields=["venue_account", "bill_id"], name="bare_fill_once")
        ]
        indexes = [models.Index(fields=["venue_account", "-filled_at"], name="bare_fill_by_time")]

    def __str__(self) -> str:
        return f"fill {self.pk}"


for column in Fill._meta.concrete_fields:
    if column.name not in ("id", "venue_account"):
        column.clone().contribute_to_class(BareFill, column.name)


def make_table() -> None:
    """Make the yardstick's table in the benchmark's own database."""
    with connection.schema_editor() as editor:
        editor.create_model(BareFill)


@transaction.atomic
def upsert(account_id: int, fills: Sequence[VenueFill]) -> None:
    """One page of fills by Django's own idempotent way to write many rows."""
    BareFill._default_manager.bulk_create(
        [BareFill(venue_account_id=account_id, **_columns(fill)) for fill in fills],
        update_conflicts=True,
        unique_fields=["venue_account", "bill_id"],
        update_fields=FACTS,
    )


def _columns(fill: VenueFill) -> dict[str, Any]:
    return {"bill_id": fill.bill_id} | {name: getattr(fill, name) for name in FACTS}
