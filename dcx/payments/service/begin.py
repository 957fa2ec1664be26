"""Begin: a payment is written down before the gateway hears of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.errors import FormError
from dcx.kit.ids import new_id
from dcx.kit.money import cents_text
from dcx.notifications import service as notifications
from dcx.payments.errors import (
    FormReusedError,
    PaymentRefusedError,
    PaymentsOffError,
    UnknownCardError,
)
from dcx.payments.models import Card, Payment
from dcx.payments.repository import CardRepository, PaymentRepository
from dcx.payments.rules.fields import new_reference
from dcx.payments.rules.states import CREATED
from dcx.payments.rules.times import GIVEN_UP_US
from dcx.payments.service.desk import Desk
from dcx.wallet import service as wallet

MOST_AT_GATEWAY = 99_999_999_999
TRIES = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to pay. An invoice (`document`) is paid with what is owed for it, and
    `cents` may only repeat that; `card` is the key of a kept card. The same `form_key` is the same
    payment.
    """

    customer: str
    form_key: str
    cents: int | None = None
    document: str = ""
    email: str = ""
    card: str = ""
    keeps_card: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment that was written down. `is_new` is False where the same form wrote it before."""

    key: str
    is_new: bool


def begin(
    session: Session,
    wish: Wish,
    desk: Desk,
    *,
    by: Actor,
    now_us: int,
    names: Callable[[], str] = new_reference,
) -> Begun:
    """Write a payment down, in a transaction of its own before the gateway is told.

    FormError for an amount out of bounds, PaymentRefusedError where nothing is owed,
    FormReusedError where the form was sent before with something else on it, UnknownCardError for a
    card that is not this customer's.
    """
    if not desk.gateway.is_on:
        raise PaymentsOffError("Paying by card is not set up here.")
    payments = PaymentRepository(session)
    known = payments.by_form(wish.customer, wish.form_key)
    if known is None:
        card = _card(session, wish)
        values = _values(session, wish, desk, card) | {"made_by": by.who, "created_us": now_us}
        values |= {"changed_us": now_us, "next_check_us": now_us + GIVEN_UP_US}
        known = _written(payments, values, names)
        if known.key == values["key"]:
            _record(session, known, by, now_us)
            return Begun(known.key, is_new=True)
    _require_same(known, wish)
    return Begun(known.key, is_new=False)


def _card(session: Session, wish: Wish) -> Card | None:
    if not wish.card:
        return None
    card = CardRepository(session).find(wish.customer, wish.card)
    if card is None:
        raise UnknownCardError("There is no such card here.")
    return card


def _values(session: Session, wish: Wish, desk: Desk, card: Card | None) -> dict[str, Any]:
    cents = _owed(session, wish) if wish.document else _top_up(wish, desk)
    return {
        "key": new_id(),
        "customer": wish.customer,
        "document": wish.document,
        "amount_cents": cents,
        "currency": desk.currency,
        "email": _email(session, wish),
        "form_key": wish.form_key,
        "card_id": card.id if card else None,
        "keeps_card": wish.keeps_card and card is None,
        "is_unattended": False,
        "state": CREATED,
        "checks": 0,
        "asked_us": 0,
        **dict.fromkeys(("transaction_id", "result_code", "result_words", "method", "risk"), ""),
    }


def _owed(session: Session, wish: Wish) -> int:
    """What the ledger says is owed, never what a form says."""
    cents = dict(wallet.owing(session, wish.customer)).get(wish.document, 0)
    if cents <= 0:
        raise PaymentRefusedError(f"Nothing is owed for {wish.document}.")
    if wish.cents not in {None, cents}:
        raise FormError({"amount": f"{cents_text(cents)} is owed for {wish.document}."})
    if cents > MOST_AT_GATEWAY:
        raise PaymentRefusedError("The gateway takes no amount this large. Pay it by EFT.")
    return cents


def _top_up(wish: Wish, desk: Desk) -> int:
    least, most = desk.least_cents, min(desk.most_cents, MOST_AT_GATEWAY)
    if wish.cents is None or not least <= wish.cents <= most:
        money = desk.site.looks.money
        raise FormError({"amount": f"Top up between {money(least)} and {money(most)}."})
    return wish.cents


def _email(session: Session, wish: Wish) -> str:
    """The payer's address, else whoever reads the customer's bills: the gateway wants one."""
    for email in (wish.email, *accounts.recipients(session, wish.customer)):
        if email.isascii() and notifications.is_address(email):
            return email
    raise PaymentRefusedError("The gateway wants an e-mail address, and your account has none.")


def _written(
    payments: PaymentRepository, values: Mapping[str, Any], names: Callable[[], str]
) -> Payment:
    """The new payment; or the one that the same form wrote meanwhile. A reference that is taken is
    drawn again.
    """
    for _ in range(TRIES):
        payments.add_once({**values, "reference": names()})
        found = payments.by_form(values["customer"], values["form_key"])
        if found is not None:
            return found
    raise PaymentRefusedError("No reference was free. Try again.")


def _require_same(known: Payment, wish: Wish) -> None:
    is_other_amount = not known.document and known.amount_cents != wish.cents
    if known.document != wish.document or is_other_amount:
        raise FormReusedError(
            "This form was sent before, with another amount. Open it anew and send it once."
        )


def _record(session: Session, payment: Payment, by: Actor, now_us: int) -> None:
    PaymentRepository(session).add_event(
        payment, at_us=now_us, from_state="", to_state=CREATED, made_by=by.who, words="Begun"
    )
    facts = {"amount": f"{cents_text(payment.amount_cents)} {payment.currency}"}
    if payment.document:
        facts["invoice"] = payment.document
    deed = Deed("payment begun", payment.reference, payment.customer, after=facts)
    journal.record(session, by, deed, now_us=now_us)
