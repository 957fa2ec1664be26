"""The simulator as a program of its own, on loopback, with a clock that ticks."""

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from dcx.payments.simulator.app import create_simulator
from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.outcomes import advance

TICK_S = 2.0


class Quiet(WSGIRequestHandler):
    """Answers without a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing to say."""


def server_at(port: int, path: Path | None = None) -> tuple[BaseWSGIServer, Simulator]:
    """Ready to serve on that port of loopback, 0 for a free one; OSError where it is taken."""
    app = create_simulator(path=path)
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    simulator: Simulator = app.config["SIMULATOR"]
    simulator.page = f"http://127.0.0.1:{server.server_port}/PayHost/process.trans"
    return server, simulator


def serve(port: int, path: Path, *, until_closed: bool) -> None:
    """Until it is ended; `until_closed` also by the end of standard input, which comes when
    whoever started it is gone, however it went.
    """
    server, simulator = server_at(port, path)
    threading.Thread(target=_tick, args=(simulator,), daemon=True).start()
    if until_closed:
        threading.Thread(target=_wait_for_end, args=(server,), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
    finally:
        server.server_close()


def _tick(simulator: Simulator) -> None:
    """Notices that are due again, and banks that speak, by the real clock."""
    while True:
        time.sleep(TICK_S)
        advance(simulator)


def _wait_for_end(server: BaseWSGIServer) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    server.shutdown()
