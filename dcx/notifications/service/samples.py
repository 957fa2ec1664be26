"""Each kind of letter with sample values, so that staff can read what customers are sent."""

from dcx.notifications.errors import UnknownMailError
from dcx.notifications.service.letters import (
    AccessGranted,
    Invitation,
    Rendered,
    Reset,
    Words,
    rendered,
)
from dcx.notifications.service.letters_of_money import (
    AutoTopUpFailed,
    CardExpires,
    FineAgain,
    InvoiceIssued,
    LowBalance,
    PaymentFailed,
    PaymentReceived,
    RefundSent,
    Suspended,
    ZeroAhead,
)
from dcx.notifications.service.site import Site

WHO, TOKEN, MONTH = "Karoo Analytics", "sample-token-that-opens-nothing", "2026-11"
BIG, SMALL, PAYMENT, INVOICE = 1_500_00, 84_20, "PAY-8F3K2Q", "INV-000412"
DAY_US = 1_795_730_400_000_000
"""27 November 2026, at midnight in South Africa."""


def samples(site: Site) -> dict[str, Words]:
    """A letter of each kind, by kind, in the order of its life."""
    every: tuple[Words, ...] = (*_of_access(site), *_of_payments(site), *_of_wallets(site))
    return {words.kind: words for words in every}


def sample(site: Site, kind: str) -> Rendered:
    """The letter of a kind as it would be sent; UnknownMailError where there is no such kind."""
    words = samples(site).get(kind)
    if words is None:
        raise UnknownMailError("There is no such kind of mail.")
    return rendered(site.message("sample@example.com", words))


def _of_access(site: Site) -> tuple[Words, ...]:
    return (
        Invitation("Naledi Mokoena", WHO, "viewer", site.link(f"/invitations/{TOKEN}"), TOKEN),
        AccessGranted(WHO, site.link("/")),
        Reset(site.link(f"/reset/{TOKEN}"), TOKEN),
    )


def _of_payments(site: Site) -> tuple[Words, ...]:
    big, link = site.looks.money(BIG), site.link("/")
    month = site.looks.month(MONTH)
    due = f"{big} is to be paid."
    no = "The bank said no (insufficient funds). Nothing was charged."
    return (
        InvoiceIssued(WHO, INVOICE, month, big, due, site.link(f"/invoices/{INVOICE}")),
        PaymentReceived(WHO, big, PAYMENT, f"invoice {INVOICE}", link),
        PaymentFailed(WHO, big, no, link),
        RefundSent(WHO, big, PAYMENT, link),
        CardExpires(WHO, "Visa ending 1234", month, link),
    )


def _of_wallets(site: Site) -> tuple[Words, ...]:
    big, small, day = (
        site.looks.money(BIG), site.looks.money(SMALL), site.looks.long_day(DAY_US),
    )  # fmt: skip
    link = site.link("/")
    refused = "New orders are then refused until it is topped up."
    return (
        LowBalance(WHO, small, f"until {day} at the present rate", link),
        FineAgain(WHO, big, link),
        ZeroAhead(WHO, refused, day, link),
        Suspended(WHO, day, link),
        AutoTopUpFailed(WHO, big, "The bank said no (card expired).", link),
    )
