"""The demo provider, served to a real Chromium."""

import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from dcx import demo
from dcx.factory import create_app
from dcx.settings import ROOT
from tests.support.databases import SqliteDatabases, settings_of
from tests.support.mails import write_reset

PASSWORD = "the demo of the tests"  # noqa: S105
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip


@pytest.fixture(scope="session")
def site(sqlite: SqliteDatabases) -> Iterator[str]:
    """The address of the demo provider."""
    app = create_app(settings_of(sqlite.fresh(lasts=True), DCX_DEMO="on"))
    with app.app_context():
        demo.load(PASSWORD)
        write_reset()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        for engine in app.extensions["sqlalchemy"].engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: install the package chromium, or put it on the PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A signed-in browser window, and what it complained of."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.site + path)


def visit(browser: Browser, site: str, email: str, *, scripts: bool = True) -> Visit:
    """Sign somebody in with their password, in a window of its own."""
    context = browser.new_context(java_script_enabled=scripts, reduced_motion="reduce")
    found = complaining_page(context, site)
    found.page.goto(f"{site}/signin")
    found.page.fill("#email", email)
    found.page.fill("#password", PASSWORD)
    found.page.click("form:has(#password) button")
    found.page.wait_for_url(re.compile(r"^(?!.*signin)"))
    return found


def complaining_page(context: BrowserContext, site: str) -> Visit:
    """A new page that notes what the console and the content policy complain of on our site."""
    found = Visit(context.new_page(), site)

    def note(words: str) -> None:
        if found.page.url.startswith(site):
            found.complaints.append(words)

    found.page.on("console", lambda said: note(said.text) if said.type == "error" else None)
    found.page.on("pageerror", lambda error: note(str(error)))
    return found


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, to be run in a page."""
    return (ROOT / "node_modules/axe-core/axe.min.js").read_text()
