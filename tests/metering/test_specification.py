"""What the specification says of metering's doors is what they answer."""

from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.metering import jobs, service
from dcx.repository.session import transaction
from tests.metering.test_api import LOG
from tests.support.schema import faults, schema_of

PERIOD = "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
DISK = {
    "event_id": "d1", "disk_id": "disk-1", "customer": "alpha", "at": "2026-01-01T00:00:00Z",
    "state": "attached", "size_gib": 10,
}  # fmt: skip
ROOM = "/api/v1/metering"


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """A program with a key of every scope of metering, with logs of a VM and a disk metered."""
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer("alpha", "Alpha"), now_us=1)
        scopes = ["metering:write", "metering:read"]
        secret = accounts.add_key(session, "collector", scopes, customer=None, now_us=1)
        own = accounts.add_key(session, "theirs", scopes, customer="alpha", now_us=1)
    with transaction("bronze") as session:
        service.add_source(session, "hv", mode="events", now_us=1)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    client.environ_base["OWN"] = f"Bearer {own}"
    client.post(f"{ROOM}/vm-logs?source=hv", json=[LOG])
    client.post(f"{ROOM}/disk-logs?source=hv", json=[DISK])
    jobs.meter()
    return client


ASKED: dict[str, tuple[str, str, str, Any, int]] = {
    "logs of VMs": ("post", "vm-logs", "?source=hv", {"json": [LOG, {"vm_id": "x"}]}, 200),
    "logs of disks": ("post", "disk-logs", "?source=hv", {"json": [DISK, LOG]}, 200),
    "no source": ("post", "vm-logs", "", {"json": []}, 400),
    "an unknown source": ("post", "vm-logs", "?source=x", {"json": []}, 404),
    "usage": ("get", "usage", f"?{PERIOD}", {}, 200),
    "usage by all": ("get", "usage", f"?{PERIOD}&by=resource&by=day&by=tier,customer", {}, 200),
    "usage without from": ("get", "usage", "?to=2026-01-02T00:00:00Z", {}, 400),
    "usage to before from": (
        "get", "usage", "?to=2026-01-02T00:00:00Z&from=2026-01-02T00:00:00Z", {}, 400
    ),
    "usage of nobody": ("get", "usage", f"?{PERIOD}&customer=nobody", {}, 404),
    "runs": ("get", "runs", "?limit=1", {}, 200),
    "runs, limit abc": ("get", "runs", "?limit=abc", {}, 400),
    "runs, limit 0": ("get", "runs", "?limit=0", {}, 400),
    "runs after x": ("get", "runs", "?after=x", {}, 400),
    "no key": ("get", "runs", "", {"headers": {"Authorization": ""}}, 401),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_an_answer_is_as_the_specification_says(client: FlaskClient, case: str) -> None:
    method, door, query, sent, status = ASKED[case]
    spec = client.get("/api/v1/openapi.json").json

    answer = client.open(f"{ROOM}/{door}{query}", method=method.upper(), **sent)

    assert answer.status_code == status, answer.text
    assert faults(spec, schema_of(spec, f"{ROOM}/{door}", method, status), answer.json) == []


def test_a_wrong_parameter_is_named(client: FlaskClient) -> None:
    answer = client.get(f"{ROOM}/runs?limit=abc").json

    assert answer is not None
    assert answer["error"]["code"] == "bad_request"
    assert set(answer["error"]["fields"]) == {"limit"}


def test_every_door_names_its_parameters_bodies_and_errors(client: FlaskClient) -> None:
    spec: Any = client.get("/api/v1/openapi.json").json
    paths = {path.removeprefix(f"{ROOM}/"): each for path, each in spec["paths"].items()}

    def parameters(path: str, method: str) -> set[str]:
        return {each["name"] for each in paths[path][method]["parameters"]}

    assert parameters("usage", "get") == {"from", "to", "by", "customer"}
    assert parameters("runs", "get") == {"limit", "after", "customer"}
    for path in ("vm-logs", "disk-logs"):
        assert parameters(path, "post") == {"source", "Idempotency-Key"}
        body = paths[path]["post"]["requestBody"]["content"]
        assert set(body) == {"application/json", "application/x-ndjson"}
        errors = {"400", "401", "403", "409", "413", "422", "429"}
        assert errors <= set(paths[path]["post"]["responses"])
        log = LOG if path == "vm-logs" else DISK
        assert faults(spec, body["application/json"]["schema"], [log]) == []


def test_runs_are_paged_newest_first(client: FlaskClient) -> None:
    jobs.meter()

    first: Any = client.get(f"{ROOM}/runs?limit=1").json
    second: Any = client.get(f"{ROOM}/runs?limit=1&after={first['next']}").json

    assert [run["logs"] for run in first["runs"] + second["runs"]] == [0, 2]
    assert second["next"] is None


def test_runs_and_what_waits_are_the_providers(client: FlaskClient) -> None:
    own = {"Authorization": client.environ_base["OWN"]}

    answer: Any = client.get(f"{ROOM}/runs", headers=own).json

    assert answer["metered_until"]
    assert (answer["pending"], answer["runs"]) == (None, [])


def test_a_row_at_the_wrong_door_or_of_another_customer_is_refused(client: FlaskClient) -> None:
    own = {"Authorization": client.environ_base["OWN"]}
    other = {**LOG, "event_id": "e9", "customer": "gamma"}

    answers: list[Any] = [
        client.post(f"{ROOM}/vm-logs?source=hv", json=[DISK]).json,
        client.post(f"{ROOM}/disk-logs?source=hv", json=[LOG]).json,
        client.post(f"{ROOM}/vm-logs?source=hv", json=[other], headers=own).json,
    ]

    assert [answer["stored"] for answer in answers] == [0, 0, 0]
    assert [answer["quarantined"][0]["reason"] for answer in answers] == [
        "this is a disk's row: send it to disk-logs",
        "this is a VM's row: send it to vm-logs",
        "this key may send logs of its own customer only",
    ]
