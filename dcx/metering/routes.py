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
from dcx.kit.periods import day_period, to_us
from dcx.kit.sorting import Ask, page_in_order
from dcx.kit.words import counted
from dcx.metering import export, jobs, service
from dcx.pricing.service import quantity_micros
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render
from dcx.web.tables import asked

metering_pages = Blueprint("metering", __name__)
_OFFSET = re.compile(r"^[+-]([01]\d|2[0-3]):[0-5]\d$")
SILENT_US = 26 * 3_600_000_000


@metering_pages.get("/metering")
@open_to(Who.STAFF)
def home() -> ResponseReturnValue:
    source, reason = request.args.get("source") or None, request.args.get("reason") or None
    waiting, asks = {"source": source, "reason": reason}, _asks()
    if request.args.get("as") == "csv":
        return export.table(request.args.get("table", ""), _today_us(), asks, waiting)
    with reading() as main, reading("bronze") as bronze:
        sources = service.source_rows(bronze, since_us=_today_us())
        held = service.held_rows(main, accounts.customer_keys(main))
        return render(
            "metering/home.html",
            "metering/_quarantine.html",
            until_us=service.metered_until(main),
            now_us=_now_us(),
            silent_us=SILENT_US,
            sources=page_in_order(sources, service.SOURCE_COLUMNS, _name, asks["sources"]),
            held=page_in_order(held, service.HELD_COLUMNS, _held_key, asks["unknown"]),
            reasons=service.waiting_reasons(bronze),
            quarantined=service.quarantined(bronze, **waiting, ask=asks["quarantine"]),
            conflicts=service.conflicts(bronze, ask=asks["conflicts"]),
            runs=service.run_page(main, asks["runs"]),
            source=source,
            reason=reason,
            opened=request.args.get("row", type=int),
        )


def _asks() -> dict[str, Ask]:
    """How each table of the page is sorted, and which page of it."""
    return {
        "sources": asked(service.SOURCE_COLUMNS, "-last", name="sources"),
        "unknown": asked(service.HELD_COLUMNS, "-resources", name="unknown", limit=10),
        "quarantine": asked(service.QUARANTINE_COLUMNS, "-received", name="quarantine", limit=20),
        "conflicts": asked(service.CONFLICT_COLUMNS, "-received", name="conflicts", limit=10),
        "runs": asked(service.RUN_COLUMNS, "-started", name="runs", limit=10),
    }


def _name(row: service.SourceRow) -> str:
    return row.name


def _held_key(row: service.HeldRow) -> str:
    return row.key


def _today_us() -> int:
    """When today began where DCX is."""
    zone = current_app.config["DCX"].zone
    return day_period(datetime.now(zone).date(), zone).starts_us


@metering_pages.post("/metering/run")
@open_to(Who.BILLING)
def run() -> ResponseReturnValue:
    try:
        done = jobs.meter(asked_by=current_user.name, actor=actor())
        changes = counted(done.segments, "change")
        flash(f"Metered {counted(done.logs, 'log')} into {changes} of segments.", "ok")
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
    words = f"{counted(taken, 'row')} taken, {refused} still refused."
    flash(words, "ok" if taken else "bad")


@metering_pages.post("/metering/conflicts")
@open_to(Who.BILLING)
def accept() -> ResponseReturnValue:
    """Accept that the first content of these event ids stands."""
    ids = request.form.getlist("id", type=int)
    if ids:
        _note(Deed("closing asked for", "conflicts", after={"count": len(ids), "conflicts": ids}))
    with transaction("bronze") as bronze:
        count = service.close_conflicts(bronze, ids, now_us=_now_us())
    words = f"{counted(count, 'conflict')} closed: the first content stands."
    flash(words, "ok" if count else "bad")
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


@metering_pages.app_template_filter("quantity_of")
def quantity_of(quantity: int, meter: str) -> int:
    """Millionths of the meter's unit; goes on into the filter `micros`."""
    return quantity_micros(quantity, meter)


def _note(deed: Deed) -> None:
    """Write what is asked before it is done: the audit and bronze share no transaction."""
    with transaction() as main:
        journal.record(main, actor(), deed, now_us=_now_us())


def _now_us() -> int:
    return to_us(datetime.now(UTC))
