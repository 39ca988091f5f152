"""Jobs of this room: ids in, one action call each."""

from celery import shared_task

from connect_portal.kit.jobs import enqueue_on_commit
from connect_portal.trades.actions import sync

ACCOUNTS_PER_JOB = 100


@shared_task(name="trades.sweep")
def sweep() -> None:
    """Find the accounts that are due and share them out, a hundred to a job."""
    due = sync.lease_due()
    for start in range(0, len(due), ACCOUNTS_PER_JOB):
        enqueue_on_commit("trades.catch_up", account_ids=due[start : start + ACCOUNTS_PER_JOB])


# A wake-up that waited longer than its lease is not obeyed: the sweep has sent another since, and
# a queue behind a slow venue must not grow with each sweep.
@shared_task(name="trades.catch_up", expires=sync.LEASE.total_seconds())
def catch_up(account_ids: list[int]) -> None:
    """Read everything new of these accounts."""
    sync.catch_up(account_ids)
