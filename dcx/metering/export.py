"""The tables of metering as CSV, read as they are sent."""

import json
from collections.abc import Callable, Iterator, Mapping

from flask import Response

from dcx.accounts import service as accounts
from dcx.kit.errors import BadRequestError
from dcx.kit.periods import FOREVER, SECOND_US, instant_text
from dcx.kit.sorting import Ask, in_order
from dcx.metering import service
from dcx.pricing.service import METERS, quantity_text
from dcx.repository.session import reading
from dcx.web.tables import as_csv

Cells = Iterator[tuple[object, ...]]
HEADS = {
    "sources": ("source", "mode", "max_gap_s", "last_sent", "stored_today", "refused_today"),
    "unknown": ("customer", "resources", "since", "used"),
    "quarantine": ("source", "batch", "row", "reason", "resource", "received", "raw"),
    "conflicts": ("event_id", "source", "kind", "received", "differs", "stands", "refused"),
    "runs": ("started", "ended", "by", "logs", "segments", "until", "error"),
}  # fmt: skip


def table(
    name: str, today_us: int, asks: Mapping[str, Ask], waiting: Mapping[str, str | None]
) -> Response:
    """The whole of a table of the metering page; `waiting` filters the quarantine."""
    rows: dict[str, Callable[[], Cells]] = {
        "sources": lambda: _sources(today_us, asks["sources"]),
        "unknown": lambda: _unknown(asks["unknown"]),
        "quarantine": lambda: _quarantine(waiting, asks["quarantine"]),
        "conflicts": lambda: _conflicts(asks["conflicts"]),
        "runs": lambda: _runs(asks["runs"]),
    }
    if name not in rows:
        raise BadRequestError(f"There is no table {name!r} here.")
    return as_csv(f"{name}.csv", HEADS[name], rows[name])


def _sources(today_us: int, ask: Ask) -> Cells:
    with reading("bronze") as bronze:
        rows = service.source_rows(bronze, since_us=today_us)
    for row in in_order(rows, service.SOURCE_COLUMNS, lambda row: row.name, ask):
        gap = "" if row.max_gap_us == FOREVER else row.max_gap_us // SECOND_US
        yield row.name, row.mode, gap, _instant(row.last_us), row.stored, row.refused


def _unknown(ask: Ask) -> Cells:
    with reading() as main:
        rows = service.held_rows(main, accounts.customer_keys(main))
    for row in in_order(rows, service.HELD_COLUMNS, lambda row: row.key, ask):
        used = "; ".join(
            f"{meter} {quantity_text(quantity, meter)} {METERS[meter].unit}"
            for meter, quantity in row.used.items()
        )
        yield row.key, row.resources, _instant(row.since_us), used


def _quarantine(waiting: Mapping[str, str | None], ask: Ask) -> Cells:
    source, reason = waiting["source"], waiting["reason"]
    with reading("bronze") as bronze:
        rows = service.every_quarantined(bronze, source=source, reason=reason, ask=ask)
        for row, name, batch in rows:
            received = _instant(row.received_us)
            yield name, batch, row.row, row.reason, row.resource, received, row.raw


def _conflicts(ask: Ask) -> Cells:
    with reading("bronze") as bronze:
        for clash in service.every_conflict(bronze, ask):
            yield (
                clash.event_id,
                clash.source,
                clash.kind,
                _instant(clash.received_us),
                ", ".join(clash.differing),
                json.dumps(clash.standing, ensure_ascii=False),
                json.dumps(clash.refused, ensure_ascii=False),
            )


def _runs(ask: Ask) -> Cells:
    with reading() as main:
        for run in service.every_run(main, ask):
            yield (
                instant_text(run.started_us),
                _instant(run.ended_us),
                run.asked_by,
                run.logs,
                run.segments,
                _instant(run.metered_until_us),
                run.error or "",
            )


def _instant(us: int | None) -> str:
    return instant_text(us) if us else ""
