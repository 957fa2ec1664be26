"""Meters one resource at a time, over and over anew, so that a kill can fall between any two
steps.
"""

import sys

from sqlalchemy import text

from app import app
from dcx.metering import jobs
from dcx.metering.service import run as steps
from dcx.repository.session import transaction


def main() -> None:
    steps.PENDING_AT_ONCE = 2
    with app.app_context():
        sys.stdout.write("ready\n")
        sys.stdout.flush()
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


if __name__ == "__main__":
    main()
