"""Answers that go wrong on purpose: late, cut, empty, huge, an error page, or never."""

import socket
import time
from collections.abc import Callable
from typing import ParamSpec

from flask import Response, current_app, request

from dcx.payments.simulator.desk import Simulator
from dcx.payments.simulator.errors import RefusedError
from dcx.payments.simulator.faults import TRANSPORT, Fault

HUGE = 10 * 1024 * 1024
PAGE = (
    "<!doctype html><html><head><title>Down</title></head><body><p>We are busy.</p></body></html>"
)
Rest = ParamSpec("Rest")


def simulator() -> Simulator:
    """The simulator that this app serves."""
    found: Simulator = current_app.config["SIMULATOR"]
    return found


def at(place: str) -> Callable[[Callable[Rest, Response]], Callable[Rest, Response]]:
    """A door whose answer the faults of that place may spoil."""

    def declare(view: Callable[Rest, Response]) -> Callable[Rest, Response]:
        def answer(*args: Rest.args, **kwargs: Rest.kwargs) -> Response:
            fault = simulator().faults.take(place, TRANSPORT)
            if fault is None:
                return view(*args, **kwargs)
            if not fault.after_work:
                return _spoilt(Response("", content_type="text/plain"), fault)
            return _spoilt(view(*args, **kwargs), fault)

        answer.__name__ = view.__name__
        return answer

    return declare


def plainly(answer: Callable[[Simulator, bytes, str], str]) -> Response:
    """What a function says to the body of this request, or the code of its refusal, as text."""
    try:
        text = answer(simulator(), request.get_data(), request.mimetype)
    except RefusedError as refusal:
        text = f"ERROR={refusal.code}"
    return Response(text, content_type="text/html; charset=UTF-8")


def _spoilt(response: Response, fault: Fault) -> Response:
    if fault.kind == "http_500":
        return Response(PAGE, 500)
    if fault.kind == "timeout":
        time.sleep(fault.seconds)
        return _hung_up(response)
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return response
    response.set_data(_spoilt_text(response.get_data(), fault))
    return response


def _spoilt_text(text: bytes, fault: Fault) -> bytes:
    texts = {
        "truncated": text[: len(text) // 2],
        "html": PAGE.encode(),
        "empty": b"",
        "huge": b"x" * HUGE,
        "error": f"ERROR={fault.value}".encode(),
    }
    return texts[fault.kind]


def _hung_up(response: Response) -> Response:
    """Close the line under the answer, where there is a line."""
    line = request.environ.get("werkzeug.socket")
    if line is not None:
        line.shutdown(socket.SHUT_RDWR)
    return response
