"""Doors of the journal: what the clock does, and what everybody did."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from flask import (
    Blueprint,
    current_app,
    render_template,
    request,
)
from flask.typing import ResponseReturnValue

from dcx.journal import service
from dcx.journal.export import CSV_HEAD, csv_rows
from dcx.journal.forms import read_before, read_wanted
from dcx.kit.periods import instant_text, to_us
from dcx.kit.sorting import PER_PAGE, Ask
from dcx.repository.migrations import databases_behind
from dcx.repository.session import reading
from dcx.web.doors import Who, open_to
from dcx.web.htmx import render
from dcx.web.tables import as_csv, asked, wants_csv

journal_pages = Blueprint("journal", __name__)
RUNS_HEAD = ("job", "started", "ended", "result", "counted", "error")
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
    job, ask = request.args.get("job") or None, asked(service.JOB_RUN_COLUMNS, "-started")
    if wants_csv():
        return as_csv("job-runs.csv", RUNS_HEAD, lambda: _run_rows(job, ask))
    schedule = current_app.config["SCHEDULE"]
    with reading() as session:
        return render_template(
            "journal/jobs.html",
            page=service.job_runs(session, job=job, ask=ask),
            last=service.last_job_runs(session),
            schedule=schedule,
            words={each.name: each.words for each in schedule},
            beat=service.last_beat(session),
            now_us=to_us(datetime.now(UTC)),
            job=job,
        )


def _run_rows(job: str | None, ask: Ask) -> Iterator[tuple[object, ...]]:
    with reading() as session:
        for run in service.every_job_run(session, job=job, ask=ask):
            ended = instant_text(run.ended_us) if run.ended_us else ""
            started = instant_text(run.started_us)
            yield run.job, started, ended, run.status, run.counts, run.error or ""


@journal_pages.get("/audit")
@open_to(Who.ADMIN)
def audit() -> ResponseReturnValue:
    wanted = read_wanted(request.args, current_app.config["DCX"].zone)
    if wants_csv():
        return as_csv("audit.csv", CSV_HEAD, lambda: _audit_rows(wanted))
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


def _audit_rows(wanted: service.Wanted) -> Iterator[tuple[object, ...]]:
    """Everything that matches, not only a page of it, as it is read."""
    with reading() as session:
        yield from csv_rows(service.every_entry(session, wanted))


@journal_pages.app_template_filter("counts")
def counts(text: str) -> str:
    """What a run counted, in words."""
    return ", ".join(f"{name} {count}" for name, count in json.loads(text or "{}").items())
