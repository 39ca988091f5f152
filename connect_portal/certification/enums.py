"""The states of a run and of its checks, and the audit tags of what happens."""

from enum import StrEnum
from typing import Final

from django.db import models


class RunState(models.TextChoices):
    """The life of a run: it goes on until it is green, given up, or its time is over."""

    RUNNING = "running", "Running"
    GREEN = "green", "Passed"
    ABANDONED = "abandoned", "Given up"
    EXPIRED = "expired", "Time ran out"


class CheckState(models.TextChoices):
    """What a check says by what it has seen so far."""

    WAITING = "waiting", "Waiting"
    PASSED = "passed", "Passed"
    MISSED = "missed", "Missed"


class Trial(models.TextChoices):
    """What a run does to the client to see how it reacts."""

    TOO_MANY = "too_many", "An order answered with “Too Many Requests”"
    UNKNOWN = "unknown", "An order whose outcome is unknown"
    FAREWELL = "farewell", "The end of the connection"


class Tag(StrEnum):
    """What this room writes into the trail."""

    RUN_STARTED = "certification:run:started"
    RUN_GREEN = "certification:run:green"
    RUN_ENDED = "certification:run:ended"
    KEY_MADE = "certification:key:made"
    TRIAL_BEGUN = "certification:trial:begun"


TONES: Final = {
    CheckState.WAITING: "neutral",
    CheckState.PASSED: "good",
    CheckState.MISSED: "bad",
    RunState.RUNNING: "info",
    RunState.GREEN: "good",
    RunState.ABANDONED: "neutral",
    RunState.EXPIRED: "warn",
}
"""How a state looks; its words say the same."""
