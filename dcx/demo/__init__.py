"""The demo provider: real traces replayed up to now by the real import, metering, publishing and
issuing.
"""

from dcx.demo.load import PEOPLE, collect, demo_password, load

__all__ = ["PEOPLE", "collect", "demo_password", "load"]
