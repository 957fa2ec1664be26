"""A merchant's server, as the simulator of PayGate meets it."""

from collections.abc import Mapping

from flask.testing import FlaskClient

from dcx.payments.simulator import create_simulator
from dcx.payments.simulator.signing import fields_of, sign, with_checksum
from tests.support.gateway import SimulatedGateway

ASKED = {
    "PAYGATE_ID": "10011072130", "REFERENCE": "DCX-1-A", "AMOUNT": "15000", "CURRENCY": "ZAR",
    "RETURN_URL": "http://127.0.0.1:9/payments/return",
    "TRANSACTION_DATE": "2026-01-31 08:15:00", "LOCALE": "en-za", "COUNTRY": "ZAF",
    "EMAIL": "billing@acme.example", "NOTIFY_URL": "http://127.0.0.1:9/payments/notify",
}  # fmt: skip
"""In the order in which they are signed; what a test adds comes behind and so does the checksum."""


class Merchant:
    """Speaks to a simulator as a merchant's server does, and counts what it is told."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        self.gateway = gateway
        self.client: FlaskClient = create_simulator().test_client()
        self.client.application.config["SIMULATOR"] = gateway.simulator
        self.told: list[dict[str, str]] = []
        self.reply = "OK"
        gateway.deliver_by(self._hear)

    def _hear(self, url: str, body: bytes) -> tuple[int, str]:
        assert url == ASKED["NOTIFY_URL"]
        self.told.append(fields_of(body))
        return 200, self.reply

    def send(self, door: str, fields: Mapping[str, str]) -> str:
        signed = fields if "CHECKSUM" in fields else with_checksum(fields, "secret")
        answer = self.client.post(f"/payweb3/{door}.trans", data=signed)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def initiate(self, **changes: str) -> str:
        """The id of a new request to pay."""
        opened = fields_of(self.send("initiate", {**ASKED, **changes}).encode())
        assert opened["CHECKSUM"] == sign(opened, list(opened)[:3], "secret")
        return opened["PAY_REQUEST_ID"]

    def query(self, request_id: str) -> dict[str, str]:
        asked = {"PAYGATE_ID": ASKED["PAYGATE_ID"], "PAY_REQUEST_ID": request_id}
        found = fields_of(self.send("query", {**asked, "REFERENCE": "DCX-1-A"}).encode())
        *names, last = found
        assert (last, found["CHECKSUM"]) == ("CHECKSUM", sign(found, names, "secret"))
        return found

    def show(self, request_id: str) -> str:
        """The page that a browser gets when it brings a request."""
        asked = {"PAYGATE_ID": ASKED["PAYGATE_ID"], "PAY_REQUEST_ID": request_id}
        signed = with_checksum({**asked, "REFERENCE": "DCX-1-A"}, "secret")
        sent = {"PAY_REQUEST_ID": request_id, "CHECKSUM": signed["CHECKSUM"]}
        return self.send("process", sent)
