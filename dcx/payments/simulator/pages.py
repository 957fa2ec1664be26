"""What a customer's browser sees: the card page, the bank's page, and the way back."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request

from dcx.payments.simulator import outcomes
from dcx.payments.simulator.answers import at, simulator
from dcx.payments.simulator.book import PayRequest
from dcx.payments.simulator.cards import CARDS
from dcx.payments.simulator.errors import RefusedError
from dcx.payments.simulator.notices import return_of
from dcx.payments.simulator.payweb import enter, require_payable

pages = Blueprint("pages", __name__)
MINUTE_S, TWO_DAYS_S = 60, 2 * 24 * 3600
EFT = {
    "now": (MINUTE_S, True),
    "later": (TWO_DAYS_S, True),
    "never": (TWO_DAYS_S, False),
}
"""When the bank speaks about an EFT, and whether it approves."""


@pages.post("/payweb3/process.trans")
@pages.post("/PayHost/process.trans")
@at("process")
def process() -> Response:
    return _page(lambda: enter(simulator(), request.form))


@pages.get("/pay/<request_id>")
def look(request_id: str) -> Response:
    return _page(lambda: require_payable(simulator(), request_id))


@pages.post("/pay/<request_id>/card")
def give_card(request_id: str) -> Response:
    sent = request.form
    expires = "".join(sign for sign in sent.get("expires", "") if sign.isdigit())
    if len(expires) == len("MMYY"):
        expires = f"{expires[:2]}20{expires[2:]}"
    if not _is_month(expires):
        return _page(lambda: require_payable(simulator(), request_id), "Write it as MM/YYYY.")
    number = sent.get("number", "")
    return _page(lambda: outcomes.card_given(simulator(), request_id, number, expires))


@pages.post("/pay/<request_id>/kept-card")
def give_kept_card(request_id: str) -> Response:
    return _page(lambda: outcomes.kept_card_given(simulator(), request_id))


@pages.post("/pay/<request_id>/code")
def give_code(request_id: str) -> Response:
    code = "" if "leave" in request.form else request.form.get("code", "") or "none"
    return _page(lambda: outcomes.code_given(simulator(), request_id, code))


@pages.post("/pay/<request_id>/eft")
def begin_eft(request_id: str) -> Response:
    after_s, approves = EFT.get(request.form.get("bank", ""), EFT["now"])
    return _page(
        lambda: outcomes.eft_begun(simulator(), request_id, after_s=after_s, approves=approves)
    )


@pages.post("/pay/<request_id>/cancel")
def cancel(request_id: str) -> Response:
    return _page(lambda: outcomes.cancelled(simulator(), request_id))


@pages.post("/pay/<request_id>/break")
def break_down(request_id: str) -> Response:
    return _page(lambda: outcomes.broken(simulator(), request_id))


def _page(step: Callable[[], PayRequest], fault: str = "") -> Response:
    """Take the step and show where the request stands after it."""
    try:
        found = step()
    except RefusedError as refusal:
        return make_response(render_template("refused.html", refusal=refusal))
    if found.state != "open":
        return _way_back(found)
    return _form(found, fault)


def _form(found: PayRequest, fault: str) -> Response:
    merchant = simulator().merchant
    only = found.asked.get("PAY_METHOD")
    methods = [each for each in merchant.methods if only in {None, each}]
    method = request.args.get("method", "")
    token = simulator().book.contents.tokens.get(found.asked.get("VAULT_ID", ""))
    shown = "bank.html" if found.waits_for else "card.html"
    number = request.args.get("card", request.form.get("number", ""))
    return make_response(
        render_template(
            shown,
            asked=found.asked,
            request_id=found.id,
            methods=methods,
            method=method if method in methods else methods[0],
            token=token,
            cards=CARDS,
            number=number,
            next_year=simulator().book.now.year + 1,
            fault=fault,
            declined=found.outcome,
            right_code=outcomes.RIGHT_CODE,
        )
    )


def _way_back(found: PayRequest) -> Response:
    """The page that sends the browser home; or none, where the customer closed it."""
    if "closes" in request.form:
        return make_response(render_template("closed.html"))
    fields = return_of(simulator(), found)
    url = found.asked["RETURN_URL"]
    is_post = simulator().merchant.returns_by == "POST"
    link = f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"
    response = make_response(
        render_template("back.html", url=url, link=link, fields=fields, is_post=is_post)
    )
    response.headers["X-Leads-To"] = url
    return response


def _is_month(expires: str) -> bool:
    return len(expires) == len("MMYYYY") and 1 <= int(expires[:2]) <= 12  # noqa: PLR2004
