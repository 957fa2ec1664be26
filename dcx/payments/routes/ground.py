"""What the doors of payments share."""

from flask import Blueprint, current_app

from dcx.kit.periods import month_name
from dcx.payments.jobs.clock import now_us
from dcx.payments.service import Desk
from dcx.settings import Settings

__all__ = ["desk", "now_us", "payments_pages", "settings", "this_month"]
payments_pages = Blueprint("payments", __name__)


def settings() -> Settings:
    found: Settings = current_app.config["DCX"]
    return found


def desk() -> Desk:
    return Desk.of(settings(), current_app.config["VAULT"])


def this_month() -> str:
    return month_name(now_us(), settings().zone)
