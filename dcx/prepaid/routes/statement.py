"""Doors of a wallet's statement: a page, a CSV and a PDF of any period."""

from babel.numbers import get_currency_symbol
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.kit.errors import BadRequestError, FormError
from dcx.kit.periods import month_after, month_before, month_name
from dcx.kit.words import lines_of
from dcx.prepaid import export
from dcx.prepaid.documents import statement_pdf
from dcx.prepaid.routes.ground import now_us, prepaid_pages, settings
from dcx.repository.session import reading
from dcx.wallet import service as ledger
from dcx.wallet.service import Statement
from dcx.web.doors import Who, open_to
from dcx.web.files import as_file
from dcx.web.looks import Looks
from dcx.web.spans import Span, read_span
from dcx.web.tables import as_csv


@prepaid_pages.get("/c/<customer>/wallet/statement")
@open_to(Who.CUSTOMER)
def statement(customer: str) -> ResponseReturnValue:
    """`as` csv or pdf makes a file of it."""
    form = request.args.get("as", "")
    try:
        span = _span()
    except FormError as error:
        if form:
            raise BadRequestError(error.message) from error
        return _dates_again(customer, error.fields)
    with reading() as session:
        who = accounts.get_customer(session, customer)
        found = ledger.statement(session, customer, span.period)
    name = f"statement-{customer}-{span.first}-{span.last}"
    if form == "csv":
        rows = export.statement_rows(found, settings().currency)
        return as_csv(f"{name}.csv", export.ENTRIES_HEAD, rows)
    if form == "pdf":
        return _pdf(who, span, found, f"{name}.pdf")
    this = _this_month()
    return render_template(
        "prepaid/statement.html",
        key=customer,
        span=span,
        found=found,
        came=sum(line.amount_cents for line in found.lines if line.amount_cents > 0),
        went=sum(line.amount_cents for line in found.lines if line.amount_cents < 0),
        before=month_before(f"{span.first:%Y-%m}"),
        next=month_after(f"{span.last:%Y-%m}") if f"{span.last:%Y-%m}" < this else None,
        faults={},
    )


def _span() -> Span:
    """FormError on bad dates and on what is no month."""
    try:
        return read_span(request.args, _this_month(), settings().zone)
    except ValueError as error:
        raise FormError({"from": f"{error}"}) from error


def _this_month() -> str:
    return month_name(now_us(), settings().zone)


def _dates_again(customer: str, faults: dict[str, str]) -> ResponseReturnValue:
    page = render_template(
        "prepaid/statement.html", key=customer, span=None, found=None, faults=faults, next=None,
        before=month_before(_this_month()),
    )  # fmt: skip
    return page, 422


def _pdf(who: Customer, span: Span, found: Statement, name: str) -> Response:
    looks = Looks(settings())
    lines = [
        {
            "day": looks.day(line.at_us),
            "words": line.words,
            "amount": looks.amount(line.amount_cents),
            "balance": looks.amount(line.balance_cents),
        }
        for line in found.lines
    ]
    first, last = looks.long_day(span.first), looks.long_day(span.last)
    symbol = get_currency_symbol(settings().currency, locale=settings().locale)
    values = {
        "title": "Statement of your wallet",
        "provider": settings().provider,
        "provider_address": lines_of(settings().provider_address),
        "customer": who.name,
        "customer_lines": [line for line in (who.email, f"Account {who.key}") if line],
        "period": f"From {first} to {last}, days of {settings().timezone}",
        "head": ["Date", "What", f"Amount ({symbol})", f"Balance ({symbol})"],
        "opening": {"words": f"On {first}", "balance": looks.amount(found.opening)},
        "lines": lines,
        "closing": {"words": f"At the end of {last}", "balance": looks.amount(found.closing)},
        "foot": f"Made on {looks.long_day(now_us())}",
    }
    return as_file(name, "application/pdf", statement_pdf(values))
