"""The API of payments: begin one and look at it. Paying itself takes an owner at the gateway's
page.
"""

from typing import Any

from apiflask import APIBlueprint
from flask import current_app, url_for
from flask.typing import ResponseReturnValue

from dcx.accounts.api import CustomerQuery, customer_of
from dcx.journal.api import once
from dcx.kit.ids import fingerprint
from dcx.kit.money import parse_cents
from dcx.payments import service
from dcx.payments.export import payment_answer
from dcx.payments.forms import PaymentAnswer, PaymentBody, RequiredOnce
from dcx.payments.jobs.clock import now_us
from dcx.payments.service import Desk, Wish
from dcx.repository.session import reading
from dcx.web.api import answers
from dcx.web.doors import actor, open_to_scope, viewer

payments_api = APIBlueprint("payments_api", __name__, url_prefix="/api/v1/payments", tag="Payments")
Sent = dict[str, Any]


@payments_api.post("")
@payments_api.input(CustomerQuery, location="query")
@payments_api.input(RequiredOnce, location="headers", arg_name="header")
@payments_api.input(PaymentBody, arg_name="body")
@payments_api.doc(
    summary="Begin a payment",
    responses=answers(PaymentAnswer, "It is begun: have an owner open its url", status=201),
    security="key",
)
@open_to_scope("payments:write")
def begin_payment(query_data: Sent, header: Sent, body: Sent) -> ResponseReturnValue:
    customer = customer_of(query_data.get("customer"))
    key = header["once"]
    caller = str(viewer().get_id())  # type: ignore[attr-defined]
    wish = Wish(
        customer,
        f"api/{fingerprint(f'{caller}/{key}')}",
        cents=parse_cents(body["amount"]),
        document=body["document"],
        email=body["email"],
    )

    def work() -> dict[str, Any]:
        return _answer(customer, service.pay(wish, _desk(), by=actor(), now_us=now_us()))

    return once(key, work, status=201)


@payments_api.get("/<payment>")
@payments_api.input(CustomerQuery, location="query")
@payments_api.doc(
    summary="A payment", responses=answers(PaymentAnswer, "How it stands"), security="key"
)
@open_to_scope("payments:write")
def payment(payment: str, query_data: Sent) -> ResponseReturnValue:
    return _answer(customer_of(query_data.get("customer")), payment)


def _answer(customer: str, key: str) -> dict[str, Any]:
    with reading() as session:
        line = service.get_payment(session, customer, key, now_us=now_us()).line
    return payment_answer(
        line, _desk().site.link(url_for("payments.go", customer=customer, key=key))
    )


def _desk() -> Desk:
    return Desk.of(current_app.config["DCX"], current_app.config["VAULT"])
