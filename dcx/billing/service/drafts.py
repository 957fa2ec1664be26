"""Drafts: what a customer's month costs so far, computed live; nothing is stored."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing.errors import NotAMonthError
from dcx.billing.models import Invoice, InvoiceLine
from dcx.billing.repository import InvoiceRepository
from dcx.billing.rules import BillLine, Sums, add_up, adjustments
from dcx.kit.periods import Period, month_period
from dcx.kit.words import lines_of
from dcx.metering import service as metering
from dcx.pricing import service as pricing
from dcx.pricing.service import Line, Priced, Stretch, Unpriced, Usage
from dcx.settings import Settings


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who invoices, as tax invoices say it. The lines of the address, and those of the bank account
    that is paid into, are parted by line breaks.
    """

    name: str = ""
    address: str = ""
    vat_number: str = ""
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where billing happens: the zone of its months, its currency, and who invoices."""

    zone: ZoneInfo
    currency: str
    supplier: Supplier = Supplier()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        address = "\n".join(lines_of(settings.provider_address))
        bank = "\n".join(lines_of(settings.bank_details))
        supplier = Supplier(settings.provider, address, settings.provider_vat_number, bank)
        return cls(settings.zone, settings.currency, supplier)


@dataclass(frozen=True, slots=True)
class Draft:
    """A customer's month as it would be invoiced now."""

    customer: Customer
    month: str
    period: Period
    currency: str
    lines: list[BillLine]
    unpriced: list[Unpriced]
    vat_rate_e8: int
    sums: Sums

    @property
    def is_empty(self) -> bool:
        return not self.lines and not self.unpriced


def draft(session: Session, customer: str, month: str, desk: Desk) -> Draft:
    """One customer's draft. UnknownCustomerError, NotAMonthError."""
    return _drafts(session, [accounts.get_customer(session, customer)], month, desk, customer)[0]


def drafts(session: Session, month: str, desk: Desk) -> list[Draft]:
    """Every customer's draft, by key: the number of statements does not grow with customers."""
    return _drafts(session, accounts.customers(session), month, desk, None)


def _drafts(
    session: Session, customers: Sequence[Customer], month: str, desk: Desk, only: str | None
) -> list[Draft]:
    period = period_of(month, desk)
    hours = pricing.month_hours(month, desk.zone)
    costs = priced(session, customers, period, hours, desk, only)
    corrections = _adjustments(session, customers, month, desk, only)
    names = metering.resource_names(session, customer=only)
    rate = pricing.vat_rate_at(session, period.ends_us - 1)
    found = []
    for customer in customers:
        own = costs[customer.key]
        lines = bill_lines(own, names)
        late, rates = corrections.get(customer.key, ([], {}))
        lines += late
        sums = add_up(lines, {**rates, "": rate})
        found.append(Draft(customer, month, period, desk.currency, lines, own.unpriced, rate, sums))
    return found


def period_of(month: str, desk: Desk) -> Period:
    try:
        return month_period(month, desk.zone)
    except ValueError as error:
        raise NotAMonthError(f"{error}") from error


def priced(
    session: Session,
    customers: Sequence[Customer],
    period: Period,
    hours: int,
    desk: Desk,
    only: str | None,
) -> dict[str, Priced]:
    """Price every customer by their book, reading usage once for each stretch between versions."""
    by_stretch: dict[Period, dict[str, list[Usage]]] = {}
    result = {}
    for book in sorted({customer.price_book for customer in customers}):
        versions = pricing.versions_in(session, book, period, currency=desk.currency)
        for _, part in versions:
            if part not in by_stretch:
                by_stretch[part] = _by_customer(metering.usage(session, part, customer=only))
        for customer in customers:
            if customer.price_book == book:
                stretches = [
                    Stretch(version, by_stretch[part].get(customer.key, ()))
                    for version, part in versions
                ]
                result[customer.key] = pricing.price(stretches, hours)
    return result


def _by_customer(usage: Sequence[Usage]) -> dict[str, list[Usage]]:
    found: defaultdict[str, list[Usage]] = defaultdict(list)
    for used in usage:
        found[used.customer].append(used)
    return found


def _adjustments(
    session: Session, customers: Sequence[Customer], month: str, desk: Desk, only: str | None
) -> dict[str, tuple[list[BillLine], dict[str, int]]]:
    """Per customer: lines that correct periods invoiced before this month, and those periods' VAT
    rates.
    """
    late = metering.late_changes(session, only)
    touched = sorted({change.customer for change in late})
    if not touched:
        return {}
    repository = InvoiceRepository(session)
    known = {customer.key: customer for customer in customers}
    found: dict[str, tuple[list[BillLine], dict[str, int]]] = {}
    for invoice in repository.periods_of(touched):
        is_touched = any(
            change.customer == invoice.customer
            and change.starts_us < invoice.ends_us
            and change.ends_us > invoice.starts_us
            for change in late
        )
        if not is_touched or invoice.period >= month or invoice.customer not in known:
            continue
        lines, rates = found.setdefault(invoice.customer, ([], {}))
        lines += _period_again(session, invoice, known[invoice.customer], desk)
        rates[invoice.period] = invoice.vat_rate_e8
    return found


def _period_again(
    session: Session, invoice: Invoice, customer: Customer, desk: Desk
) -> list[BillLine]:
    """What an invoiced period costs now, less what was billed for it."""
    period = Period(invoice.starts_us, invoice.ends_us)
    hours = pricing.month_hours(invoice.period, desk.zone)
    book = Customer(customer.key, customer.name, price_book=invoice.price_book)
    again = priced(session, [book], period, hours, desk, customer.key)[customer.key]
    names = metering.resource_names(session, customer=customer.key)
    billed = InvoiceRepository(session).billed_for(customer.key, invoice.period)
    return adjustments(
        bill_lines(again, names),
        [as_bill_line(row) for row in billed],
        invoice.period,
    )


def bill_lines(priced: Priced, names: Mapping[tuple[str, str], str]) -> list[BillLine]:
    """Priced lines with the names of their resources."""
    return [_bill_line(line, names) for line in priced.lines]


def _bill_line(line: Line, names: Mapping[tuple[str, str], str]) -> BillLine:
    return BillLine(
        kind=line.kind,
        resource=line.resource,
        name=names.get((line.kind, line.resource), ""),
        meter=line.meter,
        quantity=line.quantity,
        unit_price_e8=line.unit_price_e8,
        month_hours=line.month_hours if line.is_monthly else 0,
        book=line.book,
        version=line.version,
        rule=line.rule,
        step=line.step,
        where=line.where,
        amount_cents=line.amount_cents,
    )


def as_bill_line(row: InvoiceLine) -> BillLine:
    """A stored line as the value that rules work with."""
    pairs = tuple(tuple(pair.split("=", 1)) for pair in row.conditions.split("\n") if pair)
    return BillLine(
        kind=row.kind,
        resource=row.resource,
        name=row.resource_name,
        meter=row.meter,
        quantity=int(row.quantity),
        unit_price_e8=row.unit_price_e8,
        month_hours=row.month_hours,
        book=row.book,
        version=row.version,
        rule=row.rule,
        step=row.step,
        where=pairs,  # type: ignore[arg-type]
        amount_cents=row.amount_cents,
        adjusts=row.adjusts,
    )
