"""Doors of metering: sources, runs, what was refused and why."""

import re
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from dcx.accounts import service as accounts
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.errors import BadRequestError, DomainError
from dcx.kit.periods import Period, days_of, to_us
from dcx.metering import jobs, service
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render

metering_pages = Blueprint("metering", __name__)
_OFFSET = re.compile(r"^[+-]([01]\d|2[0-3]):[0-5]\d$")
SILENT_US = 26 * 3_600_000_000


@metering_pages.get("/metering")
@open_to(Who.STAFF)
def home() -> ResponseReturnValue:
    now_us = _now_us()
    today = days_of(Period(now_us, now_us + 1), current_app.config["DCX"].zone)[0][0]
    start = datetime(today.year, today.month, today.day, tzinfo=current_app.config["DCX"].zone)
    source, reason = request.args.get("source") or None, request.args.get("reason") or None
    with reading() as main, reading("bronze") as bronze:
        until_us = service.metered_until(main)
        return render(
            "metering/home.html",
            "metering/_quarantine.html",
            until_us=until_us,
            now_us=now_us,
            silent_us=SILENT_US,
            sources=service.sources(bronze),
            seen=service.sources_seen(bronze, to_us(start)),
            held=service.held_customers(main, accounts.customer_keys(main)),
            reasons=service.waiting_reasons(bronze),
            quarantined=service.quarantined(
                bronze, source=source, reason=reason, after=request.args.get("after", type=int)
            ),
            conflicts=service.conflicts(bronze, after=request.args.get("conflict", type=int)),
            runs=service.runs(main, before=request.args.get("run", type=int), limit=10),
            source=source,
            reason=reason,
            opened=request.args.get("row", type=int),
        )


@metering_pages.post("/metering/run")
@open_to(Who.BILLING)
def run() -> ResponseReturnValue:
    try:
        done = jobs.meter(asked_by=current_user.name, actor=actor())
        flash(f"Metered {done.logs} logs into {done.segments} changes of segments.", "ok")
        done.require_whole()
    except DomainError as error:
        flash(error.message, "bad")
    return go(url_for("metering.home"))


@metering_pages.post("/metering/quarantine")
@open_to(Who.BILLING)
def settle() -> ResponseReturnValue:
    """Replay or dismiss the rows that were ticked."""
    ids = request.form.getlist("id", type=int)
    offset = request.form.get("offset", "").strip() or None
    if offset and not _OFFSET.match(offset):
        raise BadRequestError("An offset is written like +02:00.")
    if not ids:
        flash("Tick the rows first.", "bad")
    elif request.form.get("act") == "replay":
        _replay(ids, offset)
    else:
        _dismiss(ids)
    return go(url_for("metering.home"))


def _dismiss(ids: list[int]) -> None:
    _note(Deed("dismissal asked for", "quarantined rows", after={"count": len(ids), "rows": ids}))
    with transaction("bronze") as bronze:
        count = service.dismiss(bronze, ids, now_us=_now_us())
    flash(f"{count} rows dismissed. They stay on record.", "ok")


def _replay(ids: list[int], offset: str | None) -> None:
    facts = {"count": len(ids), "rows": ids, "offset": offset}
    _note(Deed("replay asked for", "quarantined rows", after=facts))
    with reading() as main:
        customers = accounts.customer_keys(main)
    with transaction("bronze") as bronze:
        taken, refused = service.replay(
            bronze, ids, customers=customers, now_us=_now_us(), assumed_offset=offset
        )
    flash(f"{taken} rows taken, {refused} still refused.", "ok" if taken else "bad")


@metering_pages.post("/metering/conflicts")
@open_to(Who.BILLING)
def accept() -> ResponseReturnValue:
    """Accept that the first content of these event ids stands."""
    ids = request.form.getlist("id", type=int)
    if ids:
        _note(Deed("closing asked for", "conflicts", after={"count": len(ids), "conflicts": ids}))
    with transaction("bronze") as bronze:
        count = service.close_conflicts(bronze, ids, now_us=_now_us())
    flash(f"{count} conflicts closed: the first content stands.", "ok" if count else "bad")
    return go(url_for("metering.home"))


@metering_pages.get("/metering/sources/new")
@open_to(Who.BILLING)
def new_source() -> ResponseReturnValue:
    return render_template("metering/new_source.html", sent={}, fault=None)


@metering_pages.post("/metering/sources")
@open_to(Who.BILLING)
def add_source() -> ResponseReturnValue:
    name, mode = request.form.get("name", "").strip(), request.form.get("mode", "samples")
    gap = request.form.get("max_gap", type=int) if mode == "samples" else None
    try:
        with reading("bronze") as bronze:
            deed = service.asked_source(bronze, name, mode=mode, max_gap_s=gap)
        if deed:
            _note(deed)
        with transaction("bronze") as bronze:
            service.add_source(bronze, name, mode=mode, max_gap_s=gap, now_us=_now_us())
    except DomainError as error:
        return render_template(
            "metering/new_source.html", sent=request.form, fault=error.message
        ), 422
    flash(f"The source {name} is there. Send its logs with an API key or import a file.", "ok")
    return go(url_for("metering.home"))


def _note(deed: Deed) -> None:
    """Write what is asked before it is done: the audit and bronze share no transaction."""
    with transaction() as main:
        journal.record(main, actor(), deed, now_us=_now_us())


def _now_us() -> int:
    return to_us(datetime.now(UTC))
