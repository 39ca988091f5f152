"""What processes remember together, and alone while Redis is away."""

import pytest
import redis

from connect_portal.kit import memory


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port on which nobody listens stands for Redis."""
    monkeypatch.setattr(memory, "_server", redis.Redis.from_url("redis://127.0.0.1:9/0"))


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_server", None)
    monkeypatch.setattr(memory, "_alone", {})


def test_what_came_before_is_known_to_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.first_time("known to every process", 60)
    monkeypatch.setattr(memory, "_server", None)  # as in another process
    assert not memory.first_time("known to every process", 60)


def test_what_is_kept_is_there_for_its_time_only() -> None:
    memory.keep("for its time", b"value", 60)
    assert memory.kept("for its time") == b"value"
    assert memory.kept("never kept") is None


@pytest.mark.usefixtures("away")
def test_without_redis_a_process_remembers_alone() -> None:
    assert memory.first_time("alone", 60)
    assert not memory.first_time("alone", 60)
    assert memory.first_time("over at once", 0)
    assert memory.first_time("over at once", 0)


@pytest.mark.usefixtures("away")
def test_without_redis_nothing_is_kept_and_nobody_fails() -> None:
    memory.keep("lost", b"value", 60)
    assert memory.kept("lost") is None


@pytest.mark.usefixtures("away")
def test_a_process_alone_forgets_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 2)
    for name in ("first", "second", "third"):
        assert memory.first_time(name, 60)
    assert not memory.first_time("third", 60)
    assert memory.first_time("first", 60)
