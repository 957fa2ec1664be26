"""What moved a customer's money: the wallet's entries as people sort them, and what came in."""

from collections.abc import Iterator
from dataclasses import fields, replace

from sqlalchemy.orm import Session

from dcx.kit.sorting import Ask, Page
from dcx.wallet import models
from dcx.wallet.repository.movements import ADJUSTMENTS_BY, SORTED_BY, MovementRepository
from dcx.wallet.service.adjustments import Adjustment
from dcx.wallet.service.statement import Line

ENTRY_COLUMNS, ADJUSTMENT_COLUMNS = tuple(SORTED_BY), tuple(ADJUSTMENTS_BY)


def entry_page(session: Session, customer: str, ask: Ask) -> Page[Line]:
    """The page asked for of the wallet's entries."""
    page = MovementRepository(session).page(customer, ask)
    return replace(page, rows=[Line(*row) for row in page.rows])


def every_entry(session: Session, customer: str, ask: Ask) -> Iterator[Line]:
    """All of them in the order asked for, streamed."""
    for row in MovementRepository(session).every(customer, ask):
        yield Line(*row)


def changes(session: Session, customer: str, since_us: int) -> list[tuple[int, int]]:
    """(when, cents) of everything since an instant that changed what a customer has left, but for
    invoices: they only ask for what was used.
    """
    rows = MovementRepository(session).changes(customer, since_us)
    return [(int(booked_us), int(cents)) for booked_us, cents in rows]


def adjustment_page(session: Session, ask: Ask) -> Page[Adjustment]:
    """Everybody's adjustments, as they are asked for."""
    page = MovementRepository(session).adjustments(ask)
    return replace(page, rows=[_adjustment(row) for row in page.rows])


def every_adjustment(session: Session, ask: Ask) -> Iterator[Adjustment]:
    """All of them in the order asked for, streamed."""
    yield from map(_adjustment, MovementRepository(session).every_adjustment(ask))


def _adjustment(row: models.Adjustment) -> Adjustment:
    return Adjustment(**{field.name: getattr(row, field.name) for field in fields(Adjustment)})
