"""Doors that add a customer and change what its invoices say."""

from collections.abc import Mapping
from dataclasses import asdict

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts import service
from dcx.accounts.errors import AccountRefusedError
from dcx.accounts.forms import read_customer
from dcx.accounts.routes.ground import accounts_pages, now_us
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.errors import FormError
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go


@accounts_pages.get("/customers/new")
@open_to(Who.BILLING)
def new_customer() -> ResponseReturnValue:
    return render_template("accounts/new_customer.html", sent=request.args, faults={}, refusal=None)


@accounts_pages.post("/customers")
@open_to(Who.BILLING)
def add_customer() -> ResponseReturnValue:
    try:
        customer = read_customer(request.form)
        with transaction() as database:
            if service.add_customer(database, customer, now_us=now_us()):
                facts = {name: fact for name, fact in asdict(customer).items() if name != "key"}
                deed = Deed("customer added", customer.key, customer.key, after=facts)
                journal.record(database, actor(), deed, now_us=now_us())
    except FormError as error:
        return _page(faults=error.fields), 422
    except AccountRefusedError as error:
        return _page(refusal=error.message), 422
    return go(url_for("dashboard.customer", key=customer.key))


@accounts_pages.get("/customers/<key>/details")
@open_to(Who.BILLING)
def customer_details(key: str) -> ResponseReturnValue:
    with reading() as database:
        return _details(key, asdict(service.get_customer(database, key)))


@accounts_pages.post("/customers/<key>/details")
@open_to(Who.BILLING)
def change_details(key: str) -> ResponseReturnValue:
    try:
        customer = read_customer(request.form, known=key)
        with transaction() as database:
            service.change_customer(database, customer, by=actor(), now_us=now_us())
    except FormError as error:
        return _details(key, request.form, faults=error.fields), 422
    except AccountRefusedError as error:
        return _details(key, request.form, refusal=error.message), 422
    flash("The details are saved. They stand on the next invoice.", "ok")
    return go(url_for("dashboard.customer", key=key))


def _details(
    key: str,
    sent: Mapping[str, str],
    *,
    faults: dict[str, str] | None = None,
    refusal: str | None = None,
) -> str:
    return render_template(
        "accounts/customer_details.html", key=key, sent=sent, faults=faults or {}, refusal=refusal
    )


def _page(*, faults: dict[str, str] | None = None, refusal: str | None = None) -> str:
    return render_template(
        "accounts/new_customer.html", sent=request.form, faults=faults or {}, refusal=refusal
    )
