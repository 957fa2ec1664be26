"""A saved estimate in a real browser: shared, revoked, compared, priced again and removed."""

import re

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Visit, complaining_page, visit
from tests.journeys.test_pages import faults

CUSTOMER = "naledi@karoo.example"
OWN = "/c/cust-00/estimates"


def kept(window: Visit, start: str, name: str) -> str:
    """The path of an estimate begun so, named and saved."""
    window.go(f"{OWN}/new?from={start}")
    window.page.fill("input[name=name]", name)
    window.page.click("button:has-text('Save the estimate')")
    window.page.wait_for_selector(f"h1:has-text('{name}')")
    return window.page.url.removeprefix(window.site)


@pytest.mark.browser
def test_a_newcomer_shares_an_estimate_takes_the_link_back_and_compares(
    chromium: Browser, site: str, axe: str
) -> None:
    window = visit(chromium, site, CUSTOMER)
    page = window.page
    used, shop = kept(window, "usage", "As last month"), kept(window, "template:web-shop", "Shop")

    page.click("main .head a:has-text('Share')")
    page.fill("#days", "7")
    page.click("button:has-text('Make a link')")
    path = "/shared/estimates/" + page.inner_text("#made").rpartition("/")[2]
    stranger = complaining_page(chromium.new_context(reduced_motion="reduce"), site)
    stranger.go(path)
    stranger.page.wait_for_selector("h1:has-text('Shop')")
    with stranger.page.expect_download() as download:
        stranger.page.click("a:has-text('PDF')")
    assert download.value.suggested_filename.endswith(".pdf")
    assert faults(stranger, path, axe) == []
    page.click("#links button:has-text('Revoke')")
    page.wait_for_selector("#links >> text=Revoked")
    stranger.go(path)
    stranger.page.wait_for_selector("h1:has-text('This link leads nowhere')")
    stranger.complaints.clear()
    assert [words for words in faults(stranger, path, axe) if "404" not in words] == []

    window.go(shop)
    page.click("summary:has-text('More')")
    page.click("a:has-text('Compare with another')")
    page.check("label:has-text('As last month') >> nth=0")
    page.click("button:has-text('Compare')")
    page.wait_for_selector("text=The largest difference is in")
    compared = page.url.removeprefix(site)
    assert page.locator(".side-by-side thead th").count() == 3

    pages = [used, shop, f"{shop}/share", f"{shop}/remove", f"{OWN}/compare", compared]
    assert [fault for path in pages for fault in faults(window, path, axe)] == []


@pytest.mark.browser
def test_without_scripts_an_estimate_is_priced_again_and_removed(
    chromium: Browser, site: str
) -> None:
    window = visit(chromium, site, CUSTOMER, scripts=False)
    page = window.page
    window.go(f"{OWN}/new?from=template:web-shop")
    page.fill("input[name=name]", "To be removed")
    page.click("button:has-text('Save the estimate')")

    page.click("summary:has-text('More')")
    page.click("button:has-text('Price again')")
    assert page.is_visible("text=Version 2 of 2")
    assert page.is_visible("#versions >> text=Version 1")
    page.click("summary:has-text('More')")
    page.click("a:has-text('Remove')")
    page.click("button:has-text('Remove the estimate')")

    assert re.search(r"/estimates/?$", page.url)
    assert page.is_visible("text=To be removed is removed.")
    assert page.locator("tbody >> text=To be removed").count() == 0
