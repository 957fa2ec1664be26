"""What merchants' servers ask of PayGate: PayWeb3's initiate and query, and PayHost."""

from flask import Blueprint, Response, request

from dcx.payments.simulator.answers import at, plainly, simulator
from dcx.payments.simulator.payhost import answer
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


@machine.post("/payhost/process.trans")
@at("payhost")
def payhost() -> Response:
    status, envelope = answer(simulator(), request.get_data())
    return Response(envelope, status, content_type="text/xml; charset=utf-8")
