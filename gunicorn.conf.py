"""How gunicorn serves DCX: few threads; the worker that leads runs the clock."""

import os

from app import app
from dcx.scheduler import Leader

bind = f"127.0.0.1:{os.environ.get('PORT', '5000')}"
workers = 1
threads = 4
worker_class = "gthread"
control_socket_disable = True
preload_app = False
access_log_format = '%(t)s %(h)s "%(m)s %({dcx.route}e)s" %(s)s %(b)s %(M)s ms'
"""Names the route, not the address: an address may hold a link's secret or a sign-in's code."""


def post_worker_init(worker):
    if app.config["DCX"].scheduler:
        worker.leader = Leader(app)
        worker.leader.start()


def worker_exit(server, worker):
    if hasattr(worker, "leader"):
        worker.leader.close()
