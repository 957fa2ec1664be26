"""`flask metering ...`: sources, import, runs and usage."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app

from dcx.accounts import service as accounts
from dcx.commands.speech import Refusal, Room, as_json, command_line, on_databases, say
from dcx.journal import service as journal
from dcx.kit.errors import BadRequestError
from dcx.kit.periods import instant_text, parse_instant, to_us
from dcx.metering import jobs, service
from dcx.metering.reader import open_rows
from dcx.repository.session import reading, transaction

metering = Room("metering", help="Sources of logs, import, runs and usage.")


@metering.command("add-source")
@click.argument("name")
@click.option("--mode", type=click.Choice(["samples", "events"]), required=True)
@click.option("--max-gap", type=int, help="Seconds that a sample may hold (samples only; 600).")
@click.option("--url", help="Somebody else's log database, read-only.")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False), help="What its columns mean (TOML)."
)
@as_json
@on_databases
def add_source(name: str, style: str, **asked: Any) -> None:
    """Add a source of logs."""
    mode, max_gap = asked["mode"], asked["max_gap"]
    remote = _remote(asked["url"], asked["mapping"])
    if remote:
        service.try_remote(*remote)
    with reading("bronze") as session:
        deed = service.asked_source(session, name, mode=mode, max_gap_s=max_gap, remote=remote)
    if deed:
        with transaction() as session:
            journal.record(session, command_line(), deed, now_us=_now_us())
    with transaction("bronze") as session:
        service.add_source(
            session, name, mode=mode, max_gap_s=max_gap, remote=remote, now_us=_now_us()
        )
    if style == "json":
        say({"source": name, "mode": mode}, style)
    else:
        click.echo(f"Source {name} ({mode}) is there.")


def _remote(url: str | None, mapping: str | None) -> tuple[str, str] | None:
    if (url is None) != (mapping is None):
        raise click.UsageError("--url and --mapping belong together.")
    if url is None or mapping is None:
        return None
    try:
        return url, Path(mapping).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(f"{mapping}: {getattr(error, 'strerror', None) or error}.") from error


@metering.command("import")
@click.argument("files", nargs=-1, required=True)
@click.option("--source", required=True, help="The source that these logs come from.")
@click.option(
    "--format", "style", type=click.Choice(["dcx", "openstack", "json", "text"]), multiple=True
)
@on_databases
def import_(files: tuple[str, ...], source: str, style: tuple[str, ...]) -> None:
    """Import FILES of logs: .csv .ndjson .json .parquet, each also .gz; - is standard input.

    What came in is on record in `batch`, as it is for the API; the audit leaves it out.
    """
    with reading() as session:
        customers = accounts.customer_keys(session)
    total = service.Receipt()
    for name in files:
        delivery = service.Delivery(source, name, customers, _now_us())
        with (
            _watched(name) as watch,
            transaction("bronze") as session,
            open_rows(name, watch) as rows,
        ):
            total.add(service.ingest(session, delivery, rows, is_openstack="openstack" in style))
    say(total.counts(), "text" if "text" in style else "json")


@contextmanager
def _watched(name: str) -> Iterator[Callable[[int], None] | None]:
    """A progress bar over the bytes of a file, on a terminal."""
    if name == "-" or not sys.stderr.isatty() or not Path(name).is_file():
        yield None
        return
    with click.progressbar(
        length=Path(name).stat().st_size, label=Path(name).name, file=sys.stderr
    ) as bar:
        yield bar.update


@metering.command("run")
@click.option("--until", help="Usage counts up to here (an instant with an offset; now).")
@as_json
@on_databases
def run(until: str | None, style: str) -> None:
    """Turn logs into usage segments."""
    by = command_line()
    until_us = None if until is None else _instant(until)
    ran = jobs.meter(until_us=until_us, asked_by=by.who, actor=by)
    say(
        {
            "logs": ran.logs,
            "segments": ran.segments,
            "resources": ran.resources,
            "until": instant_text(ran.until_us),
            "seconds": round(ran.seconds, 3),
        },
        style,
    )
    ran.require_whole()


@metering.command("usage")
@click.option("--from", "start", required=True, help="An instant with an offset.")
@click.option("--to", "end", required=True, help="An instant with an offset, not in the period.")
@click.option("--customer", help="Only this customer's.")
@click.option(
    "--by", multiple=True, type=click.Choice(service.GROUPS), help="Group by (may be repeated)."
)
@as_json
@on_databases
def usage(start: str, end: str, customer: str | None, by: tuple[str, ...], style: str) -> None:
    """Usage of a period."""
    period = service.usage_period(start, end)
    with reading() as session, reading("bronze") as bronze:
        if customer is not None:
            known = accounts.customer_keys(session)
            service.require_customer(session, bronze, customer, known=known)
        answer = service.usage_answer(
            session, period, current_app.config["DCX"].zone, customer=customer, by=by
        )
    say(answer, style)


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise BadRequestError(str(error)) from error


def _now_us() -> int:
    return to_us(datetime.now(UTC))
