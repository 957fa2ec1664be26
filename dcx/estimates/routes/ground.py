"""What the doors of estimates share: each stands at two places, the staff's and a customer's."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from flask import Blueprint, current_app, url_for
from flask.typing import ResponseReturnValue

from dcx.estimates.service import Desk
from dcx.kit.periods import to_us
from dcx.web.doors import Who, open_to

estimates_pages = Blueprint("estimates", __name__)
View = Callable[..., ResponseReturnValue]
EVERYBODY = (Who.STAFF, Who.CUSTOMER)
CHANGERS = (Who.BILLING, Who.OWNER)
"""For what strangers can see afterwards, and for what is gone: not for those who only read."""


def desk() -> Desk:
    return Desk.of(current_app.config["DCX"], to_us(datetime.now(UTC)))


def at_both(
    rule: str, methods: tuple[str, ...] = ("GET",), doors: tuple[Who, Who] = EVERYBODY
) -> Callable[[View], View]:
    """Open a view to staff at /estimates... and to customers at /c/KEY/estimates... It takes the
    customer's key first: '' is the staff's place, where every estimate is seen.
    """

    def declare(view: View) -> View:
        name = view.__name__

        @wraps(view)
        def for_staff(**values: Any) -> ResponseReturnValue:
            return view("", **values)

        @wraps(view)
        def for_customer(customer: str, **values: Any) -> ResponseReturnValue:
            return view(customer, **values)

        add = estimates_pages.add_url_rule
        add(f"/estimates{rule}", name, open_to(doors[0])(for_staff), methods=list(methods))
        own = f"/c/<customer>/estimates{rule}"
        add(own, f"own_{name}", open_to(doors[1])(for_customer), methods=list(methods))
        return view

    return declare


def place(customer: str, view: str, **values: Any) -> str:
    """The address of a view at the place where the viewer is."""
    if customer:
        return url_for(f"estimates.own_{view}", customer=customer, **values)
    return url_for(f"estimates.{view}", **values)


def seen_by(customer: str) -> str | None:
    """Whose estimates are seen at this place; None: everybody's."""
    return customer or None
