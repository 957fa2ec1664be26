"""What waits for staff now, and what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.billing import service as billing
from dcx.billing.service import Draft
from dcx.dashboard.service.costs import MonthCosts
from dcx.journal import service as journal
from dcx.metering import service as metering
from dcx.payments import service as payments
from dcx.pricing import service as pricing

SOON_US = 90 * 24 * 3_600_000_000
NAMED = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for staff: how many, what, why, and where to look."""

    count: int
    what: str
    why: str
    place: str
    is_bad: bool = False


def waiting(
    main: Session, bronze: Session, drafts: Sequence[Draft], *, now_us: int
) -> list[Waiting]:
    """What staff should look at, most urgent first."""
    quarantined, conflicts, _ = metering.waiting_counts(bronze)
    found = [
        *_failures(main),
        _meters_without_price(drafts),
        Waiting(
            quarantined, "Logs in quarantine", _reason(bronze, quarantined), "/metering#quarantine"
        ),
        Waiting(conflicts, "Conflicting logs", "The first content stands", "/metering#conflicts"),
        _unknown_customers(main),
        _unclear_payments(main, now_us),
    ]
    return [entry for entry in found if entry.count]


def _unclear_payments(main: Session, now_us: int) -> Waiting:
    count = payments.waiting_count(main, now_us=now_us)
    what = "Payment to look at" if count == 1 else "Payments to look at"
    return Waiting(
        count, what, "Set aside, or taken back by the gateway", "/payments?state=unclear"
    )


def _failures(main: Session) -> list[Waiting]:
    """The last metering run and the last run of each job, where they failed."""
    last = next(iter(metering.runs(main, limit=1)), None)
    failed = [run for run in journal.last_job_runs(main).values() if run.status == "failed"]
    found = [
        Waiting(1, "A job failed", run.error or run.job, f"/jobs?job={run.job}", is_bad=True)
        for run in failed
    ]
    if last and last.error and not failed:
        found.append(Waiting(1, "Metering failed", last.error, "/metering#runs", is_bad=True))
    return found


def _meters_without_price(drafts: Sequence[Draft]) -> Waiting:
    blocked = [draft for draft in drafts if draft.unpriced]
    meters = sorted({entry.meter for draft in blocked for entry in draft.unpriced})
    what = "Meter without a price" if len(meters) == 1 else "Meters without a price"
    drafts_words = "1 draft" if len(blocked) == 1 else f"{len(blocked)} drafts"
    return Waiting(len(meters), what, f"{', '.join(meters)}. Blocks {drafts_words}", "/pricing")


def _reason(bronze: Session, quarantined: int) -> str:
    """The commonest reason, and how many there are beside it."""
    reasons = metering.waiting_reasons(bronze) if quarantined else ()
    if not reasons:
        return ""
    source, reason, _ = reasons[0]
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return f"{source}: {reason}{more}"


def _unknown_customers(main: Session) -> Waiting:
    held = metering.held_customers(main, accounts.customer_keys(main))
    keys = sorted(held, key=lambda key: (-held[key], key))
    count = sum(held.values())
    words = ", ".join(f"“{key}”" for key in keys[:NAMED])
    resources = "1 resource" if count == 1 else f"{count} resources"
    why = f"{'Key' if len(held) == 1 else 'Keys'} {words}: {resources} held back"
    what = "Unknown customer" if len(held) == 1 else "Unknown customers"
    return Waiting(len(held), what, why, "/metering")


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that the system knows will happen: when, what, and where to look."""

    at_us: int
    kind: str
    name: str
    number: int
    place: Sequence[str] = ()


def coming(
    main: Session, costs: MonthCosts, before: Mapping[str, billing.Invoice], *, now_us: int
) -> list[Coming]:
    """What is next, in order of time: the month's end, versions and rates that begin within 90
    days, and who is billed this month but was not the month before.
    """
    used = [draft for draft in costs.drafts if draft.lines]
    ready = sum(not draft.unpriced for draft in used)
    found = [Coming(costs.period.ends_us, "month", costs.month, ready, (costs.month,))]
    joined = [draft.customer for draft in used if draft.customer.key not in before]
    if before and joined:
        names = ", ".join(customer.name for customer in joined[:NAMED])
        place = (joined[0].key,) if len(joined) == 1 else ()
        found.append(Coming(costs.period.ends_us, "joins", names, len(joined), place))
    found += [
        Coming(row.starts_us, "book", row.book, row.number, (row.book, str(row.number)))
        for row in pricing.books(main)
        if now_us < row.starts_us <= now_us + SOON_US
    ]
    found += [
        Coming(rate.starts_us, "vat", "", rate.rate_e8)
        for rate in pricing.vat_rates(main)
        if now_us < rate.starts_us <= now_us + SOON_US
    ]
    return sorted(found, key=lambda each: each.at_us)
