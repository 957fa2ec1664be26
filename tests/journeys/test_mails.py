"""A mail is shown as its reader sees it, in a frame that can do nothing."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import visit
from tests.journeys.test_pages import STAFF, faults


@pytest.mark.browser
def test_a_mail_is_shown_with_its_own_styles_and_has_no_fault(
    chromium: Browser, site: str, axe: str
) -> None:
    window = visit(chromium, site, STAFF)
    window.go("/mails")
    mail = str(window.page.get_attribute("#mails tbody a", "href"))

    assert faults(window, mail, axe) == []

    button = window.page.frame_locator("iframe.letter").locator("a >> nth=0")
    assert button.inner_text() == "Choose a new password"
    colour = button.evaluate("link => getComputedStyle(link).backgroundColor")
    assert colour == "rgb(43, 89, 195)"


@pytest.mark.browser
def test_the_list_narrows_while_one_types(chromium: Browser, site: str) -> None:
    window = visit(chromium, site, STAFF)
    window.go("/mails")

    window.page.fill("#words", "nobody")
    window.page.wait_for_selector("text=No mail matches")
    window.page.fill("#words", "naledi")
    window.page.wait_for_selector("#mails tbody a")
    window.page.select_option("#state", "failed")

    window.page.wait_for_selector("text=No mail matches")
    assert window.page.url.endswith("/mails?q=naledi&state=failed")
