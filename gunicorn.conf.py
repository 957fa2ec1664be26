"""How gunicorn serves DCX: few threads; the worker that leads runs the clock."""

import os
import subprocess
import sys

from app import app
from dcx.scheduler import Leader
from dcx.settings import ROOT

bind = f"127.0.0.1:{os.environ.get('PORT', '5000')}"
workers = 1
threads = 4
worker_class = "gthread"
control_socket_disable = True
preload_app = False
access_log_format = '%(t)s %(h)s "%(m)s %({dcx.route}e)s" %(s)s %(b)s %(M)s ms'
"""Names the route, not the address: an address may hold a link's secret or a sign-in's code."""


def on_starting(server):
    """Beside the demo runs a PayGate of its own: `make run` says where, nothing else does.

    A session of its own keeps the terminal's Ctrl+C from it; it ends when its input does.
    """
    if os.environ.get("SIMULATOR_PORT"):
        program = [sys.executable, "-m", "flask", "--app", "app.py", "paygate-sim"]
        server.simulator = subprocess.Popen(
            [*program, "--until-closed"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )


def on_exit(server):
    if hasattr(server, "simulator"):
        server.simulator.stdin.close()
        server.simulator.wait()


def post_worker_init(worker):
    if app.config["DCX"].scheduler:
        worker.leader = Leader(app)
        worker.leader.start()


def worker_exit(server, worker):
    if hasattr(worker, "leader"):
        worker.leader.close()
