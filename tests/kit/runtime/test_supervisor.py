"""The supervisor, with small programs and real signals."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connect_portal.kit.runtime.errors import CannotStart
from connect_portal.kit.runtime.printer import Printer
from connect_portal.kit.runtime.programs import Program
from connect_portal.kit.runtime.supervisor import Supervisor

from .family import eventually, lives, processes_naming


class SmallSite:
    """The process of `small_site`, and the folder where its programs leave their pids."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.runtime.small_site", str(folder)],
            stdout=subprocess.PIPE,
            text=True,
        )

    def pids(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def stand(self) -> None:
        eventually(lambda: self.pids("app"))

    def end(self) -> str:
        output, _ = self.process.communicate(timeout=30)
        return output


@pytest.fixture
def site(tmp_path: Path) -> Iterator[SmallSite]:
    small = SmallSite(tmp_path)
    yield small
    small.process.kill()
    small.process.wait()


def test_ctrl_c_stops_the_apps_first_and_the_services_after_them(site: SmallSite) -> None:
    site.stand()
    site.process.send_signal(signal.SIGINT)
    output = site.end()
    assert site.process.returncode == 0
    assert (site.folder / "ends").read_text().split() == ["app", "service"]
    assert not processes_naming(str(site.folder))
    assert "service      | hello from service" in output


def test_a_second_ctrl_c_kills_what_does_not_listen(site: SmallSite) -> None:
    (site.folder / "deaf").touch()
    site.stand()
    site.process.send_signal(signal.SIGINT)
    assert site.process.stdout is not None
    eventually(lambda: "Ctrl-C again" in site.process.stdout.readline())
    assert all(lives(pid) for pid in site.pids("app"))
    site.process.send_signal(signal.SIGINT)
    site.end()
    assert not processes_naming(str(site.folder))


@pytest.mark.parametrize("name", ["app", "service"])
def test_a_program_that_is_killed_comes_back_by_itself(site: SmallSite, name: str) -> None:
    site.stand()
    first = site.pids(name)[0]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(site.pids(name)) == 2)
    assert lives(site.pids(name)[1])
    site.process.terminate()
    assert "was killed by SIGKILL; starting again" in site.end()


def test_nothing_survives_the_supervisor_even_when_it_is_killed(site: SmallSite) -> None:
    site.stand()
    site.process.kill()
    site.process.wait()
    eventually(lambda: not processes_naming(str(site.folder)))


def test_lines_known_to_mean_nothing_are_not_shown(site: SmallSite) -> None:
    site.stand()
    site.process.terminate()
    output = site.end()
    assert "hello from app" in output
    assert "noise from app" not in output


def run(supervisor: Supervisor, program: Program, *, keep: bool = False) -> None:
    async def attempt() -> None:
        try:
            await (supervisor.keep(program) if keep else supervisor.run(program))
        finally:
            await supervisor.stop()

    asyncio.run(attempt())


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-S", "-c", code)


def test_a_program_that_cannot_start_is_given_up_with_its_last_words() -> None:
    broken = Program("app", python("raise SystemExit('no such file')"), ready=lambda: False)
    with pytest.raises(CannotStart, match="app does not start: no such file"):
        run(Supervisor(Printer()), broken, keep=True)


def test_a_missing_tool_is_named() -> None:
    missing = Program("app", ("/no/such/tool",), ready=lambda: False)
    with pytest.raises(CannotStart, match=r"app does not start: .*'/no/such/tool'"):
        run(Supervisor(Printer()), missing, keep=True)


def test_a_step_that_fails_stops_the_start_and_a_step_that_ends_well_does_not() -> None:
    run(Supervisor(Printer()), Program("migrate", python("print('done')")))
    with pytest.raises(CannotStart, match="`migrate` failed: no room"):
        run(Supervisor(Printer()), Program("migrate", python("raise SystemExit('no room')")))


def test_what_a_step_answers_is_kept_apart_from_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = "import sys; print('answer'); print('aside', file=sys.stderr)"
    answer = asyncio.run(Supervisor(Printer()).ask(Program("demo", python(code))))
    assert answer == "answer\n"
    assert capsys.readouterr().out == "demo         | aside\n"
    failing = Program("demo", python("raise SystemExit('no venue')"))
    with pytest.raises(CannotStart, match="`demo` failed: no venue"):
        asyncio.run(Supervisor(Printer()).ask(failing))


def test_output_without_line_ends_and_beyond_any_buffer_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(Supervisor(Printer()), Program("talker", python("print('x' * 300_000, end='')")))
    assert capsys.readouterr().out.count("x") == 300_000
