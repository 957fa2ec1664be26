"""What the doors of the API of estimates share."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import current_app

from dcx.accounts.api import customer_of, own_customer
from dcx.estimates.service import Desk
from dcx.kit.periods import to_us

estimates_api = APIBlueprint("estimates_api", __name__, url_prefix="/api/v1", tag="Estimates")
SCOPE = "estimates"
Sent = dict[str, Any]


def asked_customer(query: Sent) -> str:
    """Whose estimate it will be: the key's own customer's, the one that the provider's key names,
    or '' for nobody in particular.
    """
    named = query.get("customer")
    return customer_of(named) if named or own_customer() else ""


def desk() -> Desk:
    return Desk.of(current_app.config["DCX"], to_us(datetime.now(UTC)))
