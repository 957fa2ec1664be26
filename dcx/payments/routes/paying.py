"""Doors to paying: a top-up, an invoice, the way to the gateway, and what came of it."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.kit.errors import DomainError, FormError, NotFoundError
from dcx.kit.ids import new_id
from dcx.kit.money import parse_cents
from dcx.kit.words import lines_of
from dcx.payments import service
from dcx.payments.export import PAYMENT_HEAD, payment_rows
from dcx.payments.forms import read_pay, read_top_up
from dcx.payments.routes.ground import (
    desk,
    now_us,
    payments_pages,
    settings,
    this_month,
)
from dcx.payments.rules.times import poll_delay_s
from dcx.payments.service.cards import offered
from dcx.repository.session import reading, transaction
from dcx.wallet import service as wallet
from dcx.web.doors import Who, actor, is_owner, open_to, viewer
from dcx.web.headers import SENDS_TO_GATEWAY, with_policy
from dcx.web.htmx import go, render
from dcx.web.tables import as_csv, asked, wants_csv

QUICK_CENTS = (200_00, 500_00, 1_000_00, 5_000_00)
Faults = Mapping[str, str]


@payments_pages.get("/c/<customer>/wallet/top-up")
@open_to(Who.OWNER)
def top_up(customer: str) -> ResponseReturnValue:
    return _top_up_page(customer, request.args, {})


@payments_pages.post("/c/<customer>/wallet/top-up")
@open_to(Who.OWNER)
def begin_top_up(customer: str) -> ResponseReturnValue:
    try:
        wish = read_top_up(request.form, customer, _email())
        return _begun(wish)
    except NotFoundError:
        raise
    except DomainError as error:
        return _top_up_page(customer, request.form, _faults(error)), 422


def _top_up_page(customer: str, sent: Mapping[str, str], faults: Faults) -> str:
    least, most = settings().top_up_least_cents, settings().top_up_most_cents
    with reading() as session:
        cards = offered(session, customer, month=this_month())
    return render(
        "payments/top_up.html",
        "payments/_says.html",
        key=customer,
        sent=sent,
        faults=faults,
        says=_read(sent.get("amount", "")),
        quick=[cents for cents in QUICK_CENTS if least <= cents <= most],
        cards=cards,
        form_key=new_id(),
        is_on=settings().gateway.is_on,
        bank=lines_of(settings().bank_details),
    ).get_data(as_text=True)


def _read(amount: str) -> int | None:
    """The cents of a typed amount; None where it is none."""
    try:
        return parse_cents(amount)
    except ValueError:
        return None


@payments_pages.get("/c/<customer>/invoices/<number>/pay")
@open_to(Who.OWNER)
def pay(customer: str, number: str) -> ResponseReturnValue:
    return _pay_page(customer, number, {})


@payments_pages.post("/c/<customer>/invoices/<number>/pay")
@open_to(Who.OWNER)
def begin_pay(customer: str, number: str) -> ResponseReturnValue:
    try:
        wish = read_pay(request.form, customer, number, _email())
        if request.form.get("way") == "wallet":
            return _paid_from_wallet(wish)
        return _begun(wish)
    except NotFoundError:
        raise
    except DomainError as error:
        return _pay_page(customer, number, _faults(error)), 422


def _pay_page(customer: str, number: str, faults: Faults) -> str:
    with reading() as session:
        owed = wallet.owed_by(session, customer, number)
        if owed is None:
            raise NotFoundError("This page does not exist, or it is not yours to see.")
        return render_template(
            "payments/pay.html",
            key=customer,
            number=number,
            owed=max(owed, 0),
            faults=faults,
            cards=offered(session, customer, month=this_month()),
            money=wallet.balances(session, customer),
            form_key=new_id(),
            is_on=settings().gateway.is_on,
            bank=lines_of(settings().bank_details),
        )


def _begun(wish: service.Wish) -> ResponseReturnValue:
    """Begin the payment, or find the one that the same form began, and go on to the gateway."""
    key = service.pay(wish, desk(), by=actor(), now_us=now_us())
    return go(url_for("payments.go", customer=wish.customer, key=key))


def _paid_from_wallet(wish: service.Wish) -> ResponseReturnValue:
    with transaction() as session:
        moved = service.pay_from_wallet(session, wish, by=actor(), now_us=now_us())
    if moved:
        flash(f"{desk().site.looks.money(moved)} of {wish.document} paid from the wallet.", "ok")
    return go(url_for("billing.invoice", number=wish.document))


def _faults(error: DomainError) -> Faults:
    return error.fields if isinstance(error, FormError) else {"": error.message}


def _email() -> str:
    return str(getattr(viewer(), "email", ""))


@payments_pages.get("/c/<customer>/payments/<key>/go", endpoint="go")
@open_to(Who.OWNER)
@with_policy(SENDS_TO_GATEWAY)
def go_on(customer: str, key: str) -> ResponseReturnValue:
    """The way to the gateway's page while it is open for this payment; its result otherwise."""
    with reading() as session:
        payment = service.get_payment(session, customer, key, now_us=now_us())
        if not payment.can_go_on:
            return redirect(url_for("payments.result", customer=customer, key=key), code=303)
        known = service.redirect_of(session, key)
    gateway = desk().gateway
    return render_template(
        "payments/go.html",
        key=customer,
        payment=payment.line,
        address=gateway.page,
        fields=gateway.redirect(known.pay_request_id, known.reference),
        is_simulated=settings().gateway.is_simulated,
    )


@payments_pages.get("/c/<customer>/payments/<key>")
@open_to(Who.CUSTOMER)
def result(customer: str, key: str) -> ResponseReturnValue:
    """What came of a payment. While it is open the page looks again by itself."""
    turn = request.args.get("turn", 0, type=int)
    with reading() as session:
        payment = service.get_payment(session, customer, key, now_us=now_us())
    return render(
        "payments/result.html",
        "payments/_result.html",
        key=customer,
        payment=payment,
        line=payment.line,
        turn=max(turn, 0) + 1,
        delay=poll_delay_s(max(turn, 0)),
        can_pay=is_owner(customer),
    )


@payments_pages.get("/c/<customer>/payments")
@open_to(Who.CUSTOMER)
def own(customer: str) -> ResponseReturnValue:
    ask, wanted = asked(service.PAYMENT_COLUMNS, "-begun"), service.Wanted(customer)
    if wants_csv():
        return as_csv("payments.csv", PAYMENT_HEAD, lambda: payment_rows(wanted, ask))
    with reading() as session:
        found: dict[str, Any] = {
            "page": service.list_payments(session, wanted, ask),
            "paid": service.paid_cents(session, wanted),
        }
    return render(
        "payments/own.html", "payments/_own.html", key=customer, can_pay=is_owner(customer), **found
    )
