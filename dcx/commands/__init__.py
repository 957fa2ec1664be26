"""`flask ...`: one file a room; a refusal becomes one clear line and exit status 1."""

from flask import Flask

from dcx.commands.accounts import accounts
from dcx.commands.billing import billing
from dcx.commands.check import check
from dcx.commands.demo import demo
from dcx.commands.estimates import estimates
from dcx.commands.metering import metering
from dcx.commands.paygate_sim import paygate_sim
from dcx.commands.pricing import pricing


def add_commands(app: Flask) -> None:
    """Hang every group on `flask`."""
    for command in (accounts, billing, check, demo, estimates, metering, paygate_sim, pricing):
        app.cli.add_command(command)
