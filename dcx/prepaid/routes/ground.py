"""What the doors of the wallet share."""

from datetime import UTC, datetime

from flask import Blueprint, current_app

from dcx.billing.service import Desk
from dcx.kit.periods import to_us
from dcx.settings import Settings
from dcx.web.doors import viewer
from dcx.web.looks import Looks

prepaid_pages = Blueprint("prepaid", __name__)
BILLING = frozenset({"admin", "billing"})


def desk() -> Desk:
    return Desk.of(settings())


def settings() -> Settings:
    found: Settings = current_app.config["DCX"]
    return found


def money(cents: int) -> str:
    """An amount as pages write it, for messages."""
    return Looks(settings()).money(cents)


def now_us() -> int:
    return to_us(datetime.now(UTC))


def is_owner(customer: str) -> bool:
    """May whoever looks change what the customer arranged? Staff may not, on their behalf."""
    return viewer().role_at(customer) == "owner"


def may_adjust() -> bool:
    """May whoever looks move money by hand?"""
    return viewer().staff_role in BILLING
