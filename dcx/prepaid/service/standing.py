"""Where a customer's wallet stands: the live balance, what it is made of, how long it lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import Customer
from dcx.billing import service as billing
from dcx.billing.service import BillLine, Desk, Draft, Used
from dcx.kit.periods import Period
from dcx.metering import service as metering
from dcx.prepaid.errors import OrderRefusedError
from dcx.prepaid.rules import (
    DAY_US,
    Driver,
    Runway,
    State,
    Terms,
    drivers,
    live_cents,
    order_fault,
    runway,
    suspends_us,
)
from dcx.prepaid.service.arrangements import defaults, terms_of
from dcx.wallet import service as wallet
from dcx.wallet.service import Balances


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's money as it stands now. `unbilled_cents` has VAT in it and counts usage up to
    `metered_until_us`; `unpriced` is how much of it has no price yet and is not counted.
    """

    customer: Customer
    balances: Balances
    unbilled_cents: int
    live_cents: int
    runway: Runway
    drivers: tuple[Driver, ...]
    terms: Terms
    state: State
    metered_until_us: int
    unpriced: int = 0

    @property
    def is_prepaid(self) -> bool:
        return self.customer.billing == "prepaid"

    @property
    def is_low(self) -> bool:
        """Is it below the highest balance that is warned of?"""
        return self.live_cents < max(self.terms.levels)

    @property
    def suspends_us(self) -> int | None:
        return suspends_us(self.terms, self.state)


def standing(session: Session, customer: str, desk: Desk, *, now_us: int) -> Standing:
    """One customer's standing. UnknownCustomerError."""
    who = accounts.get_customer(session, customer)
    bills = billing.unbilled(session, desk, customer=customer, now_us=now_us)
    return _Found(session, desk, [customer], customer, bills).standing(who)


def standings(session: Session, desk: Desk, *, now_us: int) -> list[Standing]:
    """All prepaid customers' standings by key, in a number of statements that does not grow with
    them.
    """
    who = [each for each in accounts.customers(session) if each.billing == "prepaid"]
    bills = billing.unbilled(session, desk, now_us=now_us)
    found = _Found(session, desk, [each.key for each in who], None, bills)
    return [found.standing(each) for each in who]


class _Found:
    """What standings are made of, read once for all of them."""

    def __init__(
        self,
        session: Session,
        desk: Desk,
        keys: Sequence[str],
        only: str | None,
        bills: Mapping[str, list[Draft]],
    ) -> None:
        self._bills = bills
        self._until_us = metering.metered_until(session)
        self._window = Period(max(self._until_us - DAY_US, 0), self._until_us)
        self._used: Mapping[str, Used] = (
            billing.used_within(session, self._window, desk, customer=only)
            if self._until_us
            else {}
        )
        self._balances = wallet.balances_of(session, keys)
        self._terms = terms_of(session, keys)

    def standing(self, who: Customer) -> Standing:
        money = self._balances.get(who.key, Balances())
        terms, state = self._terms.get(who.key, (defaults(who.billing), State()))
        bills = self._bills.get(who.key, [])
        unbilled = sum(bill.sums.total_cents for bill in bills)
        live = live_cents(money.wallet, money.credit, money.owed, unbilled)
        used = self._used.get(who.key, Used((), 0))
        return Standing(
            customer=who,
            balances=money,
            unbilled_cents=unbilled,
            live_cents=live,
            runway=runway(live, used.total_cents, self._window.length_us, self._until_us),
            drivers=drivers(_by_resource(used.lines)),
            terms=terms,
            state=state,
            metered_until_us=self._until_us,
            unpriced=sum(len(bill.unpriced) for bill in bills),
        )


def _by_resource(lines: Sequence[BillLine]) -> dict[tuple[str, str], tuple[str, int]]:
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for line in lines:
        _, cents = found.get(line.about, ("", 0))
        found[line.about] = (line.name, cents + line.amount_cents)
    return found


def may_order(
    session: Session, customer: str, desk: Desk, *, price_cents: int = 0, now_us: int
) -> None:
    """OrderRefusedError where a customer may order nothing (for this price) now. Customers who pay
    by invoice may, unless they are suspended.
    """
    found = standing(session, customer, desk, now_us=now_us)
    terms = found.terms if found.is_prepaid else Terms()
    fault = order_fault(terms, found.state, found.live_cents, price_cents)
    if fault:
        raise OrderRefusedError(fault)
