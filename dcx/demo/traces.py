"""Real traces whose times are moved to end in the present."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dcx.kit.periods import Period, instant_text, parse_instant

DATA = Path(__file__).resolve().parent / "data"
_JULY = Period(parse_instant("2013-06-30T22:00:00Z"), parse_instant("2013-07-31T22:00:00Z"))
_APRIL = Period(parse_instant("2018-04-18T14:00:00Z"), parse_instant("2018-04-30T18:00:00Z"))
_TIMES = ("generated", "launched_at", "created_at", "deleted_at")

Row = dict[str, Any]


def vm_rows(start_us: int, span: Period) -> Iterator[Row]:
    """VM logs that fall into `span`: July 2013 over and over from `start_us` on."""
    trace = list(
        csv.DictReader(
            io.StringIO(gzip.decompress((DATA / "vm_events_2013-07.csv.gz").read_bytes()).decode())
        )
    )
    first = (span.starts_us - start_us) // _JULY.length_us
    last = (span.ends_us - start_us) // _JULY.length_us
    for turn in range(max(first, 0), last + 1):
        moved_us = start_us + turn * _JULY.length_us - _JULY.starts_us
        for row in trace:
            at_us = parse_instant(row["at"]) + moved_us
            if span.starts_us <= at_us < span.ends_us:
                yield {**row, "at": instant_text(at_us), "event_id": f"{turn}-{row['event_id']}"}


def notifications(whole: Period, span: Period) -> Iterator[Row]:
    """OpenStack notifications that fall into `span`: twelve days of April 2018 drawn out over
    `whole`.
    """
    with gzip.open(DATA / "openstack_events_2018-04.ndjson.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            moved = {name: _drawn_out(event[name], whole) for name in _TIMES if event.get(name)}
            if span.starts_us <= parse_instant(moved["generated"]) < span.ends_us:
                yield {**event, **moved}


def _drawn_out(text: str, whole: Period) -> str:
    instant = datetime.fromisoformat(text)
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    passed = parse_instant(aware.isoformat()) - _APRIL.starts_us
    return instant_text(whole.starts_us + passed * whole.length_us // _APRIL.length_us)
