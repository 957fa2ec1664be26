"""What is sent must be text: signs that no database keeps are refused at the door, not by it."""

import io
import json

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.metering import service as metering
from dcx.repository.session import transaction
from tests.conftest import SignIn

NO_TEXT = ("IN\0V", "\ud800")


@pytest.fixture
def ada(app: APIFlask, sign_in: SignIn) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return sign_in("ada")


@pytest.fixture
def program(app: APIFlask, people: None) -> FlaskClient:
    """With a key of the provider's that may send logs and begin payments."""
    assert people is None
    with transaction() as session:
        scopes = ["metering:write", "payments:write"]
        secret = accounts.add_key(session, "program", scopes, customer=None, now_us=1)
    with transaction("bronze") as session:
        metering.add_source(session, "hv", mode="events", now_us=1)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    client.environ_base["HTTP_IDEMPOTENCY_KEY"] = "once"
    return client


def test_a_form_that_no_database_keeps_is_refused_on_every_page(ada: FlaskClient) -> None:
    forms = {
        "/signin": {"email": "a\0@dcx.example"},
        "/customers": {"key": "beta", "name": "Be\0ta"},
        "/customers/alpha/details": {"name": "Alpha", "address": "1 Main\0Road"},
        "/metering/sources": {"name": "h\0v", "mode": "events"},
        "/mails/suppressed": {"address": "a\0@dcx.example"},
    }

    answers = {path: ada.post(path, data=form).status_code for path, form in forms.items()}

    assert set(answers.values()) == {400}, answers
    assert "holds a sign that is no text" in ada.post("/signin", data=forms["/signin"]).text


def test_the_name_of_a_file_is_text_and_what_it_holds_is_the_pages_to_judge(
    ada: FlaskClient,
) -> None:
    def send(content: bytes, name: str) -> str:
        sent = {"file": (io.BytesIO(content), name)}
        answer = ada.post("/payments/reconciliation/files", data=sent, follow_redirects=True)
        return answer.text

    assert "is no text" in send(b"reference,amount\n", "a\0.csv")
    assert "not a CSV file" in send(b"reference\0,amount\n", "a.csv")


@pytest.mark.parametrize("sign", NO_TEXT)
def test_json_that_no_database_keeps_is_refused_and_logs_lose_only_their_row(
    program: FlaskClient, sign: str
) -> None:
    body = {"amount": "150.00", "document": sign}
    paying = "/api/v1/payments?customer=alpha"
    good = {
        "event_id": "e1", "vm_id": "vm-1", "customer": "alpha", "at": "2026-01-01T00:00:00Z",
        "state": "running", "vcpus": 2, "memory_mib": 4096,
    }  # fmt: skip
    rows = [good, {**good, "event_id": sign}]

    refused = program.post(paying, json=body)
    written_out = program.post(paying, json={**body, "document": r"\u0000"})
    logs = program.post("/api/v1/metering/vm-logs?source=hv", json=rows)

    assert refused.status_code == 400
    assert json.loads(refused.text)["error"]["message"].startswith("What was sent holds a sign")
    assert written_out.status_code != 400, "a backslash and five letters are text"
    assert logs.get_json()["stored"] == 1
    assert [row["row"] for row in logs.get_json()["quarantined"]] == [2]


def test_json_without_end_is_refused(program: FlaskClient) -> None:
    sent = b'{"document":' + b"[" * 100_000
    answer = program.post("/api/v1/payments", data=sent, content_type="application/json")

    assert answer.status_code == 400
