"""How often the tests of laws and crashes repeat: few in `make test`, all in `make test-long`."""

import os


def count(short: int, full: int) -> int:
    """`short` in `make test`, `full` in `make test-long`."""
    return full if os.environ.get("DCX_TEST_COUNTS") == "long" else short
