"""Killed at any point, metering ends in the same rows."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask

from dcx.metering import service
from dcx.repository.session import reading
from dcx.settings import ROOT
from tests.metering.test_golden import DATA, JULY, assert_golden, golden_of
from tests.support.counts import count

pytestmark = pytest.mark.long
Flask = Callable[..., Any]


def test_kill_nine_at_random_points_changes_nothing_in_the_end(app: APIFlask, flask: Flask) -> None:
    settings = app.config["DCX"]
    environment = {
        **os.environ, "FLASK_APP": "app.py", "DCX_DATABASE_URL": settings.database_url,
        "DCX_BRONZE_URL": settings.bronze_url, "DCX_SCHEDULER": "off",
    }  # fmt: skip
    program = [sys.executable, "-m", "tests.support.meter_slowly"]
    file = DATA / "vm_samples_2013-07_slice.csv.gz"
    flask("metering", "add-source", "trace", "--mode", "samples")
    assert flask("metering", "import", file, "--source", "trace").status == 0
    luck = random.Random(11)

    pipe = subprocess.PIPE
    with subprocess.Popen(
        program, env=environment, cwd=ROOT, stdin=pipe, stdout=pipe, text=True
    ) as parent:
        assert parent.stdin
        assert parent.stdout
        for _ in range(count(20, 100)):
            parent.stdin.write("another\n")
            parent.stdin.flush()
            number = int(parent.stdout.readline())
            time.sleep(luck.uniform(0.0, 0.12))
            os.kill(number, signal.SIGKILL)
            assert parent.stdout.readline() == "ended\n"

    with reading("bronze") as bronze:
        assert service.waiting_counts(bronze)[2] >= 0
    assert_golden(flask, golden_of("vm_samples_2013-07_slice"), *JULY)
    assert flask("check").status == 0
