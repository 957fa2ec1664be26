"""How a test or a person steers the simulator: faults, clock, banks. From this machine only."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue

from dcx.payments.simulator import outcomes
from dcx.payments.simulator.answers import simulator
from dcx.payments.simulator.errors import RefusedError
from dcx.payments.simulator.faults import Fault

control = Blueprint("control", __name__, url_prefix="/control")
THIS_MACHINE = {"127.0.0.1", "::1"}
NAMES = {"127.0.0.1", "localhost", "[::1]"}


@control.before_request
def only_from_here() -> None:
    """Neither another machine nor a page of another site in a browser here may steer."""
    host = request.host.rpartition(":")[0] if request.host[-1:].isdigit() else request.host
    if request.remote_addr not in THIS_MACHINE or (host or request.host) not in NAMES:
        abort(403)
    if request.method != "GET" and not request.is_json:
        abort(415)


@control.get("/")
def show() -> ResponseReturnValue:
    """All that it remembers but for card numbers, which are test cards' anyway."""
    contents = simulator().book.contents
    return jsonify(
        now=simulator().book.now.isoformat(),
        requests=[asdict(each) for each in contents.requests.values()],
        transactions=[asdict(each) for each in contents.transactions.values()],
        attempts=[asdict(each) for each in contents.attempts],
    )


@control.post("/faults")
def set_fault() -> ResponseReturnValue:
    return _done(lambda sent: simulator().faults.add(Fault(**sent)))


@control.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    return _done(lambda _: simulator().faults.clear())


@control.post("/clock")
def move_clock() -> ResponseReturnValue:
    return _done(lambda sent: outcomes.advance(simulator(), float(sent["seconds"])))


@control.post("/merchant")
def change_merchant() -> ResponseReturnValue:
    def change(sent: dict[str, Any]) -> None:
        simulator().merchant = simulator().merchant.changed(**sent)

    return _done(change)


@control.post("/eft")
def settle_eft() -> ResponseReturnValue:
    return _done(
        lambda sent: outcomes.eft_settled(
            simulator(), sent["pay_request_id"], approves=sent.get("approves", True)
        )
    )


@control.post("/void")
def void() -> ResponseReturnValue:
    return _done(lambda sent: outcomes.voided(simulator(), sent["pay_request_id"]))


@control.post("/token")
def decline_token() -> ResponseReturnValue:
    return _done(
        lambda sent: outcomes.token_declines(
            simulator(), sent["vault_id"], sent.get("result", "900003")
        )
    )


@control.post("/reset")
def reset() -> ResponseReturnValue:
    return _done(lambda _: simulator().reset())


def _done(act: Callable[[dict[str, Any]], object]) -> ResponseReturnValue:
    try:
        act(request.get_json(silent=True) or {})
    except (KeyError, TypeError, ValueError, RefusedError) as error:
        return jsonify(error=str(error)), 400
    return jsonify(now=simulator().book.now.isoformat())
