"""Paying at the simulated PayGate in a real browser, and coming back from it."""

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import complaining_page
from tests.support.gateway import SimulatedGateway
from tests.support.merchant import ASKED, Merchant

pytestmark = pytest.mark.browser


def faults(page: Page, axe: str) -> list[str]:
    """What axe finds, and whether the page is wider than the window."""
    page.evaluate(f"{axe}; 0")
    found = page.evaluate("axe.run().then(all => all.violations.map(each => each.id))")
    is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*found, *(["too wide"] if is_wide else [])]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_customer_pays_with_a_test_card_and_is_sent_back(
    chromium: Browser, gateway: SimulatedGateway, axe: str, *, scripts: bool
) -> None:
    merchant = Merchant(gateway)
    shop = f"{gateway.address}/shop"
    request_id = merchant.initiate(RETURN_URL=shop)
    context = chromium.new_context(
        java_script_enabled=scripts, viewport={"width": 390, "height": 800}
    )
    visit = complaining_page(context, f"{gateway.address}/pay")
    page = visit.page
    page.goto(f"{gateway.address}/pay/{request_id}")

    page.click("a:has-text('4000000000000002')")
    assert page.input_value("#number") == "4000000000000002"
    seen = faults(page, axe) if scripts else []
    page.click("button:has-text('Pay')")
    seen += faults(page, axe) if scripts else []
    page.fill("#code", "1234")
    with page.expect_request(shop) as back:
        page.click("button:has-text('Send the code')")
        if not scripts:
            page.click("button:has-text('Back to the shop')")

    assert back.value.method == "POST"
    assert f"PAY_REQUEST_ID={request_id}&TRANSACTION_STATUS=1" in str(back.value.post_data)
    assert gateway.charges() == {ASKED["REFERENCE"]: [15000]}
    assert (seen, visit.complaints) == ([], [])
    context.close()
