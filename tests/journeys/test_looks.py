"""How pages behave under hand: on a phone, by keyboard, when a part fails, on paper."""

import time

import pytest
from playwright.sync_api import Browser, Route

from tests.journeys.conftest import visit

STAFF, CUSTOMER = "thandi@highveld.example", "naledi@karoo.example"


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False])
def test_a_customer_finds_every_page_in_the_menu_of_a_phone(
    chromium: Browser, site: str, *, scripts: bool
) -> None:
    page = visit(chromium, site, CUSTOMER, scripts=scripts).page
    page.set_viewport_size({"width": 390, "height": 800})

    for words in ("Usage", "Resources", "Invoices", "Home"):
        page.click("details.burger summary")
        page.click(f"details.burger a:has-text('{words}')")
        page.wait_for_selector(
            f"details.burger a[aria-current]:has-text('{words}')", state="attached"
        )
    page.click("a.to-search")

    page.wait_for_selector("main input[type=search]")


@pytest.mark.browser
def test_arrows_lead_through_what_a_search_found(chromium: Browser, site: str) -> None:
    page = visit(chromium, site, STAFF).page

    page.keyboard.press("/")
    page.keyboard.type("Karoo")
    page.wait_for_selector("#found-side .match")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_selector("h1:has-text('Karoo Analytics')")


@pytest.mark.browser
def test_escape_closes_what_was_found(chromium: Browser, site: str) -> None:
    page = visit(chromium, site, STAFF).page

    page.keyboard.press("/")
    page.keyboard.type("Karoo")
    page.wait_for_selector("#found-side .match")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")

    page.wait_for_selector("#found-side .match", state="detached")
    assert page.evaluate("document.activeElement.id") == "q-side"


@pytest.mark.browser
def test_a_part_that_fails_says_so_in_place_and_tries_again(chromium: Browser, site: str) -> None:
    page = visit(chromium, site, STAFF).page
    page.goto(f"{site}/customers")
    page.route("**/customers?*", lambda route: route.fulfill(status=500, body=""))

    page.fill("#words", "karoo")
    page.wait_for_selector("#customers >> text=Could not load.")
    assert page.locator("#customers tbody tr").count() > 1
    page.unroute("**/customers?*")
    page.click("#customers button:has-text('Try again')")

    page.wait_for_selector("#customers tbody tr:only-child")
    assert page.locator("text=Could not load.").count() == 0


@pytest.mark.browser
def test_what_loads_long_is_busy_and_keeps_its_old_content(chromium: Browser, site: str) -> None:
    def slowly(route: Route) -> None:
        time.sleep(1)
        route.continue_()

    page = visit(chromium, site, STAFF).page
    page.goto(f"{site}/customers")
    page.route("**/customers?*", slowly)

    page.fill("#words", "karoo")

    page.wait_for_selector("body.is-loading #customers[aria-busy=true] tbody tr >> nth=3")
    page.wait_for_selector("body:not(.is-loading) #customers:not([aria-busy]) tbody tr")


@pytest.mark.browser
def test_an_invoice_prints_closed_and_without_the_shell(chromium: Browser, site: str) -> None:
    page = visit(chromium, site, STAFF).page
    page.goto(f"{site}/invoices/INV-000001?line=1")
    page.wait_for_selector("text=Arithmetic")

    page.emulate_media(media="print", color_scheme="dark")

    for hidden in ("tr.opened", ".side", ".head .actions", ".foot"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert page.locator("#line-1").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_in_a_card_touches_its_edge(chromium: Browser, site: str, width: int) -> None:
    page = visit(chromium, site, STAFF).page
    page.set_viewport_size({"width": width, "height": 900})

    for path in ("/", "/customers", "/invoices", "/customers/new", "/metering", "/pricing"):
        page.goto(site + path)
        touching = page.evaluate(
            """() => [...document.querySelectorAll('.card')].flatMap((card) => {
                const edge = card.getBoundingClientRect();
                return [...card.querySelectorAll('h2, label, input, select, footer span, td, p')]
                    .filter((part) => part.offsetParent && part.textContent + part.value !== '')
                    .filter((part) => !part.closest('.sr, .opened') && !part.matches('.sr'))
                    .filter((part) => {
                        const box = part.getBoundingClientRect();
                        const { paddingLeft, paddingTop } = getComputedStyle(part);
                        const [left, top] = part.matches('td')
                            ? [parseFloat(paddingLeft), parseFloat(paddingTop)] : [0, 0];
                        return box.width
                            && (box.left + left < edge.left + 12 || box.top + top < edge.top + 6);
                    }).map((part) => part.outerHTML.slice(0, 80));
            })"""
        )
        assert touching == [], path
