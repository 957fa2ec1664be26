"""One process leads, another takes over when it dies, and a slot of time is worked once."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from apiflask import APIFlask

from dcx.journal import service as journal
from dcx.repository.session import reading
from dcx.scheduler import Job, run_job
from dcx.settings import ROOT

Process = subprocess.Popen[bytes]


@pytest.fixture
def start(app: APIFlask) -> Iterator[list[Process]]:
    """Two processes that want to lead, ended after the test."""
    settings = app.config["DCX"]
    environment = {
        **os.environ,
        "DCX_DATABASE_URL": settings.database_url,
        "DCX_BRONZE_URL": settings.bronze_url,
    }
    program = [sys.executable, "-m", "tests.support.lead"]
    processes = [
        subprocess.Popen(program, env=environment, cwd=ROOT, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    yield processes
    for process in processes:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def leaders(processes: list[Process], seconds: float) -> list[Process]:
    """Those that say within some time that they lead."""
    streams = {process.stdout: process for process in processes if process.stdout}
    ready, _, _ = select.select(list(streams), [], [], seconds)
    return [streams[stream] for stream in ready if stream.readline() == b"leads\n"]


def test_one_leads_and_another_takes_over_when_it_is_killed(start: list[Process]) -> None:
    first = leaders(start, 30)
    assert len(first) == 1
    others = [process for process in start if process is not first[0]]
    assert leaders(others, 2.5) == []

    first[0].send_signal(signal.SIGKILL)

    assert leaders(others, 20) == others
    with reading() as session:
        assert journal.last_beat(session)


def test_a_slot_is_worked_once_and_a_failure_is_on_record(app: APIFlask) -> None:
    done: list[int] = []

    def work() -> dict[str, int]:
        done.append(1)
        raise ValueError("the disk is sulking")

    job = Job("test", "A test", 100_000_000, work)
    for _ in range(3):
        run_job(app, job)

    with reading() as session:
        run = journal.last_job_runs(session)["test"]
    assert done == [1]
    assert (run.status, run.error) == ("failed", "the disk is sulking")
