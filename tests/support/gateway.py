"""The simulator of PayGate, served on loopback, and what a test does with it."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from dcx.payments.simulator import outcomes
from dcx.payments.simulator.book import Attempt, PayRequest, Token, Transaction
from dcx.payments.simulator.cards import APPROVED
from dcx.payments.simulator.desk import FORM, Deliver, Simulator, post
from dcx.payments.simulator.faults import Fault
from dcx.payments.simulator.notices import notice_of, return_of
from dcx.payments.simulator.serve import server_at
from dcx.payments.simulator.signing import line_of, with_checksum

VISA, MASTERCARD, AMEX = "4000000000000002", "5200000000000015", "378282246310005"
POOR, REFUSED, BROKEN = "5200000000000023", "4000000000000036", "5200000000000064"


@dataclass(frozen=True)
class Return:
    """What the customer's browser brings back to the merchant, and where to."""

    url: str
    fields: dict[str, str]


@dataclass
class SimulatedGateway:
    """PayGate as a test sees it. Steps of a customer give what their browser brings back."""

    address: str
    simulator: Simulator

    @property
    def settings(self) -> dict[str, str]:
        """For `settings_of(pair, **gateway.settings)`."""
        merchant = self.simulator.merchant
        return {
            "DCX_PAYGATE_ID": merchant.paygate_id,
            "DCX_PAYGATE_KEY": merchant.key,
            "DCX_PAYHOST_PASSWORD": merchant.password,
            "DCX_PAYGATE_URL": f"{self.address}/payweb3",
            "DCX_PAYHOST_URL": f"{self.address}/payhost/process.trans",
        }

    def reset(self) -> None:
        self.simulator.reset()
        self.simulator.deliver = post

    def deliver_by(self, deliver: Deliver) -> None:
        """Notices go to this instead of by HTTP: `deliver(url, body) -> (status, text)`."""
        self.simulator.deliver = deliver

    def deliver_to(self, client: FlaskClient) -> None:
        """Notices go to an app that has no port, and returns too, by `come_back`."""

        def deliver(url: str, body: bytes) -> tuple[int, str]:
            answer = client.post(**_way(url), data=body, content_type=FORM)
            return answer.status_code, answer.get_data(as_text=True)

        self.deliver_by(deliver)

    def come_back(self, client: FlaskClient, way: Return) -> Any:
        """The browser posts the way back; gives the app's answer."""
        return client.post(**_way(way.url), data=way.fields)

    # The customer at the page

    def pay(
        self,
        pay_request_id: str,
        card: str = VISA,
        *,
        expires: str = "122099",
        otp: str = "right",
    ) -> Return:
        """Pay with a card, or with the kept one that was asked for. `otp`: right, wrong, abandon,
        where the card's bank asks for one.
        """
        request = self.request(pay_request_id)
        if request.asked.get("VAULT_ID"):
            request = outcomes.kept_card_given(self.simulator, pay_request_id)
        else:
            request = outcomes.card_given(self.simulator, pay_request_id, card, expires)
        if request.waits_for:
            code = {"right": outcomes.RIGHT_CODE, "wrong": "0000", "abandon": ""}[otp]
            outcomes.code_given(self.simulator, pay_request_id, code)
        return self.way_back(pay_request_id)

    def cancel(self, pay_request_id: str, status: str = "4") -> Return:
        """`status` 4 or 3: PayGate's papers know both."""
        outcomes.cancelled(self.simulator, pay_request_id, status)
        return self.way_back(pay_request_id)

    def break_down(self, pay_request_id: str, code: str = "990022") -> Return:
        """The bank fails: status 0 with that result."""
        outcomes.broken(self.simulator, pay_request_id, code)
        return self.way_back(pay_request_id)

    def eft(self, pay_request_id: str) -> Return:
        """Status 5 now; the final one by `settle_eft`."""
        outcomes.eft_begun(self.simulator, pay_request_id)
        return self.way_back(pay_request_id)

    def way_back(self, pay_request_id: str) -> Return:
        """What a browser would bring back now."""
        request = self.request(pay_request_id)
        return Return(request.asked["RETURN_URL"], return_of(self.simulator, request))

    # The bank and PayGate

    def settle_eft(self, pay_request_id: str, *, approves: bool = True) -> None:
        outcomes.eft_settled(self.simulator, pay_request_id, approves=approves)

    def void(self, pay_request_id: str) -> None:
        """The settlement is taken back: status 7, with a notice."""
        outcomes.voided(self.simulator, pay_request_id)

    def void_charge(self, order_id: str) -> None:
        """The same for a charge without a page, of which nobody is told: asking shows it."""
        charged = [each for each in self.transactions() if each.order_id == order_id]
        outcomes.take_back(self.simulator, charged[-1])

    def decline_token(self, vault_id: str, result: str = "900003") -> None:
        """From now on the kept card gives this result; "" ends that."""
        outcomes.token_declines(self.simulator, vault_id, result)

    def end_token(self, vault_id: str) -> None:
        """PayGate forgets the kept card."""
        with self.simulator.book.opened() as contents:
            contents.tokens[vault_id].is_active = False

    def notify(self, pay_request_id: str, **changes: str) -> tuple[int, str]:
        """One notice out of turn, rightly signed, with some fields changed; gives the answer."""
        request = self.request(pay_request_id)
        url = request.asked["NOTIFY_URL"]
        return self.simulator.deliver(url, self.notice(pay_request_id, **changes))

    def notice(self, pay_request_id: str, **changes: str) -> bytes:
        """The body of such a notice; a CHECKSUM among the changes stays as it is given."""
        request = self.request(pay_request_id)
        given = changes.pop("CHECKSUM", None)
        fields = {**notice_of(self.simulator, request), **changes}
        signed = with_checksum(fields, self.simulator.key_of(request))
        return line_of({**signed, "CHECKSUM": given or signed["CHECKSUM"]}).encode()

    def advance(self, seconds: float) -> None:
        """Move the clock; retries of notices and banks' words that fall due are sent."""
        outcomes.advance(self.simulator, seconds)

    def fault(self, kind: str, on: str, **details: Any) -> None:
        """Something goes wrong, once unless `times` says how often (-1: always): see faults.py."""
        self.simulator.faults.add(Fault(kind, on, **details))

    def options(self, **changes: object) -> None:
        """Change what was agreed with PayGate: see merchant.py."""
        self.simulator.merchant = self.simulator.merchant.changed(**changes)

    # What came of it

    def request(self, pay_request_id: str) -> PayRequest:
        return self.simulator.book.contents.requests[pay_request_id]

    @property
    def requests(self) -> list[PayRequest]:
        """Oldest first."""
        return list(self.simulator.book.contents.requests.values())

    @property
    def attempts(self) -> list[Attempt]:
        """Every notice that went out, and what came back."""
        return list(self.simulator.book.contents.attempts)

    @property
    def tokens(self) -> list[Token]:
        return list(self.simulator.book.contents.tokens.values())

    def charges(self) -> dict[str, list[int]]:
        """What was really charged: cents of each approved charge, by merchant's order id."""
        return self._sums("Purchase")

    def refunds(self) -> dict[str, list[int]]:
        """What was really sent back, by the reference of the refund."""
        return self._sums("Refund")

    def _sums(self, kind: str) -> dict[str, list[int]]:
        found = defaultdict(list)
        for each in self.transactions(kind):
            if each.outcome.status == APPROVED:
                found[each.reference].append(each.amount_cents)
        return dict(found)

    def transactions(self, kind: str = "Purchase") -> list[Transaction]:
        contents = self.simulator.book.contents
        return [each for each in contents.transactions.values() if each.kind == kind]


@contextmanager
def serve_gateway() -> Iterator[SimulatedGateway]:
    """A simulator on a free port, until the end of the context."""
    server, simulator = server_at(0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield SimulatedGateway(f"http://127.0.0.1:{server.server_port}", simulator)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _way(url: str) -> dict[str, Any]:
    """Path and host of an address, as a test client wants them."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return {"path": path, "base_url": f"{parts.scheme}://{parts.netloc}"}
