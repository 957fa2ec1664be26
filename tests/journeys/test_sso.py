"""Signing in and out in a real browser, at a real provider of single sign-on."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from apiflask import APIFlask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from dcx import demo
from dcx.accounts.service import domains
from dcx.factory import create_app
from dcx.kit.actors import Actor
from dcx.repository.session import transaction
from tests.journeys.conftest import Visit, complaining_page
from tests.support.databases import SqliteDatabases, settings_of
from tests.support.provider import provider
from tests.support.provider import settings_of as at_provider
from tests.support.servers import free_port

pytestmark = pytest.mark.browser


@dataclass
class Pair:
    """DCX and its provider."""

    app: APIFlask
    site: str
    issuer: str


@pytest.fixture(scope="module")
def pair(sqlite: SqliteDatabases) -> Iterator[Pair]:
    """DCX with the demo's customers, and the provider beside it; karoo's domain lets people in."""
    here, there = free_port(), free_port()
    site, issuer = f"http://127.0.0.1:{here}", f"http://127.0.0.1:{there}"
    changes = {**at_provider(issuer), "DCX_PUBLIC_URL": site, "DCX_DEMO": "on"}
    app = create_app(settings_of(sqlite.fresh(lasts=True), **changes))
    with app.app_context():
        demo.load("the demo of the tests")
        with transaction() as session:
            by = Actor("ada@dcx.example")
            domains.add_domain(session, "cust-00", "karoo.example", "owner", by=by, now_us=1)
    server = make_server("127.0.0.1", here, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with provider(site, there):
        yield Pair(app, site, issuer)
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


def come(page: Page, site: str, name: str, wanted: str = "/") -> None:
    """Sign in at the provider's own pages."""
    page.goto(f"{site}{wanted}")
    page.click("a:has-text('Highveld sign-on')")
    page.fill("[placeholder='Enter any login']", name)
    page.fill("[placeholder='and password']", "any")
    page.click("button:has-text('Sign-in')")
    page.click("button:has-text('Continue')")
    page.wait_for_url(re.compile(f"^{re.escape(site)}/"))


def window(chromium: Browser, pair: Pair, *, scripts: bool = True) -> Visit:
    context = chromium.new_context(java_script_enabled=scripts, reduced_motion="reduce")
    return complaining_page(context, pair.site)


@pytest.mark.parametrize("scripts", [True, False])
def test_staff_sign_in_work_and_sign_out_here_and_at_the_provider(
    chromium: Browser, pair: Pair, *, scripts: bool
) -> None:
    visit = window(chromium, pair, scripts=scripts)
    page = visit.page
    come(page, pair.site, "thandi", "/customers/new")
    page.wait_for_selector("h1:has-text('Add a customer')")
    page.fill("#key", f"journey-{scripts}".lower())
    page.fill("#name", "Journey Ltd")
    page.click("button:has-text('Add this customer')")
    page.wait_for_selector("h1:has-text('Journey Ltd')")

    page.click("details.me summary")
    page.click("details.me button:has-text('Sign out')")
    page.click("button:has-text('Yes, sign me out')")
    page.wait_for_selector("h1:has-text('You are signed out')")

    page.goto(f"{pair.site}/customers")
    page.wait_for_selector("h1:has-text('Sign in')")
    page.click("a:has-text('Highveld sign-on')")
    page.wait_for_selector("[placeholder='Enter any login']")
    assert visit.complaints == []


def test_a_customer_is_signed_out_by_the_provider_and_the_next_click_asks_for_sign_in(
    chromium: Browser, pair: Pair
) -> None:
    visit = window(chromium, pair)
    page = visit.page
    come(page, pair.site, "naledi")
    page.wait_for_selector("text=Biggest resources")
    page.goto(f"{pair.site}/c/cust-00/resources")

    other = page.context.new_page()
    other.goto(f"{pair.issuer}/session/end")
    other.click("button:has-text('Yes, sign me out')")
    other.wait_for_load_state()
    ended_at = time.monotonic()

    page.fill("main input[type=search]", "vm")
    page.wait_for_selector("h1:has-text('Sign in')")
    assert "next=/c/cust-00/resources" in page.url
    assert time.monotonic() - ended_at < 30
    page.goto(f"{pair.site}/c/cust-00/")
    assert page.inner_text("h1") in {"Sign in", "Your session has ended"}


def test_who_cancels_at_the_provider_can_try_again(chromium: Browser, pair: Pair) -> None:
    page = window(chromium, pair).page
    page.goto(f"{pair.site}/jobs")
    page.click("a:has-text('Highveld sign-on')")

    page.click("a:has-text('Cancel')")

    page.wait_for_selector("text=nothing changed")
    assert page.url.startswith(f"{pair.site}/auth/callback")
    page.click("a:has-text('Highveld sign-on')")
    page.wait_for_selector("[placeholder='Enter any login']")


def test_who_is_unknown_asks_for_access_and_staff_grant_it(chromium: Browser, pair: Pair) -> None:
    guest, staff = window(chromium, pair), window(chromium, pair)
    come(guest.page, pair.site, "mpho")
    guest.page.fill("#note", "Karoo Analytics, accounts")
    guest.page.click("button:has-text('Ask for access')")
    guest.page.wait_for_selector("text=Staff see your request")

    come(staff.page, pair.site, "thandi", "/people")
    row = staff.page.locator("#asking tr", has_text="mpho@elsewhere.example")
    row.locator("select[name=customer]").select_option("cust-00")
    row.locator("button:has-text('Grant')").click()
    staff.page.wait_for_selector("text=They are viewer at cust-00")

    guest.page.goto(pair.site)
    guest.page.wait_for_selector("text=Biggest resources")
    assert guest.complaints + staff.complaints == []
