"""Doors of the journal: what the clock does, and what everybody did."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    current_app,
    render_template,
    request,
    stream_with_context,
)
from flask.typing import ResponseReturnValue

from dcx.journal import service
from dcx.journal.export import CSV_HEAD, csv_rows
from dcx.journal.forms import read_before, read_wanted
from dcx.kit.csv import csv_lines
from dcx.kit.periods import instant_text, to_us
from dcx.repository.migrations import databases_behind
from dcx.repository.session import reading
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render

journal_pages = Blueprint("journal", __name__)
PER_PAGE = 30
SILENT_US = 60_000_000


@journal_pages.get("/healthz")
@open_to(Who.ANYONE)
def alive() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@journal_pages.get("/readyz")
@open_to(Who.ANYONE)
def ready() -> ResponseReturnValue:
    """Both databases answer and stand at the newest migration; and when the clock last ticked."""
    behind = databases_behind()
    if behind:
        return {"status": "behind", "databases_behind": behind}, 503
    now_us = to_us(datetime.now(UTC))
    with reading() as session:
        beat_us = service.last_beat(session)
    is_silent = beat_us is None or now_us - beat_us > SILENT_US
    wants_clock = current_app.config["DCX"].scheduler
    answer: dict[str, object] = {
        "status": "scheduler silent" if is_silent and wants_clock else "ok",
        "databases_behind": [],
        "scheduler_beat": instant_text(beat_us) if beat_us else None,
    }
    return answer, 503 if answer["status"] != "ok" else 200


@journal_pages.get("/jobs")
@open_to(Who.STAFF)
def jobs() -> ResponseReturnValue:
    job = request.args.get("job") or None
    with reading() as session:
        runs = service.job_runs(
            session, job=job, before=request.args.get("after", type=int), limit=PER_PAGE + 1
        )
        return render_template(
            "journal/jobs.html",
            runs=runs[:PER_PAGE],
            after=runs[PER_PAGE - 1].id if len(runs) > PER_PAGE else None,
            last=service.last_job_runs(session),
            schedule=current_app.config["SCHEDULE"],
            beat=service.last_beat(session),
            now_us=to_us(datetime.now(UTC)),
            job=job,
        )


@journal_pages.get("/audit")
@open_to(Who.ADMIN)
def audit() -> ResponseReturnValue:
    wanted = read_wanted(request.args, current_app.config["DCX"].zone)
    if request.args.get("as") == "csv":
        return _audit_csv(wanted)
    with reading() as session:
        customers = current_app.config["CUSTOMERS"](session)
        return render(
            "journal/audit.html",
            "journal/_entries.html",
            page=service.entries(session, wanted, before=read_before(request.args), limit=PER_PAGE),
            end=service.chain_end(session),
            people=service.people(session),
            names={customer.key: customer.name for customer in customers},
            wanted=wanted,
            is_filtered=wanted != service.Wanted(),
        )


def _audit_csv(wanted: service.Wanted) -> Response:
    """Everything that matches, not only a page of it, as it is read."""

    def lines() -> Iterator[str]:
        with reading() as session:
            yield from csv_lines(CSV_HEAD, csv_rows(service.every_entry(session, wanted)))

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


@journal_pages.app_template_filter("counts")
def counts(text: str) -> str:
    """What a run counted, in words."""
    return ", ".join(f"{name} {count}" for name, count in json.loads(text or "{}").items())
