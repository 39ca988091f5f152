"""Composition of the jobs: the Celery application and the beat's schedule, which is code."""

import os
from datetime import timedelta

from celery import Celery
from celery.signals import beat_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connect_portal.settings")

app = Celery("connect_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")

app.conf.beat_schedule = {
    "look which accounts are due": {
        "task": "trades.sweep",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 2},
    },
    "send the letters that wait": {
        "task": "institutions.send_waiting_letters",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60},
    },
    "screen applications, and make the moves whose date has come": {
        "task": "institutions.sweep",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "delete files without a row": {
        "task": "institutions.sweep_documents",
        "schedule": timedelta(hours=6),
        "options": {"expires": 600},
    },
    "notice the first fills of those who went live": {
        "task": "monitoring.notice_first_fills",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "send the invitations that wait": {
        "task": "people.sweep",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60},
    },
    "accrue what is new": {
        "task": "settlement.sweep",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "look at the test trading that is under way": {
        "task": "certification.sweep",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "close the days that are over": {
        "task": "settlement.close_yesterday",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "find lost answers and settle reservations": {
        "task": "gateway.settle",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "look after the keys": {
        "task": "authorizations.look_after_keys",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 10},
    },
    "ask whether the exchange pays": {
        "task": "authorizations.ask_rebates",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60},
    },
    "seal the gateway's decisions": {
        "task": "gateway.seal_decisions",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60},
    },
    "forget old answers": {
        "task": "gateway.forget",
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
    "end grants that ran out and delete their keys": {
        "task": "authorizations.sweep",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
}


@worker_init.connect
@beat_init.connect
def refuse_unsound(**_: object) -> None:
    """A worker or a beat does not start on a broken environment."""
    from connect_portal.kit.checks import refuse_to_serve_unsound

    refuse_to_serve_unsound()
