"""Jobs in words: known by name, asked for after the commit, and only a wake-up."""

import json
import logging
from collections.abc import Iterator

import pytest
import redis
from celery import Celery, current_app, shared_task
from celery.app.task import Task
from django.conf import settings
from django.db import transaction

from connect_portal.kit.jobs import enqueue, enqueue_on_commit

QUEUE = "celery"


@shared_task(name="tests.note")
def note(text: str) -> None:
    """Never run here: the tests look at what was sent."""


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The broker with an empty queue."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(QUEUE)
        yield client
        client.delete(QUEUE)


def waiting(broker: redis.Redis) -> list[str]:
    return [json.loads(message)["headers"]["task"] for message in broker.lrange(QUEUE, 0, -1)]


def test_an_unknown_name_fails_at_once_in_its_caller() -> None:
    with pytest.raises(KeyError, match=r"no\.such_job"):
        enqueue_on_commit("no.such_job")


def test_the_jobs_that_rooms_ask_each_other_for_are_known_without_a_worker() -> None:
    assert {"trades.catch_up", "trades.sweep"} <= set(current_app.tasks)


@pytest.mark.django_db(transaction=True)
def test_a_job_is_sent_when_the_transaction_commits_and_not_before(broker: redis.Redis) -> None:
    with transaction.atomic():
        enqueue_on_commit("tests.note", text="good news")
        assert waiting(broker) == []
    assert waiting(broker) == ["tests.note"]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_when_the_transaction_rolls_back(broker: redis.Redis) -> None:
    class Failed(Exception):
        pass

    def ask_and_fail() -> None:
        with transaction.atomic():
            enqueue_on_commit("tests.note", text="never mind")
            raise Failed

    with pytest.raises(Failed):
        ask_and_fail()
    assert waiting(broker) == []


def nothing() -> None:
    """The work of a job that is never done."""


def job_of_a_broker_that_is_away() -> Task:
    elsewhere = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    job: Task = elsewhere.task(name="tests.elsewhere")(nothing)
    return job


def test_a_broker_that_is_away_costs_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        enqueue(job_of_a_broker_that_is_away(), {})
    assert "broker away, tests.elsewhere waits for its sweep" in caplog.messages
