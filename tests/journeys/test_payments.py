"""A customer pays, in a real browser, at the simulated gateway, and comes back to the truth."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from dcx.accounts import service as accounts
from dcx.payments.jobs.poll import poll
from dcx.repository.session import transaction
from tests.journeys.conftest import PASSWORD, Visit, visit
from tests.journeys.test_pages import faults
from tests.support.databases import SqliteDatabases
from tests.support.gateway import REFUSED, VISA, SimulatedGateway
from tests.support.servers import free_port
from tests.support.shop import Shop, opened_shop

ALICE, SAM = "alice@dcx.example", "sam@dcx.example"
TWO_DAYS_S = 2 * 86_400


@dataclass
class Desk:
    """The desk as a browser finds it."""

    site: str
    shop: Shop
    browser: Browser

    def enter(self, email: str = ALICE, *, scripts: bool = True) -> Visit:
        return visit(self.browser, self.site, email, scripts=scripts)

    def tell_late(self) -> None:
        """The clock's question, a minute from now."""
        poll(self.shop.desk, clock=lambda: self.shop.now_us() + 60_000_000)


@pytest.fixture
def desk(sqlite: SqliteDatabases, gateway: SimulatedGateway, chromium: Browser) -> Iterator[Desk]:
    """alpha is alice's and owes R80,00 for INV-9; sam is staff. Notices come by HTTP."""
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    with opened_shop(sqlite.fresh(), gateway, DCX_PUBLIC_URL=site) as shop:
        shop.customer("alpha")
        shop.invoice("alpha", "INV-9", 8_000)
        with transaction() as session:
            accounts.add_user(session, ALICE, "alpha", "owner", now_us=1)
            accounts.add_staff(session, SAM, "billing", now_us=1)
            for email in (ALICE, SAM):
                accounts.set_password(session, email, PASSWORD)
        gateway.reset()
        with served(shop.app, port):
            yield Desk(site, shop, chromium)


class served:  # noqa: N801 - reads as a word: with served(...)
    """The app on a port, as long as the context lasts."""

    def __init__(self, app: APIFlask, port: int) -> None:
        self._server = make_server("127.0.0.1", port, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def words(window: Visit) -> str:
    return re.sub(r"\s+", " ", window.page.inner_text("main")).replace("\u2212", "-")


def top_up(window: Visit, amount: str, *, keep: bool = False) -> None:
    """From our form to the gateway's page."""
    window.go("/c/alpha/wallet/top-up")
    window.page.fill("#amount", amount)
    if keep:
        window.page.check("[name=keep]")
    window.page.click("text=Go on to PayGate")
    window.page.wait_for_url("**/payweb3/process.trans")


def give_card(window: Visit, number: str = "", *, code: str = "1234") -> None:
    """A card at the gateway's page, and its bank's code."""
    if number:
        window.page.fill("#number", number)
    window.page.click("button:has-text('Pay')")
    window.page.fill("#code", code)
    window.page.click("text=Send the code")


def come_back(window: Visit, site: str) -> str:
    """What our page says once it knows."""
    window.page.wait_for_url(f"{site}/c/alpha/payments/*")
    window.page.wait_for_selector("#result .badge:not(.go)")
    return words(window)


def pay_invoice_with_card(window: Visit, site: str) -> str:
    """With the card that is kept; what our page says then."""
    window.go("/c/alpha/invoices/INV-9/pay")
    window.page.check("text=Visa")
    window.page.click("button:has-text('PayGate')")
    window.page.wait_for_url("**/payweb3/process.trans")
    assert "•••• 0002" in words(window)
    give_card(window)
    return come_back(window, site)


@pytest.mark.browser
def test_a_card_pays_is_kept_pays_an_invoice_and_is_deleted(desk: Desk, axe: str) -> None:
    alice = desk.enter()

    top_up(alice, "150,00", keep=True)
    give_card(alice, VISA)
    paid = come_back(alice, desk.site)
    alice.go("/c/alpha/wallet")
    wallet = words(alice)
    alice.page.reload()
    alice.go("/c/alpha/cards")
    cards = words(alice)
    settled = pay_invoice_with_card(alice, desk.site)
    payment = alice.page.url.removeprefix(desk.site)

    assert "R150,00 arrived and is booked in the wallet" in paid.replace("\xa0", " ")
    assert "R150,00" in wallet
    assert desk.shop.money().wallet == 15_000
    assert "0002" in cards
    assert "booked for invoice INV-9" in settled
    assert (desk.shop.money().wallet, desk.shop.money().owed) == (15_000, 0)
    pages = ["/c/alpha/wallet/top-up", "/c/alpha/cards", payment, "/c/alpha/wallet"]
    assert [fault for path in pages for fault in faults(alice, path, axe)] == []
    alice.go("/c/alpha/cards")
    alice.page.click("text=Delete")
    alice.page.click("text=Delete the card")
    assert "No cards yet" in words(alice)
    assert alice.complaints == []
    assert desk.shop.breaches() == []


@pytest.mark.browser
def test_declined_and_cancelled_payments_end_on_a_page_that_helps(desk: Desk, axe: str) -> None:
    """With scripts, and without."""
    alice, plain = desk.enter(), desk.enter(scripts=False)

    top_up(alice, "150")
    give_card(alice, REFUSED)
    declined = come_back(alice, desk.site)
    ended = faults(alice, alice.page.url.removeprefix(desk.site), axe)
    plain.go("/c/alpha/wallet/top-up")
    plain.page.fill("#amount", "99.50")
    plain.page.click("text=Go on to PayGate")
    plain.page.click("text=Continue to PayGate")
    plain.page.click("button:has-text('Cancel')")
    plain.page.click("button:has-text('Back to the shop')")
    cancelled = words(plain)

    assert "Nothing was charged. Try another card, or EFT." in declined
    assert "Top up again" in declined
    assert ended == []
    assert "You cancelled the payment. Nothing was charged." in cancelled
    assert "Top up again" in cancelled
    assert desk.shop.money().wallet == 0
    assert alice.complaints == []


@pytest.mark.browser
def test_an_eft_is_credited_when_the_bank_speaks_two_days_later(desk: Desk) -> None:
    alice = desk.enter()

    top_up(alice, "200")
    alice.page.click("nav >> text=EFT")
    alice.page.check("#later")
    alice.page.click("text=Pay by EFT")
    alice.page.wait_for_url(f"{desk.site}/c/alpha/payments/*")
    waiting, before = words(alice), desk.shop.money().wallet
    desk.shop.advance(TWO_DAYS_S + 60)
    desk.tell_late()
    alice.page.reload()
    arrived = words(alice)

    assert "The bank has your payment and has not confirmed it yet." in waiting
    assert before == 0
    assert "arrived and is booked in the wallet" in arrived
    assert desk.shop.money().wallet == 20_000


@pytest.mark.browser
def test_staff_find_what_does_not_agree_in_any_look(desk: Desk, axe: str) -> None:
    desk.shop.gateway.deliver_to(desk.shop.client)
    lost = desk.shop.paid()
    with transaction() as session:
        session.connection().exec_driver_sql(
            f"UPDATE payment SET amount_cents = 15001 WHERE key = '{lost}'"
        )
    desk.shop.reconcile()
    sam = desk.enter(SAM)

    sam.go("/payments/reconciliation")
    sam.page.click("text=Otherwise in the ledger >> nth=-1")
    opened = words(sam)
    path = sam.page.url.removeprefix(desk.site)
    sam.page.click("text=Take it")

    assert "The ledger has another amount" in opened
    assert "sam@dcx.example" in words(sam)
    assert faults(sam, path, axe) + faults(sam, "/payments/reconciliation?q=zzz", axe) == []
    assert sam.complaints == []
