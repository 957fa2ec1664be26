"""The doors for programs: logs in, usage out, each answer in the contract's shape."""

import gzip
import json
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.metering import jobs, service
from dcx.repository.session import transaction

LOG = {
    "event_id": "e1", "vm_id": "vm-1", "customer": "alpha", "at": "2026-01-01T00:00:00Z",
    "state": "running", "vcpus": 2, "memory_mib": 4096,
}  # fmt: skip
URL = "/api/v1/metering/vm-logs?source=hv"


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """A program with a key of every scope of metering."""
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)
        scopes = ["metering:write", "metering:read"]
        secret = accounts.add_key(session, "collector", scopes, customer=None, now_us=1)
    with transaction("bronze") as session:
        service.add_source(session, "hv", mode="events", now_us=1)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def test_a_list_is_stored_and_bad_rows_are_answered_with_their_reason(client: FlaskClient) -> None:
    answer = client.post(URL, json=[LOG, {**LOG, "event_id": "e2", "at": "2026-01-01T00:00:00"}])

    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["stored"], answer.json["duplicates"], answer.json["conflicts"]) == (1, 0, 0)
    assert [entry["row"] for entry in answer.json["quarantined"]] == [2]
    assert "at needs an offset" in answer.json["quarantined"][0]["reason"]


def test_true_is_not_one(client: FlaskClient) -> None:
    one = {**LOG, "vcpus": 1}

    answer = client.post(URL, json=[one, {**one, "event_id": "e2", "vcpus": True}]).json

    assert answer is not None
    assert (answer["stored"], [entry["row"] for entry in answer["quarantined"]]) == (1, [2])


def test_packed_ndjson_is_read_too(client: FlaskClient) -> None:
    body = gzip.compress((json.dumps(LOG) + "\nnot json\n").encode())

    answer = client.post(URL, data=body, content_type="application/x-ndjson").json

    assert answer is not None
    assert (answer["stored"], len(answer["quarantined"])) == (1, 1)


def test_an_idempotency_key_gives_the_same_answer_and_refuses_another_body(
    client: FlaskClient,
) -> None:
    key = {"Idempotency-Key": "k-1"}

    first = client.post(URL, json=[LOG], headers=key)
    again = client.post(URL, json=[LOG], headers=key)
    other = client.post(URL, json=[], headers=key)

    assert first.json == again.json
    assert first.json is not None
    assert first.json["stored"] == 1
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("url", "sent", "status"),
    [
        ("/api/v1/metering/vm-logs", {"json": []}, 400),
        ("/api/v1/metering/vm-logs?source=nobody", {"json": []}, 404),
        (URL, {"data": "[{", "content_type": "application/json"}, 400),
        (URL, {"data": b"\x1f\x8bx", "content_type": "application/json"}, 400),
        (URL, {"data": "a,b", "content_type": "text/csv"}, 400),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_contracts_shape(
    client: FlaskClient, url: str, sent: dict[str, Any], status: int
) -> None:
    answer = client.post(url, **sent)

    assert answer.status_code == status
    assert answer.json is not None
    assert set(answer.json["error"]) >= {"code", "message"}


def test_usage_and_runs_are_read(client: FlaskClient) -> None:
    client.post(URL, json=[LOG])
    jobs.meter()

    period = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
    usage = client.get(f"/api/v1/metering/usage?{period}&by=meter").json
    runs = client.get("/api/v1/metering/runs").json

    assert usage is not None
    assert {"meter": "vm.vcpu_hours", "quantity": "48.000000"} in usage["rows"]
    assert runs is not None
    assert (runs["pending"], runs["runs"][0]["logs"]) == (0, 1)
    assert client.get("/api/v1/metering/usage?from=x&to=y").status_code == 400


def test_a_customers_key_reads_only_its_own(app: APIFlask, client: FlaskClient) -> None:
    client.post(URL, json=[LOG, {**LOG, "event_id": "e2", "vm_id": "vm-2", "customer": "gamma"}])
    jobs.meter()
    with transaction() as session:
        secret = accounts.add_key(session, "theirs", ["metering:read"], customer="alpha", now_us=1)
    period = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
    theirs = app.test_client()
    key = {"Authorization": f"Bearer {secret}"}

    own = theirs.get(f"/api/v1/metering/usage?{period}", headers=key).json
    other = theirs.get(f"/api/v1/metering/usage?{period}&customer=gamma", headers=key)

    assert own is not None
    assert {row["customer"] for row in own["rows"]} == {"alpha"}
    assert other.status_code == 403


def test_the_specification_is_published(client: FlaskClient) -> None:
    answer = client.get("/api/v1/openapi.json")

    assert answer.json is not None
    assert "/api/v1/metering/vm-logs" in answer.json["paths"]
