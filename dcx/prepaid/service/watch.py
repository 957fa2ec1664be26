"""The watch over prepaid wallets: what is said and done as a balance falls and rises, each once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from dcx.accounts import service as accounts
from dcx.accounts.service import tell
from dcx.billing.service import Desk
from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import CLOCK
from dcx.kit.money import cents_text
from dcx.notifications.service import FineAgain, LowBalance, Site, Suspended, Words, ZeroAhead
from dcx.prepaid.rules import BLOCK, NOTIFY, Event, State, Terms, next_state
from dcx.prepaid.service.arrangements import defaults, locked, set_state, terms_of
from dcx.prepaid.service.standing import Standing, standing
from dcx.wallet import service as wallet

DEEDS = {Event.SUSPENDED: "account suspended", Event.RESUMED: "account resumed"}


def is_moving(found: Standing, *, now_us: int) -> bool:
    """Would the watch say or do something now?"""
    return _next(found, now_us)[0] != found.state


def move(
    session: Session, customer: str, desk: Desk, *, site: Site, now_us: int
) -> Sequence[Event]:
    """Bring one customer's state up to now; what was said, in the transaction that moves it: no
    mail without the move, no move without its mail.

    The standing is read again under the row's lock, so that two watches say nothing twice and what
    was paid meanwhile counts.
    """
    billed_as = accounts.get_customer(session, customer).billing
    row = locked(session, customer, defaults(billed_as), now_us=now_us)
    found = standing(session, customer, desk, now_us=now_us)
    state, events = _next(found, now_us)
    set_state(row, state)
    for event in events:
        words = _letter(event, found, state, site, now_us)
        if words:
            tell(session, customer, words, site=site, now_us=now_us)
    for event in events:
        if event in DEEDS:
            facts = {"balance": cents_text(found.live_cents)}
            deed = Deed(DEEDS[event], customer, customer, after=facts)
            journal.record(session, CLOCK, deed, now_us=now_us)
    return events


def _next(found: Standing, now_us: int) -> tuple[State, tuple[Event, ...]]:
    return next_state(found.terms, found.state, found.live_cents, found.runway.until_us, now_us)


def _letter(event: Event, found: Standing, state: State, site: Site, now_us: int) -> Words | None:
    """The mail of an event; the pages say what has none."""
    name, link = found.customer.name, site.link(f"/c/{found.customer.key}/wallet")
    balance, until_us = site.looks.money(found.live_cents), found.runway.until_us
    words: Words | None = None
    if event is Event.LOW:
        until = f"until {site.looks.long_day(until_us)} at the present rate" if until_us else ""
        words = LowBalance(name, balance, until, link)
    elif event is Event.FINE:
        words = FineAgain(name, balance, link)
    elif event is Event.AHEAD:
        day = site.looks.long_day(until_us or now_us)
        words = ZeroAhead(name, happens(found.terms), day, link)
    elif event is Event.SUSPENDED:
        words = Suspended(name, site.looks.long_day(state.suspended_us or now_us), link)
    return words


def happens(terms: Terms) -> str:
    """What happens at zero, as a sentence."""
    if terms.at_zero == NOTIFY:
        return "Nothing is switched off: what is used from then on is owed."
    if terms.at_zero == BLOCK:
        return "New orders are then refused until it is topped up."
    return (
        f"New orders are then refused, and {terms.grace_hours} hours later the account is suspended"
        " until it is topped up."
    )


def with_dues(session: Session) -> list[str]:
    """Customers who pay invoices from the wallet, owe for some, and have something to pay with."""
    arranged = terms_of(session, None)
    money = wallet.balances_of(session, None)
    found = []
    for who in accounts.customers(session):
        terms = arranged[who.key][0] if who.key in arranged else defaults(who.billing)
        has = money.get(who.key)
        if (
            terms.pays_from_wallet
            and has
            and has.owed
            and (has.owed < 0 or has.wallet + has.credit > 0)
        ):
            found.append(who.key)
    return found


def settle_dues(session: Session, customer: str, *, now_us: int) -> int:
    """Pay a customer's open invoices from credits and the wallet, oldest first, as far as they go;
    the cents. Money moves here; what is paid is not owed any more, so repeating it moves none.
    """
    wallet.lock(session, customer, now_us=now_us)
    moved = 0
    for number, _ in wallet.owing(session, customer):
        source = f"settlement/{number}/clock/{now_us}"
        moved += wallet.settle_from_wallet(
            session, customer, number, source=source, by=CLOCK, now_us=now_us
        )
    return moved
