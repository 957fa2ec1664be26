"""The API of saved estimates: make, look up, price again."""

from flask import request
from flask.typing import ResponseReturnValue

from dcx.accounts.api import CustomerQuery, own_customer
from dcx.estimates import service
from dcx.estimates.api.ground import SCOPE, Sent, asked_customer, desk, estimates_api
from dcx.estimates.errors import AskRefusedError
from dcx.estimates.forms import ASK, EstimateAnswer
from dcx.estimates.service import Ask, Saved
from dcx.journal.api import OnceHeader, once
from dcx.repository.session import reading, transaction
from dcx.web.api import BODY, answers
from dcx.web.doors import actor, open_to_scope
from dcx.web.sizes import takes

MOST_BYTES = 4 * 1024 * 1024


@estimates_api.post("/estimates")
@estimates_api.input(CustomerQuery, location="query")
@estimates_api.input(OnceHeader, location="headers", arg_name="header")
@estimates_api.doc(
    summary="Price and keep an estimate",
    responses=answers(EstimateAnswer, "What it will cost", status=201),
    security="key",
    extensions={BODY: ASK},
)
@open_to_scope(SCOPE)
@takes(MOST_BYTES)
def make_estimate(query_data: Sent, header: Sent) -> ResponseReturnValue:
    customer = asked_customer(query_data)
    ask = _sent_ask()

    def work() -> Sent:
        with transaction() as session:
            if own_customer():
                service.require_open_book(session, ask, customer)
            return _answer(service.save(session, ask, desk(), customer=customer, by=actor()))

    return once(header.get("once"), work, status=201)


@estimates_api.get("/estimates/<estimate>")
@estimates_api.doc(
    summary="An estimate",
    responses=answers(EstimateAnswer, "As it was given"),
    security="key",
)
@open_to_scope(SCOPE)
def one_estimate(estimate: str) -> ResponseReturnValue:
    with reading() as session:
        return _answer(service.get_saved(session, estimate, customer=own_customer()))


@estimates_api.post("/estimates/<estimate>/recalculate")
@estimates_api.input(OnceHeader, location="headers", arg_name="header")
@estimates_api.doc(
    summary="Price an estimate again, as a new version",
    responses=answers(EstimateAnswer, "The new version; the old one stays", status=201),
    security="key",
)
@open_to_scope(SCOPE)
def recalculate(estimate: str, header: Sent) -> ResponseReturnValue:
    def work() -> Sent:
        with transaction() as session:
            saved = service.get_saved(session, estimate, customer=own_customer())
            return _answer(service.price_again(session, saved, desk(), by=actor()))

    return once(header.get("once"), work, status=201)


def _sent_ask() -> Ask:
    sent = request.get_json(silent=True)
    if sent is None:
        raise AskRefusedError({"": "Send a JSON object with lines, as application/json."})
    return service.read_ask(sent, this_month=desk().this_month)


def _answer(saved: Saved) -> Sent:
    return service.answer_json(saved.answer)
