"""The API of metering: logs in, usage and runs out.

Logs that come in are not in the audit: there are too many of them, and `batch` says of each
delivery which source sent it, when, and what became of its rows.
"""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response, current_app, make_response, request
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.kit.errors import BadRequestError, NotAllowedError, TooLargeError
from dcx.kit.ids import fingerprint
from dcx.kit.periods import Period, instant_text, parse_instant, to_us
from dcx.metering import service
from dcx.metering.reader import Rows, read_rows
from dcx.repository.session import reading, transaction
from dcx.web.doors import open_to_scope, viewer

metering_api = APIBlueprint("metering_api", __name__, url_prefix="/api/v1/metering", tag="Metering")
MOST_BYTES = 64 * 1024 * 1024
_FORMS = {"application/x-ndjson": "ndjson", "application/json": "json"}


@metering_api.post("/vm-logs")
@metering_api.doc(summary="Send logs of VMs: a JSON list, or NDJSON", security="key")
@open_to_scope("metering:write")
def send_vm_logs() -> ResponseReturnValue:
    return _once(lambda: _receive("vm_id"))


@metering_api.post("/disk-logs")
@metering_api.doc(summary="Send logs of disks: a JSON list, or NDJSON", security="key")
@open_to_scope("metering:write")
def send_disk_logs() -> ResponseReturnValue:
    return _once(lambda: _receive("disk_id"))


def _receive(about: str) -> dict[str, Any]:
    source = request.args.get("source", "")
    if not source:
        raise BadRequestError("Name the source of these logs: ?source=NAME.")
    rows = _rows(about)
    with reading() as session:
        customers = accounts.customer_keys(session)
    delivery = service.Delivery(source, "API", customers, _now_us())
    try:
        with transaction("bronze") as session:
            receipt = service.ingest(session, delivery, rows)
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"The body {error}. Nothing of it was stored.") from error
    counts = receipt.counts()
    return {
        **{name: counts[name] for name in ("stored", "duplicates", "conflicts", "held")},
        "quarantined": [{"row": row, "reason": reason} for row, reason in receipt.faults],
    }


def _rows(about: str) -> Rows:
    form = _FORMS.get(request.mimetype)
    if form is None:
        raise BadRequestError("Send Content-Type: application/json or application/x-ndjson.")
    other = "disk_id" if about == "vm_id" else ""
    for columns, cells, raw in read_rows(io.BytesIO(_body()), form):
        if cells is not None and other in columns and cells[columns.index(other)]:
            yield columns, None, json.dumps(dict(zip(columns, cells, strict=True)), default=str)
        else:
            yield columns, cells, raw


def _body() -> bytes:
    sent = request.get_data(cache=True)
    if request.headers.get("Content-Encoding") != "gzip" and sent[:2] != b"\x1f\x8b":
        return sent
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(sent)) as stream:
            body = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise BadRequestError(
            "The body is broken or cut gzip. Nothing of it was stored."
        ) from error
    if len(body) > MOST_BYTES:
        raise TooLargeError("The body is larger than 64 MiB unpacked. Send it in parts.")
    return body


def _once(work: Callable[[], dict[str, Any]]) -> ResponseReturnValue:
    """Do the work once for an Idempotency-Key; without one, natural keys make it safe to repeat."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        return work()
    caller = str(viewer().get_id())  # type: ignore[attr-defined]
    told = fingerprint(f"{request.full_path} {fingerprint(request.get_data().hex())}")
    with transaction() as session:
        known = journal.claim_request(session, caller, key, told, now_us=_now_us())
        if known is not None:
            return _json(known.body or "", known.status or 200)
    try:
        body = json.dumps(work())
    except Exception:
        with transaction() as session:
            journal.release_request(session, caller, key)
        raise
    with transaction() as session:
        journal.keep_answer(session, caller, key, status=200, body=body)
    return _json(body, 200)


def _json(body: str, status: int) -> Response:
    response = make_response(body, status)
    response.mimetype = "application/json"
    return response


@metering_api.get("/usage")
@metering_api.doc(summary="Usage of a period, grouped", security="key")
@open_to_scope("metering:read")
def usage() -> ResponseReturnValue:
    by = [group for given in request.args.getlist("by") for group in given.split(",") if group]
    unknown = sorted(set(by) - set(service.GROUPS))
    if unknown:
        raise BadRequestError(
            f"by is one of {', '.join(service.GROUPS)}, not {', '.join(unknown)}."
        )
    period = Period(_instant("from"), _instant("to"))
    zone = current_app.config["DCX"].zone
    with reading() as session:
        return service.usage_answer(session, period, zone, customer=_customer(), by=by)


@metering_api.get("/runs")
@metering_api.doc(summary="The last runs and how far usage is metered", security="key")
@open_to_scope("metering:read")
def runs() -> ResponseReturnValue:
    _customer()
    with reading("bronze") as session:
        pending = service.waiting_counts(session)[2]
    with reading() as session:
        until = service.metered_until(session)
        return {
            "metered_until": instant_text(until) if until else None,
            "pending": pending,
            "runs": [_run(run) for run in service.runs(session)],
        }


def _run(run: Any) -> dict[str, Any]:
    return {
        "started_at": instant_text(run.started_us),
        "ended_at": instant_text(run.ended_us) if run.ended_us else None,
        "by": run.asked_by,
        "logs": run.logs,
        "segments": run.segments,
        "until": instant_text(run.metered_until_us) if run.metered_until_us else None,
        "error": run.error,
    }


def _customer() -> str | None:
    """The customer whose data this key may read; None: all, for the provider's keys."""
    own: str | None = viewer().customer  # type: ignore[attr-defined]
    asked = request.args.get("customer")
    if own and asked and asked != own:
        raise NotAllowedError("This key belongs to another customer.")
    return own or asked


def _instant(name: str) -> int:
    try:
        return parse_instant(request.args.get(name, ""))
    except ValueError as error:
        raise BadRequestError(f"{name}: {error}") from error


def _now_us() -> int:
    return to_us(datetime.now(UTC))
