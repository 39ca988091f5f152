"""Jobs are asked for in words: every word must have its job."""

import ast
from collections.abc import Iterator

from celery import current_app

from tests.architecture.source import modules, under


def called(node: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def requests() -> Iterator[tuple[str, ast.Call]]:
    """Every call that asks for a job, with its file."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and called(node) == "enqueue_on_commit":
                yield path, node


def test_every_job_asked_for_exists() -> None:
    for path, call in requests():
        name = call.args[0]
        assert isinstance(name, ast.Constant), f"{path}:{call.lineno} hides the job's name"
        assert name.value in current_app.tasks, f"{path}:{call.lineno} asks for {name.value}"


def test_every_job_on_the_schedule_exists() -> None:
    due = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert due
    assert due <= set(current_app.tasks)


def test_every_job_is_named_after_its_room() -> None:
    ours = [task for task in current_app.tasks.values() if under_package(task.__module__)]
    assert ours
    for task in ours:
        assert task.name == f"{task.__module__.split('.')[1]}.{task.__name__}"


def under_package(module: str) -> bool:
    """Whether a job is written here."""
    return module.startswith("connect_portal.")


def test_nobody_asks_for_a_job_beside_the_kit() -> None:
    sent = {"delay", "apply_async", "send_task"}
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in sent and not under(path, "kit/jobs.py")
    ]
    assert found == []
