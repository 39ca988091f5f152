"""Jobs of this room: one action call each."""

from celery import shared_task

from connect_portal.gateway.actions import sealing, sweeping, watching


@shared_task(name="gateway.settle")
def settle() -> None:
    """Find lost answers, and give back what finished orders hold of their limits."""
    sweeping.settle()


@shared_task(name="gateway.seal_decisions")
def seal_decisions() -> None:
    """Seal the new decisions in the audit trail."""
    sealing.seal_decisions()


@shared_task(name="gateway.forget")
def forget() -> None:
    """Forget answers whose Idempotency-Key is a day old, and what test clients asked long ago."""
    sweeping.forget()
    watching.forget_test_calls()
