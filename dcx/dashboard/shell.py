"""What every page shows around its content: who looks, where one can go, how it looks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from babel.numbers import get_currency_name, get_currency_symbol
from flask import Flask, current_app, request, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import SignedIn
from dcx.kit.periods import to_us
from dcx.metering import service as metering
from dcx.notifications import service as notifications
from dcx.payments import service as payments
from dcx.payments.service import differences
from dcx.pricing.service import METERS
from dcx.repository.session import reading
from dcx.wallet import service as wallet
from dcx.web.doors import actor

PLACES = {
    "dashboard.customer": "customers",
    "accounts.new_customer": "customers",
    "accounts.add_customer": "customers",
    "accounts.customer_people": "customers",
    "accounts.me": "me",
    "accounts.second_factor_page": "me",
    "accounts.everybody": "people",
    "accounts.one_person": "people",
    "accounts.members": "people",
    "accounts.keys": "keys",
    "accounts.make_key": "keys",
    "accounts.customer_keys": "keys",
    "accounts.make_customer_key": "keys",
    "payments.cards": "cards",
    "payments.ask_delete_card": "cards",
    "payments.own": "wallet",
    "payments.top_up": "wallet",
    "payments.begin_top_up": "wallet",
    "payments.go": "wallet",
    "payments.result": "wallet",
    "payments.pay": "invoices",
    "payments.begin_pay": "invoices",
    "payments.refunds": "payments",
    "payments.refund_page": "payments",
    "prepaid.wallet": "wallet",
    "prepaid.statement": "wallet",
    "prepaid.wallet_settings": "wallet",
    "prepaid.arrange_wallet": "wallet",
    "prepaid.ask_adjustment": "wallet",
    "prepaid.adjustments": "adjustments",
    "dashboard.customer_home": "home",
    "dashboard.resource": "resources",
    "dashboard.raw_log": "resources",
    "dashboard.customer_invoices": "invoices",
    "journal.audit": "audit",
    "payments.reconcile": "reconciliation",
    "payments.settlement_file": "reconciliation",
    "payments.add_settlement_file": "reconciliation",
}
ROLE_WORDS = {"admin": "Administrator", "billing": "Billing", "support": "Support"}


@dataclass(frozen=True, slots=True)
class Looker:
    """The person as the layout shows them."""

    name: str
    initials: str
    is_staff: bool
    is_admin: bool
    role_word: str
    customer_key: str | None
    viewing_as: str | None
    is_owner: bool

    @property
    def may_bill(self) -> bool:
        """May they change prices, invoices and what metering refused? Support only reads."""
        return self.is_staff and self.role_word != ROLE_WORDS["support"]


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation."""

    name: str
    words: str
    icon: str
    href: str
    count: int = 0


def add_shell(app: Flask) -> None:
    """Give every template the frame's values."""
    settings = app.config["DCX"]
    app.jinja_env.globals.update(
        icon_of=icon_of,
        with_args=with_args,
        METERS=METERS,
        is_simulated=settings.gateway.is_on and settings.gateway.is_simulated,
    )

    @app.context_processor
    def frame() -> dict[str, Any]:
        looker = _looker()
        return {
            "viewer": looker,
            "places": Navigation(looker),
            "place": _place(),
            "theme": request.cookies.get(app.config["THEME_COOKIE"], "system"),
            "provider": settings.provider,
            "currency": get_currency_symbol(settings.currency, locale=settings.locale),
            "currency_name": get_currency_name(settings.currency, locale=settings.locale),
            "page_language": settings.locale.replace("_", "-"),
            "zone_words": f"those of {settings.timezone} ({_offset(settings.zone)})",
        }


class Navigation:
    """Where the viewer can go, worked out once a page walks through it: fragments never do."""

    def __init__(self, looker: Looker | None) -> None:
        self._looker = looker

    def __iter__(self) -> Iterator[tuple[str, list[Place]]]:
        return iter(self._groups)

    @cached_property
    def _groups(self) -> Sequence[tuple[str, list[Place]]]:
        return _places(self._looker) if self._looker else ()


def _looker() -> Looker | None:
    person = _person()
    if person is None:
        return None
    asked = (request.view_args or {}).get("customer")
    viewing = _customer_name(asked) if person.staff_role and asked else None
    is_own = viewing is not None or asked in person.roles
    key = asked if is_own else next(iter(person.roles), None)
    initials = "".join(word[0] for word in person.name.split()[:2]).upper()
    role = ROLE_WORDS.get(person.staff_role or "", person.names.get(key or "", ""))
    return Looker(
        name=person.name,
        initials=initials,
        is_staff=bool(person.staff_role),
        is_admin=person.staff_role == "admin",
        role_word=role,
        customer_key=key,
        viewing_as=viewing,
        is_owner=person.roles.get(key or "") == "owner",
    )


def _person() -> SignedIn | None:
    """Whoever is signed in, out of flask-login's proxy."""
    found = current_user._get_current_object()  # noqa: SLF001
    return found if isinstance(found, SignedIn) else None


def _customer_name(key: str) -> str | None:
    with reading() as session:
        customer = accounts.find_customer(session, key)
    return customer.name if customer else None


def _places(looker: Looker) -> Sequence[tuple[str, list[Place]]]:
    if looker.is_staff and not looker.viewing_as:
        return _staff_places(looker)
    key = looker.customer_key
    if key is None:
        return []
    return [
        (
            "",
            [
                Place("home", "Home", "home", url_for("dashboard.customer_home", customer=key)),
                Place("usage", "Usage", "chart-bar", url_for("dashboard.usage", customer=key)),
                Place(
                    "resources",
                    "Resources",
                    "server-2",
                    url_for("dashboard.resources", customer=key),
                ),
                Place(
                    "invoices",
                    "Invoices",
                    "file-invoice",
                    url_for("dashboard.customer_invoices", customer=key),
                ),
                Place("wallet", "Wallet", "wallet", url_for("prepaid.wallet", customer=key)),
                Place(
                    "estimates",
                    "Estimates",
                    "calculator",
                    url_for("estimates.own_every", customer=key),
                ),
            ],
        )
    ]


def _staff_places(looker: Looker) -> list[tuple[str, list[Place]]]:
    with reading("bronze") as bronze:
        quarantined, conflicts, _ = metering.waiting_counts(bronze)
    with reading() as main:
        return _groups_of_staff(main, looker, quarantined + conflicts)


def _groups_of_staff(main: Session, looker: Looker, refused: int) -> list[tuple[str, list[Place]]]:
    now_us = to_us(datetime.now(UTC))
    unclear = payments.waiting_count(main, now_us=now_us) + payments.waiting_refunds_count(main)
    return [
        (
            "",
            [
                Place("home", "Home", "home", url_for("dashboard.home")),
                Place("customers", "Customers", "users", url_for("dashboard.customers")),
                Place("billing", "Invoices", "file-invoice", url_for("billing.invoices")),
                Place("payments", "Payments", "credit-card", url_for("payments.every"), unclear),
                _reconciliation(main),
                _adjustments(main, looker),
            ],
        ),
        (
            "Usage and prices",
            [
                Place("metering", "Metering", "gauge", url_for("metering.home"), refused),
                Place("pricing", "Price books", "tag", url_for("pricing.books")),
                Place("estimates", "Estimates", "calculator", url_for("estimates.every")),
            ],
        ),
        ("System", _system_places(main, looker, now_us)),
    ]


def _reconciliation(main: Session) -> Place:
    count = sum(differences.waiting_differences(main).values())
    address = url_for("payments.reconcile")
    return Place("reconciliation", "Reconciliation", "list-details", address, count)


def _adjustments(main: Session, looker: Looker) -> Place:
    """A count stands beside it only for whoever may decide on something."""
    asked = [one.asked_by for one in wallet.waiting(main)] if looker.may_bill else []
    waits = sum(who != actor().who for who in asked)
    return Place("adjustments", "Adjustments", "scale", url_for("prepaid.adjustments"), waits)


def _system_places(main: Session, looker: Looker, now_us: int) -> list[Place]:
    asking = len(accounts.asking(main))
    places = [
        Place("people", "People", "user", url_for("accounts.everybody"), asking),
        Place("keys", "Keys", "key", url_for("accounts.keys")),
        Place("journal", "Jobs", "clock-play", url_for("journal.jobs")),
    ]
    if not looker.is_admin:
        return places
    failed = notifications.failed_lately(main, now_us=now_us)
    return [
        *places,
        Place("notifications", "Mails", "mail", url_for("notifications.mails"), failed),
        Place("audit", "Audit", "list-details", url_for("journal.audit")),
    ]


def _place() -> str:
    endpoint = request.endpoint or ""
    room, _, view = endpoint.partition(".")
    place = PLACES.get(endpoint, view if room == "dashboard" else room)
    person = _person()
    is_customer = person is not None and not person.staff_role
    return "invoices" if place == "billing" and is_customer else place


def _offset(zone: Any) -> str:
    text = datetime.now(UTC).astimezone(zone).strftime("%z")
    return f"UTC{text[0]}{int(text[1:3])}" + (f":{text[3:]}" if text[3:] != "00" else "")


def icon_of(name: str) -> Markup:
    """An icon of the sprite, for eyes only."""
    address = current_app.jinja_env.globals["static_url"]("vendor/icons.svg")  # type: ignore[operator]
    picture = '<svg class="i" aria-hidden="true"><use href="{}#{}"></use></svg>'
    return Markup(picture).format(address, name)  # noqa: S704 - format escapes what it fills in


def with_args(**changes: object) -> str:
    """This page's address with some of its parameters changed; None takes one out."""
    values: dict[str, Any] = dict(request.view_args or {})
    values |= {name: given for name, given in request.args.lists() if name not in changes}
    values |= {name: value for name, value in changes.items() if value is not None}
    return url_for(request.endpoint or "dashboard.home", **values)
