"""Doors to a customer's saved cards. None takes a card number: those stay at the gateway."""

from collections.abc import Callable

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.payments.errors import CardRefusedError
from dcx.payments.routes.ground import now_us, payments_pages, this_month
from dcx.payments.service import cards as service
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go


@payments_pages.get("/c/<customer>/cards")
@open_to(Who.OWNER)
def cards(customer: str) -> ResponseReturnValue:
    with reading() as session:
        listed = service.cards(session, customer, month=this_month())
    return render_template("payments/cards.html", key=customer, cards=listed)


@payments_pages.post("/c/<customer>/cards/<card>/name")
@open_to(Who.OWNER)
def rename_card(customer: str, card: str) -> ResponseReturnValue:
    name = request.form.get("name", "")

    def work() -> str:
        with transaction() as session:
            service.rename(session, customer, card, name, by=actor(), now_us=now_us())
        return "The card has its new name."

    return _tried(work, customer)


@payments_pages.post("/c/<customer>/cards/<card>/default")
@open_to(Who.OWNER)
def default_card(customer: str, card: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as session:
            service.make_default(
                session, customer, card, month=this_month(), by=actor(), now_us=now_us()
            )
        return "This card is offered first from now on."

    return _tried(work, customer)


@payments_pages.get("/c/<customer>/cards/<card>/delete")
@open_to(Who.OWNER)
def ask_delete_card(customer: str, card: str) -> ResponseReturnValue:
    with reading() as session:
        found = service.get_card(session, customer, card, month=this_month())
        has_others = len(service.cards(session, customer, month=this_month())) > 1
    return render_template(
        "payments/delete_card.html", key=customer, card=found, has_others=has_others
    )


@payments_pages.post("/c/<customer>/cards/<card>/delete")
@open_to(Who.OWNER)
def delete_card(customer: str, card: str) -> ResponseReturnValue:
    def work() -> str:
        with transaction() as session:
            service.ask_delete(session, customer, card, by=actor(), now_us=now_us())
        return "The card is deleted: nothing can be paid with it any more."

    return _tried(work, customer)


def _tried(work: Callable[[], str], customer: str) -> ResponseReturnValue:
    """Do it, and say on the page of the cards how it went."""
    try:
        flash(work(), "ok")
    except CardRefusedError as error:
        flash(error.message, "bad")
    return go(url_for("payments.cards", customer=customer))
