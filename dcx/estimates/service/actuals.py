"""What became of an estimate: its customer's month as it is billed, line by line."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.billing import service as billing
from dcx.billing.service import BillLine
from dcx.estimates.rules.actuals import Billed, Compared, Used, compare_actuals
from dcx.estimates.rules.matching import Metered
from dcx.estimates.rules.months import month_of
from dcx.estimates.service.prices import Desk
from dcx.estimates.service.saved import Saved
from dcx.kit.periods import Period
from dcx.metering import service as metering


@dataclass(frozen=True, slots=True)
class Actuals:
    """An estimate against its month. `invoice` is the number of the month's invoice, '' for a
    draft; `unpriced` names the meters that were used without a price.
    """

    compared: Compared
    invoice: str
    is_over: bool
    metered_until_us: int
    unpriced: tuple[str, ...]


def actuals(session: Session, saved: Saved, desk: Desk) -> Actuals | None:
    """None where there is nothing to compare with: no customer, no calendar month, or one that has
    not begun.
    """
    month = month_of(saved.ask.month, desk.zone)
    if not saved.customer or not month.is_calendar or desk.now_us < month.period.starts_us:
        return None
    number, lines, unpriced = _bill(session, saved, desk)
    used = _used(session, saved.customer, month.period, lines)
    compared = compare_actuals(saved.ask, saved.answer, used, month=month, zone=desk.zone)
    until = metering.metered_until(session)
    return Actuals(compared, number, until >= month.period.ends_us, until, unpriced)


def _bill(
    session: Session, saved: Saved, desk: Desk
) -> tuple[str, Sequence[BillLine], tuple[str, ...]]:
    """The month's own lines, invoiced or drafted, without corrections of other months."""
    document = billing.find_document(session, saved.customer, saved.ask.month)
    if document:
        return document.invoice.number, [line for line in document.lines if not line.adjusts], ()
    place = billing.Desk(desk.zone, desk.currency)
    draft = billing.draft(session, saved.customer, saved.ask.month, place)
    unpriced = tuple(sorted({each.meter for each in draft.unpriced}))
    return "", [line for line in draft.lines if not line.adjusts], unpriced


def _used(session: Session, customer: str, period: Period, lines: Sequence[BillLine]) -> Used:
    quantities: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for each in metering.usage(session, period, customer=customer):
        quantities[each.kind, each.resource, each.meter] += each.quantity
    return Used(
        metered=_metered(session, customer, period),
        quantities=quantities,
        billed=[
            Billed(line.kind, line.resource, line.meter, line.quantity, line.unit_price_e8,
                   line.month_hours, line.amount_cents)
            for line in lines
        ],
    )  # fmt: skip


def _metered(session: Session, customer: str, period: Period) -> list[Metered]:
    """The resources that used anything in the month, machines first."""
    known = {(each.kind, each.resource): each for each in metering.resources(session, customer)}
    held: defaultdict[tuple[str, str], int] = defaultdict(int)
    tiers: dict[tuple[str, str], str] = {}
    for each in metering.segments(session, period, customer=customer):
        if each.is_used:
            held[each.kind, each.resource] += each.ends_us - each.starts_us
            tiers[each.kind, each.resource] = each.tier
    found = []
    for about, length_us in held.items():
        name, machine = (known[about].name, known[about].vm_id) if about in known else ("", "")
        found.append(Metered(*about, name, machine, tiers[about], length_us))
    return found
