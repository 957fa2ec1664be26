"""Doors of pricing: versions, what they say, comparing two, publishing one after seeing its
examples.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from dcx.kit.errors import DomainError, FormError
from dcx.kit.periods import to_us
from dcx.pricing import service
from dcx.pricing.export import VERSIONS_HEAD, version_rows
from dcx.pricing.forms import Faults, VatForm
from dcx.pricing.service import METERS
from dcx.repository.session import reading, transaction
from dcx.web.doors import Who, actor, open_to
from dcx.web.htmx import go
from dcx.web.tables import as_csv, asked, wants_csv

pricing_pages = Blueprint("pricing", __name__)
MOST_BYTES = 512 * 1024


@pricing_pages.get("/pricing")
@open_to(Who.STAFF)
def books() -> ResponseReturnValue:
    ask = asked(service.VERSION_COLUMNS, "-published")
    if wants_csv():
        return as_csv("price-books.csv", VERSIONS_HEAD, lambda: version_rows(ask, _now_us()))
    return _books_page()


def _books_page(sent: Mapping[str, str] | None = None, faults: Faults | None = None) -> str:
    with reading() as session:
        return render_template(
            "pricing/books.html",
            page=service.version_page(session, asked(service.VERSION_COLUMNS, "-published")),
            rates=service.vat_rates(session),
            issued_us=current_app.config["ISSUED_UNTIL"](session, None),
            now_us=_now_us(),
            sent=sent or {},
            faults=faults or {},
        )


@pricing_pages.post("/pricing/vat")
@open_to(Who.BILLING)
def date_vat() -> ResponseReturnValue:
    """Date a VAT rate."""
    try:
        form = VatForm.read(request.form, current_app.config["DCX"].zone)
        with transaction() as session:
            issued_us = current_app.config["ISSUED_UNTIL"](session, None)
            service.add_vat_rate(
                session,
                form.rate_e8,
                starts_us=form.starts_us,
                issued_until_us=issued_us,
                by=actor(),
                now_us=_now_us(),
            )
    except FormError as error:
        return _books_page(request.form, error.fields), 422
    except DomainError as error:
        return _books_page(request.form, {"from": error.message}), 422
    flash("The VAT rate is dated.", "ok")
    return go(url_for("pricing.books") + "#vat")


@pricing_pages.post("/pricing/vat/withdraw")
@open_to(Who.BILLING)
def withdraw_vat() -> ResponseReturnValue:
    """Take back a rate that has not begun."""
    rate, starts_us = (request.form.get(name, 0, type=int) for name in ("rate", "starts"))
    try:
        with transaction() as session:
            service.withdraw_vat_rate(
                session, rate, starts_us=starts_us, by=actor(), now_us=_now_us()
            )
        flash("The VAT rate is withdrawn.", "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return go(url_for("pricing.books") + "#vat")


@pricing_pages.get("/pricing/<book>/<int:number>")
@open_to(Who.STAFF)
def version(book: str, number: int) -> ResponseReturnValue:
    other = request.args.get("with", type=int)
    with reading() as session:
        row = service.get_version(session, book, number)
        than = service.get_version(session, book, other) if other else None
        numbers = [each.number for each in service.books(session) if each.book == book]
    return render_template(
        "pricing/version.html",
        row=row,
        than=than,
        numbers=numbers,
        prices=service.prices_of(row, _currency()),
        tried=service.examples_of(row, currency=_currency(), zone=current_app.config["DCX"].zone),
        changes=_changes(row, than) if than else [],
        METERS=METERS,
    )


def _changes(
    row: service.PriceBookVersion, than: service.PriceBookVersion
) -> list[tuple[object, object]]:
    """(this price, that price) of every meter and condition that differ between two versions."""
    one, other = (
        {
            (price.meter, tuple(sorted(price.where.items()))): price
            for price in service.prices_of(each, _currency())
        }
        for each in (row, than)
    )
    keys = [*one, *(key for key in other if key not in one)]
    return [(one.get(key), other.get(key)) for key in keys if one.get(key) != other.get(key)]


@pricing_pages.get("/pricing/new")
@open_to(Who.BILLING)
def new() -> ResponseReturnValue:
    return _form()


@pricing_pages.post("/pricing/new")
@open_to(Who.BILLING)
def try_out() -> ResponseReturnValue:
    """Show what the examples come to before anything is published."""
    sent = request.files.get("file")
    text = sent.read(MOST_BYTES) if sent else b""
    if not text.strip():
        return _form(fault="Choose a price book in TOML."), 422
    settings = current_app.config["DCX"]
    try:
        book, tried = service.try_book(text, currency=settings.currency, zone=settings.zone)
    except DomainError as error:
        return _form(fault=error.message), 422
    return render_template(
        "pricing/try.html",
        book=book,
        tried=tried,
        text=text.decode(),
        METERS=METERS,
        prices=book.prices,
    )


def _form(fault: str | None = None) -> str:
    return render_template("pricing/new.html", fault=fault)


@pricing_pages.post("/pricing")
@open_to(Who.BILLING)
def publish() -> ResponseReturnValue:
    text = request.form.get("text", "").replace("\r\n", "\n").encode()
    settings, now_us = current_app.config["DCX"], to_us(datetime.now(UTC))
    try:
        with transaction() as session:
            done = service.publish(
                session,
                text,
                currency=settings.currency,
                zone=settings.zone,
                now_us=now_us,
                issued_until=lambda book: current_app.config["ISSUED_UNTIL"](session, book),
            )
            service.note_published(session, done, by=actor(), now_us=now_us)
    except DomainError as error:
        return _form(fault=error.message), 422
    flash(f"{done.price_book} version {done.version} is published.", "ok")
    return go(url_for("pricing.version", book=done.price_book, number=done.version))


@pricing_pages.app_template_filter("conditions")
def conditions(price: service.Price) -> str:
    """What a price holds for: tier root, region jhb1; '' for all."""
    return ", ".join(f"{name} {value}" for name, value in price.where.items())


def _now_us() -> int:
    return to_us(datetime.now(UTC))


def _currency() -> str:
    currency: str = current_app.config["DCX"].currency
    return currency
