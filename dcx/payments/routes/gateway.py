"""The gateway's doors: its notices, and browsers that come back from its page.

What comes here is a hint and decides nothing: the gateway is asked. Neither door touches the
session or sets a cookie: browsers come here from another site and without ours.
"""

from flask import Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from dcx.payments import service
from dcx.payments.errors import NotGenuineError
from dcx.payments.paygate import Returned
from dcx.payments.routes.ground import desk, now_us, payments_pages
from dcx.payments.rules import Answer
from dcx.payments.rules.fields import LONGEST_BODY
from dcx.payments.service import BROWSER, GATEWAY, NOTICE, RETURN, About, Came
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, open_to
from dcx.web.logs import note
from dcx.web.texts import judges_itself


@payments_pages.post("/payments/paygate/notify")
@open_to(Who.ANYONE)
@judges_itself
def notify() -> ResponseReturnValue:
    """Keep the notice, answer for it, and ask the gateway what is true."""
    raw = _body()
    if raw is None:
        return _said("This is too long for a notice.", 413)
    came = Came(NOTICE, raw.decode("utf-8", "replace"), request.remote_addr or "")
    try:
        answer = desk().gateway.read_notice(raw, request.content_type or "")
    except NotGenuineError as error:
        return _forged(came, str(error))
    with transaction() as session:
        about = service.take_notice(session, came, answer, now_us=now_us())
    if about is None:
        note("Unknown payment", f"a notice about {answer.reference}", who="PayGate")
    else:
        _ask(about, answer)
    return _said("OK", 200)


def _body() -> bytes | None:
    """What was sent, None where that is more than 16 KiB."""
    request.max_content_length = LONGEST_BODY
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None


def _forged(came: Came, why: str) -> Response:
    note("Forged notice", why, who="Somebody")
    with transaction() as session:
        is_kept = service.take_forged(session, came, why, now_us=now_us())
    if not is_kept:
        return _said("Too many notices that are not the gateway's word.", 429)
    return _said("This is not the gateway's word.", 400)


def _ask(about: About, answer: Answer) -> None:
    service.ask(about.key, desk(), by=GATEWAY, now_us=now_us(), hint=answer.status)


def _said(words: str, status: int) -> Response:
    """Plain words: the gateway reads nothing else, and a page would begin a session."""
    response = make_response(words, status)
    response.mimetype = "text/plain"
    return response


@payments_pages.route("/payments/paygate/return", methods=["GET", "POST"])
@open_to(Who.ANYONE)
@judges_itself
def returned() -> ResponseReturnValue:
    """Send the browser on to our own page of the payment, which asks for a sign-in as ever."""
    try:
        told = desk().gateway.read_return(_sent())
    except NotGenuineError:
        return redirect(url_for("dashboard.home"), code=303)
    with reading() as session:
        about = service.find_about(session, told.pay_request_id)
    if about is None:
        return redirect(url_for("dashboard.home"), code=303)
    _take(told, about)
    address = url_for("payments.result", customer=about.customer, key=about.key)
    return redirect(address, code=303)


def _sent() -> list[tuple[str, str]]:
    request.max_content_length = LONGEST_BODY
    values = request.form if request.method == "POST" else request.args
    try:
        return list(values.items(multi=True))
    except RequestEntityTooLarge:
        return []


def _take(told: Returned, about: About) -> None:
    is_genuine = desk().gateway.is_genuine(told, about.reference)
    body = f"PAY_REQUEST_ID={told.pay_request_id}&TRANSACTION_STATUS={told.status}"
    came = Came(RETURN, body, request.remote_addr or "")
    if not is_genuine:
        note("Forged return", f"about {about.reference}")
        return
    with transaction() as session:
        service.take_return(session, came, about, now_us=now_us())
    service.ask(about.key, desk(), by=BROWSER, now_us=now_us(), hint=told.status)
