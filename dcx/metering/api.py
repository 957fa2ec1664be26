"""The API of metering: logs in, usage and runs out.

Logs that come in are not in the audit: there are too many of them, and `batch` says of each
delivery which source sent it, when, and what became of its rows.
"""

import gzip
import io
import zlib
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import current_app, request
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.accounts.api import own_customer
from dcx.journal.api import OnceHeader, once
from dcx.kit.errors import BadRequestError, NotAllowedError, TooLargeError
from dcx.kit.periods import instant_text, to_us
from dcx.metering import service
from dcx.metering.forms import (
    DISK_LOGS,
    VM_LOGS,
    Received,
    RunsAnswer,
    RunsQuery,
    SendQuery,
    UsageAnswer,
    UsageQuery,
)
from dcx.metering.reader import BrokenError, Rows, read_rows
from dcx.metering.rules.cells import Fault
from dcx.metering.rules.logs import misplaced
from dcx.repository.session import reading, transaction
from dcx.web.api import BODY, answers
from dcx.web.doors import open_to_scope
from dcx.web.texts import judges_itself

metering_api = APIBlueprint("metering_api", __name__, url_prefix="/api/v1/metering", tag="Metering")
MOST_BYTES = 64 * 1024 * 1024
Sent = dict[str, Any]
_FORMS = {"application/x-ndjson": "ndjson", "application/json": "json"}


@metering_api.post("/vm-logs")
@metering_api.input(SendQuery, location="query")
@metering_api.input(OnceHeader, location="headers", arg_name="header")
@metering_api.doc(
    summary="Send logs of VMs: a JSON list, or NDJSON",
    responses=answers(Received, "What became of the rows"),
    extensions={BODY: VM_LOGS},
    security="key",
)
@open_to_scope("metering:write")
@judges_itself
def send_vm_logs(query_data: Sent, header: Sent) -> ResponseReturnValue:
    return once(header.get("once"), lambda: _receive(query_data["source"], "vm"))


@metering_api.post("/disk-logs")
@metering_api.input(SendQuery, location="query")
@metering_api.input(OnceHeader, location="headers", arg_name="header")
@metering_api.doc(
    summary="Send logs of disks: a JSON list, or NDJSON",
    responses=answers(Received, "What became of the rows"),
    extensions={BODY: DISK_LOGS},
    security="key",
)
@open_to_scope("metering:write")
@judges_itself
def send_disk_logs(query_data: Sent, header: Sent) -> ResponseReturnValue:
    return once(header.get("once"), lambda: _receive(query_data["source"], "disk"))


def _receive(source: str, kind: str) -> dict[str, Any]:
    with reading() as session:
        customers = accounts.customer_keys(session)
    delivery = service.Delivery(source, "API", customers, _now_us())
    try:
        with transaction("bronze") as session:
            receipt = service.ingest(session, delivery, _rows(kind))
    except BrokenError as error:
        raise BadRequestError(f"The body {error}. Nothing of it was stored.") from error
    counts = receipt.counts()
    return {
        **{name: counts[name] for name in ("stored", "duplicates", "conflicts", "held")},
        "quarantined": [{"row": row, "reason": reason} for row, reason in receipt.faults],
    }


def _rows(kind: str) -> Rows:
    """The rows of the body; those that belong to another door or another customer as faults."""
    form = _FORMS.get(request.mimetype)
    if form is None:
        raise BadRequestError("Send Content-Type: application/json or application/x-ndjson.")
    own = own_customer()
    for columns, cells, raw in read_rows(io.BytesIO(_body()), form):
        fault = None
        if not isinstance(cells, Fault):
            fault = misplaced(columns, cells, kind=kind, customer=own)
        yield columns, fault or cells, raw


def _body() -> bytes:
    sent = request.get_data(cache=True)
    if request.headers.get("Content-Encoding") != "gzip" and sent[:2] != b"\x1f\x8b":
        return sent
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(sent)) as stream:
            body = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadRequestError(
            "The body is broken or cut gzip. Nothing of it was stored."
        ) from error
    if len(body) > MOST_BYTES:
        raise TooLargeError("The body is larger than 64 MiB unpacked. Send it in parts.")
    return body


@metering_api.get("/usage")
@metering_api.input(UsageQuery, location="query")
@metering_api.doc(
    summary="Usage of a period, grouped",
    responses=answers(UsageAnswer, "Usage, in the order of its groups"),
    security="key",
)
@open_to_scope("metering:read")
def usage(query_data: Sent) -> ResponseReturnValue:
    by = [group for given in query_data["by"] for group in given.split(",") if group]
    unknown = sorted(set(by) - set(service.GROUPS))
    if unknown:
        raise BadRequestError(
            f"by is one of {', '.join(service.GROUPS)}, not {', '.join(unknown)}."
        )
    period = service.usage_period(query_data["start"], query_data["end"])
    zone = current_app.config["DCX"].zone
    customer = _customer(query_data)
    with reading() as session:
        return service.usage_answer(session, period, zone, customer=customer, by=by)


@metering_api.get("/runs")
@metering_api.input(RunsQuery, location="query")
@metering_api.doc(
    summary="The last runs and how far usage is metered",
    description="A customer's key learns how far; runs and pending are the provider's.",
    responses=answers(RunsAnswer, "Newest first"),
    security="key",
)
@open_to_scope("metering:read")
def runs(query_data: Sent) -> ResponseReturnValue:
    _customer(query_data)
    with reading() as session:
        until = service.metered_until(session)
        told = {"metered_until": instant_text(until) if until else None}
        if own_customer():
            return {**told, "pending": None, "runs": [], "next": None}
        limit = query_data["limit"]
        found = service.runs(session, before=query_data.get("after"), limit=limit + 1)
    with reading("bronze") as session:
        pending = service.waiting_counts(session)[2]
    last = found[limit - 1].id if len(found) > limit else None
    return {**told, "pending": pending, "runs": list(map(_run, found[:limit])), "next": last}


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


def _customer(query: Sent) -> str | None:
    """The customer whose data this key may read; None: all, for the provider's keys."""
    own, asked = own_customer(), query.get("customer")
    if own and asked and asked != own:
        raise NotAllowedError("This key belongs to another customer.")
    if asked and not own:
        with reading() as main, reading("bronze") as bronze:
            service.require_customer(main, bronze, asked, known=accounts.customer_keys(main))
    return own or asked


def _now_us() -> int:
    return to_us(datetime.now(UTC))
