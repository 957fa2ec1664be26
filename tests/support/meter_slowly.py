"""Meters one resource at a time, over and over anew, so that a kill can fall between any two
steps. Each line that comes in asks for another such process, whose number is told: what takes long
in a start is done once for all of them.
"""

import os
import sys

from sqlalchemy import text
from sqlalchemy.orm import configure_mappers

from app import app
from dcx.metering import jobs
from dcx.metering.service import run as steps
from dcx.repository.session import transaction


def main() -> None:
    configure_mappers()
    for _ in sys.stdin:
        number = os.fork()
        if not number:
            _meter()
        os.waitpid(number, 0)
        _say("ended")


def _meter() -> None:
    steps.PENDING_AT_ONCE = 2
    with app.app_context():
        _say(str(os.getpid()))
        while True:
            jobs.meter()
            with transaction("bronze") as bronze:
                bronze.execute(
                    text(
                        "INSERT INTO pending (kind, resource, first_us, last_us)"
                        " SELECT 'vm', resource, min(at_us), max(at_us)"
                        " FROM vm_log GROUP BY resource"
                    )
                )


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
