"""What merchants' servers ask of PayGate: initiate and query."""

from flask import Blueprint, Response

from dcx.payments.simulator.answers import at, plainly
from dcx.payments.simulator.payweb import initiate, query

machine = Blueprint("machine", __name__)


@machine.post("/payweb3/initiate.trans")
@at("initiate")
def initiate_payment() -> Response:
    return plainly(initiate)


@machine.post("/payweb3/query.trans")
@at("query")
def query_payment() -> Response:
    return plainly(query)
