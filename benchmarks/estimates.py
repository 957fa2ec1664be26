"""Estimates: a keystroke in a long form, a long file, a large plan, a PDF."""

import io
import re
from collections.abc import Callable
from contextvars import Context
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from benchmarks.ground import Claim, alone, fresh_app, timed
from dcx.accounts import service as accounts
from dcx.estimates.service import Desk
from dcx.pricing import service as pricing
from dcx.repository.session import transaction
from dcx.settings import ROOT
from tests.estimates.planned import as_sent, change, plan, vsphere_disk, vsphere_vm
from tests.support.databases import PostgresDatabases
from tests.support.estimating import fields_of, form

FRAGMENT_LINES, FILE_LINES, RESOURCES = 50, 5_000, 2_000
NOW_US = 1_790_000_000_000_000
PASSWORD = "a password to measure with"  # noqa: S105  # pragma: allowlist secret
HTMX = {"HX-Request": "true"}


def claims(engine: str, servers: PostgresDatabases | None) -> list[Claim]:
    """Server time of what people wait for; no two requests are alike."""
    with fresh_app(engine, servers) as app:
        _provider(Desk.of(app.config["DCX"], NOW_US))
        staff = Staff(app.test_client())
        turns = count()
        made = (
            ("keystroke, 50 lines", lambda: staff.types(next(turns)), "0.030 s"),
            ("CSV of 5,000 lines", lambda: staff.uploads(next(turns)), "3 s"),
            ("Terraform plan, 2,000 resources", lambda: staff.plans(next(turns)), "2 s"),
            ("PDF, 50 lines", lambda: staff.prints(next(turns)), "0.300 s"),
        )
        return [alone(f"{engine}: estimate, {name}", work, most) for name, work, most in made]


def _provider(desk: Desk) -> None:
    """Prices, and a member of staff."""
    with transaction() as session:
        pricing.publish(
            session,
            (ROOT / "tests/estimates/data/e1_book.toml").read_bytes(),
            currency=desk.currency,
            zone=desk.zone,
            now_us=1,
            issued_until=lambda _: None,
        )
        accounts.add_staff(session, "ada@dcx.example", "admin", now_us=1)
        accounts.set_password(session, "ada@dcx.example", PASSWORD)


class Staff:
    """ada, signed in; what she does answers how long it takes."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        sent = {"email": "ada@dcx.example", "password": PASSWORD}
        self._token = self._token_on("/signin")
        assert self._post("/signin", sent).status_code == 303
        self._token = self._token_on("/estimates/new")

    def saved(self, turn: int) -> str:
        """The address of a saved estimate of 50 lines."""
        made = self._post("/estimates", form(fields_of(_ask(turn))))
        assert made.status_code == 303, made.text
        return str(made.headers["Location"])

    def types(self, turn: int) -> float:
        sent = form(fields_of(_ask(turn)))
        return _answered(lambda: self._post("/estimates/price", sent, headers=HTMX))

    def uploads(self, turn: int) -> float:
        rows = [f"vm,web-{turn}-{number},3,2,4,50 ssd; 100 ssd" for number in range(FILE_LINES)]
        body = "\n".join(["kind,name,count,vcpus,memory_gib,disks", *rows]).encode()
        sent = {"file": (io.BytesIO(body), "lines.csv")}
        return _answered(lambda: self._post("/estimates/upload", sent))

    def plans(self, turn: int) -> float:
        machine = vsphere_vm(vsphere_disk(40 + turn), num_cpus=2, memory=4096)
        addresses = (f"vsphere_virtual_machine.web[{number}]" for number in range(RESOURCES))
        body = as_sent(plan(*(change(address, machine) for address in addresses)))
        sent = {"plan": (io.BytesIO(body), "plan.json")}
        return _answered(lambda: self._post("/estimates/terraform", sent))

    def prints(self, turn: int) -> float:
        path = f"{self.saved(turn)}.pdf"
        return _answered(lambda: _apart(lambda: self._client.get(path)))

    def _post(self, path: str, sent: dict[str, Any], **more: Any) -> Any:
        data = {**sent, "csrf_token": self._token}
        return _apart(lambda: self._client.post(path, data=data, **more))

    def _token_on(self, path: str) -> str:
        page = _apart(lambda: self._client.get(path))
        found = re.search(r'csrf_token" value="([^"]+)', page.text)
        assert found
        return found.group(1)


def _apart(ask: Callable[[], Any]) -> Any:
    """A request that finds nothing of the one before it: both would share what the app's context
    holds.
    """
    return Context().run(ask)


def _ask(turn: int) -> dict[str, Any]:
    disks = [{"tier": "ssd", "size_gib": "50"}, {"tier": "ssd", "size_gib": str(100 + turn)}]
    machine = {"kind": "vm", "count": 3, "vcpus": 2, "memory_gib": "4", "disks": disks}
    lines = [{**machine, "name": f"web-{number}"} for number in range(FRAGMENT_LINES)]
    return {"name": f"Estimate {turn}", "month": "2026-08", "lines": lines}


def _answered(ask: Callable[[], Any]) -> float:
    """How long the answer takes; AssertionError where it is a refusal."""

    def work() -> None:
        answer = ask()
        if answer.status_code != 200:
            raise AssertionError(f"FAILED: {answer.status_code} {answer.text[:300]}")

    return timed(work)
