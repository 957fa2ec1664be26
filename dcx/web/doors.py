"""Who may enter: every view declares its door, and one that does not is closed."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, current_app, request
from flask_login import current_user

from dcx.kit.actors import Actor
from dcx.kit.errors import NotAllowedError, NotFoundError, NotSignedInError
from dcx.web.texts import require_address, require_text

View = TypeVar("View", bound=Callable[..., Any])


class Who(StrEnum):
    """The doors. CUSTOMER and OWNER look at the `customer` key in the address."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    BILLING = "billing"
    ADMIN = "admin"
    CUSTOMER = "customer"
    OWNER = "owner"


class Viewer(Protocol):
    """What a door asks of whoever comes: a person with roles, or a key with scopes."""

    is_authenticated: bool
    staff_role: str | None
    scopes: frozenset[str] | None

    def role_at(self, customer: str) -> str | None: ...


def viewer() -> Viewer:
    """Whoever makes this request; a nobody where nobody signed in."""
    return cast("Viewer", current_user)


def is_owner(customer: str) -> bool:
    """Does the viewer own the customer's account? Staff who look at it change nothing there."""
    return viewer().role_at(customer) == "owner" and not viewer().staff_role


def actor() -> Actor:
    """Whoever makes this request, as the audit writes them: a staff member who looks at a
    customer's pages does so as that customer.
    """
    person = viewer()
    customer = str((request.view_args or {}).get("customer", "")) if person.staff_role else ""
    who = str(getattr(person, "said_as", "")) or "Nobody"
    return Actor(who, request.remote_addr or "", customer)


def open_to(who: Who) -> Callable[[View], View]:
    """Open a browser's view to these people."""
    return _door(who)


def open_to_scope(scope: str) -> Callable[[View], View]:
    """Open an API view to the keys that carry this scope."""
    return _door(f"scope {scope}")


def _door(door: str) -> Callable[[View], View]:
    def declare(view: View) -> View:
        view.__dict__["door"] = door
        return view

    return declare


def door_of(app: Flask, endpoint: str) -> str | None:
    """The declared door of a view, None where it is closed for want of one."""
    door: str | None = getattr(app.view_functions.get(endpoint), "door", None)
    return door


_REFUSALS = {Who.ADMIN: "Only an administrator of the provider may see or do this."}


def stand_guard(app: Flask) -> None:
    """Ask at the door before every request, and read what is sent once its sender may come in."""
    app.before_request(require_address)
    app.before_request(_admit)
    app.before_request(require_text)


def _admit() -> None:
    if request.endpoint is None:
        return
    door = "anyone" if request.endpoint == "static" else door_of(current_app, request.endpoint)
    if door is None:
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    if door.startswith("scope "):
        _admit_key(door.removeprefix("scope "))
    elif door != Who.ANYONE:
        _admit_person(Who(door))


def _admit_key(scope: str) -> None:
    scopes = viewer().scopes if viewer().is_authenticated else None
    if scopes is None:
        raise NotSignedInError("Send an API key: Authorization: Bearer KEY.")
    if scope not in scopes:
        raise NotAllowedError(f"This key lacks the scope {scope}.")


def _admit_person(who: Who) -> None:
    person = viewer()
    if not person.is_authenticated or person.scopes is not None:
        raise NotSignedInError("Sign in to see this page.")
    if who is Who.SIGNED_IN:
        return
    customer = (request.view_args or {}).get("customer")
    if not _may_see(person, customer, who):
        raise NotFoundError("This page does not exist, or it is not yours to see.")
    if not _may_act(person, customer, who):
        raise NotAllowedError(_REFUSALS.get(who, "Your role may look at this but not change it."))


def _may_see(person: Viewer, customer: str | None, who: Who) -> bool:
    if person.staff_role:
        return True
    at_customers_door = who in {Who.CUSTOMER, Who.OWNER} and customer is not None
    return at_customers_door and person.role_at(cast("str", customer)) is not None


def _may_act(person: Viewer, customer: str | None, who: Who) -> bool:
    match who:
        case Who.ADMIN:
            return person.staff_role == "admin"
        case Who.BILLING:
            return person.staff_role in {"admin", "billing"}
        case Who.OWNER:
            return customer is not None and person.role_at(customer) == "owner"
        case _:
            return True
