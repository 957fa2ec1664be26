"""Dated VAT rates."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import Actor
from dcx.kit.money import E8, decimal_text
from dcx.kit.periods import instant_text
from dcx.pricing.errors import VatRefusedError
from dcx.pricing.models import VatRate
from dcx.pricing.repository import VatRepository

SEEDED_VAT_E8 = 15_000_000


def vat_rate_at(session: Session, instant_us: int) -> int:
    """The VAT rate (10^-8) in force at an instant; 15 % where none was dated."""
    rate = SEEDED_VAT_E8
    for row in VatRepository(session).rates():
        if row.starts_us <= instant_us:
            rate = row.rate_e8
    return rate


def vat_rates(session: Session) -> Sequence[VatRate]:
    return VatRepository(session).rates()


def add_vat_rate(
    session: Session,
    rate_e8: int,
    *,
    starts_us: int,
    issued_until_us: int | None,
    by: Actor,
    now_us: int,
) -> None:
    """Date a rate. Repeating it changes nothing; it cannot begin within what was issued."""
    if not 0 <= rate_e8 < E8:
        raise VatRefusedError("A VAT rate is a number from 0 to below 1, for example 0.155.")
    repository = VatRepository(session)
    for row in repository.rates():
        if row.starts_us == starts_us and row.rate_e8 == rate_e8:
            return
        if row.starts_us == starts_us:
            raise VatRefusedError(
                f"Another rate begins at {instant_text(starts_us)}. Withdraw it first."
            )
    if issued_until_us is not None and starts_us < issued_until_us:
        raise VatRefusedError(
            f"Invoices were issued until {instant_text(issued_until_us)}:"
            " a rate must begin then or later."
        )
    repository.add(VatRate(rate_e8=rate_e8, starts_us=starts_us))
    facts = {"from": instant_text(starts_us)}
    deed = Deed("VAT rate dated", rate_text(rate_e8), after=facts)
    journal.record(session, by, deed, now_us=now_us)


def withdraw_vat_rate(
    session: Session, rate_e8: int, *, starts_us: int, by: Actor, now_us: int
) -> None:
    """Take back a rate that has not begun."""
    repository = VatRepository(session)
    if not any(row.starts_us == starts_us and row.rate_e8 == rate_e8 for row in repository.rates()):
        raise VatRefusedError(f"No rate {rate_text(rate_e8)} begins at {instant_text(starts_us)}.")
    if starts_us <= now_us:
        raise VatRefusedError("This rate has begun and cannot be withdrawn.")
    repository.remove(starts_us)
    facts = {"from": instant_text(starts_us)}
    deed = Deed("VAT rate withdrawn", rate_text(rate_e8), before=facts)
    journal.record(session, by, deed, now_us=now_us)


def rate_text(rate_e8: int) -> str:
    """0.15 rather than 0.15000000."""
    return decimal_text(rate_e8, 8, at_least=2)
