"""Every page in a real browser: light and dark, desktop and phone, nothing to complain of."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Visit, complaining_page, visit
from tests.support.counts import count
from tests.support.plenty import last_month

THIS, LAST = f"{datetime.now(UTC):%Y-%m}", last_month()
DRAFT = f"/invoices/drafts/{LAST}/cust-00"
STAFF, CUSTOMER = "thandi@highveld.example", "naledi@karoo.example"
STAFF_PAGES = [
    "/", "/customers", "/customers?q=nobody+at+all", "/customers/cust-02", "/customers/new",
    "/metering", "/metering?row=1", "/metering/sources/new", "/pricing", "/pricing/standard/1",
    "/pricing/new", "/invoices", "/invoices/issue?period=2099-01", "/invoices/INV-000001",
    "/refunds",
    "/invoices/INV-000001?line=1", "/jobs", "/audit", "/audit?q=cust-07", "/audit?q=nobody+at+all",
    "/mails", "/mails?q=nobody+at+all", "/people", "/people?q=nobody+at+all", "/keys", "/me",
    "/customers/cust-00/people", "/me/second-factor", "/search?q=karoo", "/c/cust-00/",
    "/no/such/page", "/payments/reconciliation", "/payments/reconciliation?q=zzz",
    "/customers?sort=name", "/invoices?sort=-total", "/invoices/issue",
    f"{DRAFT}?line=1", "/payments", "/payments?q=nobody+at+all", "/mails/kinds",
    "/mails/kinds/invoice_issued", "/customers/cust-00/details", "/c/cust-03/wallet",
    "/c/cust-00/wallet", "/c/cust-09/wallet", "/adjustments", "/estimates/disk",
    "/estimates/terraform", "/estimates", "/estimates?q=zzz", "/estimates/new",
    "/estimates/new?from=template:web-shop",
    "/estimates/disk/guest?data_gib=x&fill=300",
    "/estimates/upload",
]  # fmt: skip
CUSTOMER_PAGES = [
    "/c/cust-00/payments", "/c/cust-00/wallet/top-up", "/c/cust-00/invoices/INV-000001/pay",
    "/c/cust-00/people", "/c/cust-00/keys", "/c/cust-00/cards", "/me", "/welcome",
    "/c/cust-00/", "/c/cust-00/usage", "/c/cust-00/usage?by=days",
    "/c/cust-00/usage?month=2020-01", "/c/cust-00/resources", "/c/cust-00/resources?q=zzz",
    "/c/cust-00/invoices", "/invoices/INV-000001?line=2", "/search?q=vm",
    "/c/cust-00/wallet", "/c/cust-00/wallet/settings", "/c/cust-00/wallet/statement",
    "/c/cust-00/estimates/disk/thin", "/c/cust-00/estimates/forecast?days=365&limit=9000",
    "/c/cust-00/usage?by=meters", f"/c/cust-00/usage?from={LAST}-10&to={THIS}-02&by=days",
    "/c/cust-00/estimates/terraform", "/c/cust-00/estimates", "/c/cust-00/estimates/new",
    "/c/cust-00/estimates/new?from=usage",
    "/c/cust-00/estimates/upload",
]  # fmt: skip
NOBODYS_PAGES = ["/signin", "/signin?next=/jobs", "/forgot", "/auth/bye", "/no/such/page"]
RULES = """axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'],
})"""
"""Of what fits a rule, axe need not say where it stands: finding that takes as long as judging."""
LOOKS = [(1440, "light"), (390, "dark"), (1440, "dark"), (390, "light")][: count(2, 4)]
"""Both schemes and both widths; each pair of them in `make test-long`."""


def faults(window: Visit, path: str, axe: str) -> list[str]:
    """What is wrong with a page in each of its looks."""
    found = []
    for width, scheme in LOOKS:
        window.complaints.clear()
        window.page.set_viewport_size({"width": width, "height": 900})
        window.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        window.go(path)
        window.page.evaluate(f"{axe}; 0")
        answer: Any = window.page.evaluate(RULES)
        wide = window.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        complaints = [words for words in window.complaints if "404" not in words]
        found += [f"{path} {width} {scheme}: {words}" for words in complaints]
        found += [
            f"{path} {width} {scheme}: {rule['id']} {rule['nodes'][0]['html'][:120]}"
            for rule in answer["violations"]
        ]
        if wide > 0:
            found.append(f"{path} {width} {scheme}: scrolls sideways by {wide} px")
    return found


@pytest.mark.browser
def test_pages_for_nobody_have_no_fault(chromium: Browser, site: str, axe: str) -> None:
    window = complaining_page(chromium.new_context(reduced_motion="reduce"), site)

    assert [fault for path in NOBODYS_PAGES for fault in faults(window, path, axe)] == []


@pytest.mark.browser
def test_staffs_pages_have_no_fault(chromium: Browser, site: str, axe: str) -> None:
    window = visit(chromium, site, STAFF)

    assert [fault for path in STAFF_PAGES for fault in faults(window, path, axe)] == []


@pytest.mark.browser
def test_customers_pages_have_no_fault(chromium: Browser, site: str, axe: str) -> None:
    window = visit(chromium, site, CUSTOMER)
    window.go("/c/cust-00/resources")
    resource = str(window.page.get_attribute("#resources tbody a", "href"))
    window.go(resource)
    segment = str(window.page.get_attribute("tbody a.toggle", "href"))
    window.go(segment)
    log = str(window.page.get_attribute("a[href*='/logs/']", "href"))
    window.go("/invoices/INV-000001?line=1")
    piece = str(window.page.get_attribute("tr.opened td a[href*='segment=']", "href"))

    pages = [*CUSTOMER_PAGES, resource, segment.partition("#")[0], log, piece.partition("#")[0]]

    assert [fault for path in pages for fault in faults(window, path, axe)] == []


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_an_invoice_line_opens_down_to_the_raw_log_and_back(
    chromium: Browser, site: str, *, scripts: bool
) -> None:
    window = visit(chromium, site, STAFF, scripts=scripts)
    page = window.page

    if scripts:
        page.keyboard.press("/")
        page.keyboard.type("Karoo")
        page.click("#found-side a:has-text('Karoo Analytics')")
    else:
        page.fill("#q-side", "Karoo")
        page.press("#q-side", "Enter")
        page.click("main a:has-text('Karoo Analytics')")
    page.wait_for_selector("h1:has-text('Karoo Analytics')")
    page.click("a:has-text('INV-')")
    page.click("#line-1 a.toggle")
    page.wait_for_selector("text=Arithmetic")
    page.click("a:has-text('Raw logs') >> nth=0")
    page.click("a[href*='/logs/'] >> nth=0")
    page.wait_for_selector("h2:has-text('Invoice lines it fed')")
    page.click("a:has-text('INV-')")
    page.wait_for_selector("tr.is-open")
    page.goto(f"{site}/")
    page.click("details.me summary")
    page.click("details.me button:has-text('Sign out')")
    page.wait_for_selector("h1:has-text('You are signed out')")

    assert window.complaints == []


@pytest.mark.browser
def test_an_expired_session_met_by_htmx_leads_to_the_sign_in_page(
    chromium: Browser, site: str
) -> None:
    window = visit(chromium, site, STAFF)
    window.go("/invoices/INV-000001")
    window.page.context.clear_cookies()

    window.page.click("#line-1 a.toggle")

    window.page.wait_for_selector("h1:has-text('Sign in')")
