"""Jobs in words: how a room asks for work that another room, perhaps a higher one, will do.

A job is only a wake-up. What is due is a row in PostgreSQL that a sweep finds again, so a message
that the broker could not take is logged and otherwise forgotten.
"""

import logging
from typing import Any

from celery import Task, current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def enqueue_on_commit(name: str, **arguments: Any) -> None:
    """Ask for the job ``name`` with ``arguments`` (JSON values) once this transaction commits.

    Raises KeyError at once when no room has registered a job of that name.
    """
    job = current_app.tasks[name]
    transaction.on_commit(lambda: enqueue(job, arguments))


def enqueue(job: Task, arguments: dict[str, Any]) -> None:
    """Send the wake-up now; a broker that is away costs a log line, not the caller's answer."""
    try:
        job.apply_async(kwargs=arguments, retry=False)
    except OperationalError:
        log.warning("broker away, %s waits for its sweep", job.name)
