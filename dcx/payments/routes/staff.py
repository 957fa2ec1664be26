"""Doors to all payments, for staff."""

from collections.abc import Mapping

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.kit.errors import FormError
from dcx.payments import service
from dcx.payments.errors import PaymentRefusedError
from dcx.payments.export import PAYMENT_HEAD, payment_rows
from dcx.payments.routes.ground import desk, now_us, payments_pages
from dcx.payments.rules.words import LOOKS, step_words
from dcx.payments.service.refunds import refunds_of
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render
from dcx.web.tables import as_csv, asked, wants_csv


@payments_pages.get("/payments")
@open_to(Who.STAFF)
def every() -> ResponseReturnValue:
    ask, look = asked(service.PAYMENT_COLUMNS, "-begun"), request.args.get("state", "")
    customer, words = request.args.get("customer", ""), request.args.get("q", "").strip()
    wanted = service.Wanted(customer, LOOKS.get(look, ()), words)
    if wants_csv():
        return as_csv("payments.csv", PAYMENT_HEAD, lambda: payment_rows(wanted, ask))
    with reading() as session:
        names = accounts.customers(session)
        return render(
            "payments/every.html",
            "payments/_every.html",
            page=service.list_payments(session, wanted, ask),
            paid=service.paid_cents(session, wanted),
            names=names,
            name_of={each.key: each.name for each in names},
            looks=LOOKS,
            look=look,
            customer=customer,
            words=words,
        )


@payments_pages.get("/payments/<key>")
@open_to(Who.STAFF)
def one(key: str) -> ResponseReturnValue:
    return _page(key, {})


def _page(key: str, faults: Mapping[str, str]) -> str:
    with reading() as session:
        payment = service.get_whole(session, key)
        customer = accounts.find_customer(session, payment.line.customer)
        refundable = refunds_of(session, key)
    return render_template(
        "payments/one.html",
        payment=payment,
        line=payment.line,
        name=customer.name if customer else payment.line.customer,
        refundable=refundable,
        me=actor().who,
        step_words=step_words,
        faults=faults,
        reason=request.form.get("reason", ""),
    )


@payments_pages.post("/payments/<key>/ask")
@open_to(Who.BILLING)
def ask_again(key: str) -> ResponseReturnValue:
    with transaction() as session:
        service.note_question(session, key, by=actor(), now_us=now_us())
    heard = service.ask(key, desk(), by=actor(), now_us=now_us())
    if heard.state:
        flash(f"The gateway answered. It stands so: {step_words(heard.state)}.", "ok")
    else:
        flash(heard.why, "bad")
    return go(url_for("payments.one", key=key))


@payments_pages.post("/payments/<key>/close")
@open_to(Who.BILLING)
def close(key: str) -> ResponseReturnValue:
    """End a payment that was set aside; nothing is credited."""
    try:
        with transaction() as session:
            service.close(session, key, request.form.get("reason", ""), by=actor(), now_us=now_us())
    except FormError as error:
        return _page(key, error.fields), 422
    except PaymentRefusedError as error:
        flash(error.message, "bad")
    else:
        flash("The payment is closed. Nothing was credited.", "ok")
    return go(url_for("payments.one", key=key))
