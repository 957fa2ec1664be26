"""Tries to lead until it does, says so, and goes on leading until it is killed."""

import sys
import threading

from app import app
from dcx.scheduler import Leader


def main() -> None:
    leader = Leader(app)
    leader.start()
    pause = threading.Event()
    while not leader.leads:
        pause.wait(0.1)
    sys.stdout.write("leads\n")
    sys.stdout.flush()
    pause.wait()


if __name__ == "__main__":
    main()
