"""Doors to reconciliation: what does not agree, who looks into it, and settlement files."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from flask import flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.kit.errors import FormError
from dcx.kit.money import cents_text
from dcx.kit.periods import Period, day_period, instant_text
from dcx.kit.sorting import Ask
from dcx.payments.errors import DifferenceSettledError, FileRefusedError
from dcx.payments.routes.ground import now_us, payments_pages, settings
from dcx.payments.service import differences, reconciliation, settlements
from dcx.payments.service.differences import Side
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go, render
from dcx.web.tables import as_csv, asked, wants_csv

MOST_DAYS, SHOWN_DAYS = 366, 7
_REFUSALS = (DifferenceSettledError, FormError)
HEAD = (
    "kind", "subject", "customer", "reference", "ours", "gateway", "ledger", "found", "seen",
    "owner", "note", "settled_by", "settled",
)  # fmt: skip
LINES_HEAD = (
    "line", "reference", "transaction_id", "amount", "date", "verdict", "payment", "customer",
)  # fmt: skip


@payments_pages.get("/payments/reconciliation")
@open_to(Who.STAFF)
def reconcile() -> ResponseReturnValue:
    if wants_csv():
        return as_csv("differences.csv", HEAD, lambda: _cells(_wanted(), _ask()))
    return _page(fault=None)


def _page(*, fault: str | None) -> ResponseReturnValue:
    wanted, (first, last, period) = _wanted(), _span()
    with reading() as session:
        waiting = differences.waiting_differences(session)
        answer = render(
            "payments/reconciliation.html",
            "payments/_differences.html",
            page=differences.differences(session, wanted, _ask()),
            sums=reconciliation.sums(session, period),
            files=settlements.settlement_files(session, _files_ask()),
            waiting=waiting,
            kinds=differences.WORDS,
            wanted=wanted,
            first=first,
            last=last,
            opened=request.args.get("row", type=int),
            fault=fault,
            own_currency=settings().currency,
            now_us=now_us(),
        )
    answer.status_code = 422 if fault else 200
    return answer


def _wanted() -> dict[str, str]:
    """Which differences are asked for: open ones unless the address says otherwise."""
    state, kind = request.args.get("state", "open"), request.args.get("kind", "")
    return {
        "state": state if state in {"open", "settled", "all"} else "open",
        "kind": kind if kind in differences.KINDS else "",
        "words": request.args.get("q", "").replace("\0", "").strip(),
    }


def _ask() -> Ask:
    return asked(differences.DIFFERENCE_COLUMNS, "found")


def _files_ask() -> Ask:
    return asked(settlements.FILE_COLUMNS, "-received", name="files", limit=10)


def _span() -> tuple[date, date, Period]:
    """The days that are summed: the last 7 unless the address names two that make sense."""
    zone = settings().zone
    today = datetime.now(zone).date()
    first, last = today - timedelta(days=SHOWN_DAYS - 1), today
    try:
        asked_first = date.fromisoformat(request.args.get("from", ""))
        asked_last = date.fromisoformat(request.args.get("to", ""))
        is_good = asked_first.year >= 2000 and asked_last.year < 2100  # noqa: PLR2004
        if is_good and 0 <= (asked_last - asked_first).days < MOST_DAYS:
            first, last = asked_first, asked_last
    except ValueError:
        pass
    starts_us, ends_us = day_period(first, zone).starts_us, day_period(last, zone).ends_us
    return first, last, Period(starts_us, ends_us)


def _cells(wanted: Mapping[str, str], ask: Ask) -> Iterator[tuple[object, ...]]:
    with reading() as session:
        for line in differences.every_difference(session, wanted, ask):
            sides = (_written(side) for side in (line.ours, line.theirs, line.ledger))
            yield (
                line.kind, line.subject, line.customer, line.reference, *sides,
                instant_text(line.found_us), instant_text(line.seen_us), line.owner, line.note,
                line.settled_by, instant_text(line.settled_us) if line.settled_us else "",
            )  # fmt: skip


def _written(side: Side) -> str:
    if side.cents is None:
        return side.words
    return f"{side.words} {cents_text(side.cents)} {side.currency}"


@payments_pages.post("/payments/reconciliation/<int:number>/take")
@open_to(Who.BILLING)
def take_difference(number: int) -> ResponseReturnValue:
    try:
        with transaction() as session:
            differences.take(session, number, by=actor(), now_us=now_us())
        flash("It is yours now.", "ok")
    except DifferenceSettledError as error:
        flash(error.message, "bad")
    return go(_opened(number))


@payments_pages.post("/payments/reconciliation/<int:number>/note")
@open_to(Who.BILLING)
def note_difference(number: int) -> ResponseReturnValue:
    words = request.form.get("note", "")
    try:
        with transaction() as session:
            differences.note(session, number, words, by=actor(), now_us=now_us())
        flash("The note is kept.", "ok")
    except _REFUSALS as error:
        flash(error.message, "bad")
    return go(_opened(number))


@payments_pages.post("/payments/reconciliation/<int:number>/settle")
@open_to(Who.BILLING)
def settle_difference(number: int) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            differences.settle(session, number, reason, by=actor(), now_us=now_us())
    except _REFUSALS as error:
        flash(error.message, "bad")
        return go(_opened(number))
    flash("The difference is settled. It stays on record.", "ok")
    return go(url_for("payments.reconcile"))


def _opened(number: int) -> str:
    return url_for("payments.reconcile", state="all", row=number, _anchor=f"difference-{number}")


@payments_pages.post("/payments/reconciliation/files")
@open_to(Who.BILLING)
def add_settlement_file() -> ResponseReturnValue:
    sent, now = request.files.get("file"), now_us()
    if sent is None or not sent.filename:
        return _page(fault="Choose the file first.")
    body, currency = sent.read(), settings().currency
    try:
        with transaction() as session:
            key = settlements.add_file(
                session, sent.filename, body, currency=currency, by=actor(), now_us=now
            )
            settlements.find_missing(session, zone=settings().zone, now_us=now)
    except FileRefusedError as error:
        return _page(fault=error.message)
    return go(url_for("payments.settlement_file", key=key))


@payments_pages.get("/payments/reconciliation/files/<key>")
@open_to(Who.STAFF)
def settlement_file(key: str) -> ResponseReturnValue:
    ask = asked(settlements.LINE_COLUMNS, "-verdict")
    with reading() as session:
        file = settlements.get_file(session, key)
        if wants_csv():
            return as_csv(f"settlement-{key}.csv", LINES_HEAD, lambda: _line_cells(key, ask))
        page = settlements.lines(session, key, ask)
    return make_response(render_template("payments/settlement_file.html", file=file, page=page))


def _line_cells(key: str, ask: Ask) -> Iterator[tuple[object, ...]]:
    with reading() as session:
        for line in settlements.every_line(session, key, ask):
            yield (
                line.position, line.reference, line.transaction_id, cents_text(line.cents),
                line.paid_on, line.verdict, line.payment, line.customer,
            )  # fmt: skip
