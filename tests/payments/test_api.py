"""Programs begin payments once for an Idempotency-Key and see how they stand."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.repository.session import transaction
from tests.support.paying import Till
from tests.support.schema import faults, schema_of

URL = "/api/v1/payments"


@pytest.fixture
def keys(till: Till) -> dict[str, str]:
    """A key of alpha, of gamma, of the provider, and one without the scope."""
    assert till.app.config["DCX"]
    wanted = {"alpha": "alpha", "gamma": "gamma", "provider": None, "poor": "alpha"}
    with transaction() as session:
        return {
            name: accounts.add_key(
                session, name, ["estimates"] if name == "poor" else ["payments:write"],
                customer=customer, now_us=1,
            )
            for name, customer in wanted.items()
        }  # fmt: skip


@pytest.fixture
def client(till: Till) -> FlaskClient:
    return till.app.test_client()


def head(secret: str, once: str = "") -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": once} if once else {})


def test_a_payment_is_begun_once_and_looked_at(
    till: Till, client: FlaskClient, keys: dict[str, str]
) -> None:
    body = {"amount": "150.00"}

    first, again = (client.post(URL, json=body, headers=head(keys["alpha"], "k1")) for _ in "12")
    other = client.post(URL, json={"amount": "151.00"}, headers=head(keys["alpha"], "k1"))

    told: Any = first.get_json()
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert again.get_json() == told
    assert len(till.gateway.requests) == 1
    assert (told["amount"], told["currency"], told["status"]) == ("150.00", "ZAR", "redirected")
    assert told["url"].endswith(f"/c/alpha/payments/{told['id']}/go")
    till.gateway.pay(till.request(told["id"]))
    seen = client.get(f"{URL}/{told['id']}", headers=head(keys["alpha"]))
    assert (seen.get_json()["status"], till.balance()) == ("paid", 15_000)
    spec: Any = client.get("/api/v1/openapi.json").get_json()
    assert faults(spec, schema_of(spec, URL, "post", 201), told) == []
    assert faults(spec, schema_of(spec, f"{URL}/{{payment}}", "get", 200), seen.get_json()) == []


def test_an_invoice_is_paid_with_exactly_what_is_owed(
    till: Till, client: FlaskClient, keys: dict[str, str]
) -> None:
    document = till.invoice()

    def begun(amount: str, once: str, who: str = "alpha") -> Any:
        sent = {"amount": amount, "document": document, "email": "a@alpha.example"}
        return client.post(URL, json=sent, headers=head(keys[who], once))

    assert begun("1.00", "a").status_code == 422
    assert begun("149.50", "b", "gamma").status_code == 422
    right = begun("149.50", "a")
    assert (right.status_code, right.get_json()["document"]) == (201, document)
    assert till.gateway.requests[-1].asked["EMAIL"] == "a@alpha.example"


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), ({"amount": "1e3"}, 422), ({"amount": 150}, 422), ({"amount": "150"}, 422),
     ({"amount": "10.00"}, 422), ({"amount": "１５０.００"}, 422), ([], 422)],
)  # fmt: skip
def test_what_cannot_be_paid_is_refused(
    till: Till, client: FlaskClient, keys: dict[str, str], body: Any, status: int
) -> None:
    answer = client.post(URL, json=body, headers=head(keys["alpha"], "k"))

    assert answer.status_code == status
    assert answer.get_json()["error"]["message"]
    assert till.gateway.requests == []


def test_a_key_reaches_its_own_customers_payments_only(
    till: Till, client: FlaskClient, keys: dict[str, str]
) -> None:
    key, body = till.pay(), {"amount": "150.00"}

    def status(who: str, query: str = "", once: str = "k") -> int:
        return client.post(f"{URL}{query}", json=body, headers=head(keys[who], once)).status_code

    assert client.get(f"{URL}/{key}", headers=head(keys["alpha"])).status_code == 200
    assert client.get(f"{URL}/{key}", headers=head(keys["gamma"])).status_code == 404
    assert client.get(f"{URL}/{key}?customer=alpha", headers=head(keys["gamma"])).status_code == 403
    assert (
        client.get(f"{URL}/{key}?customer=alpha", headers=head(keys["provider"])).status_code == 200
    )
    assert (status("poor"), status("gamma", "?customer=alpha"), status("provider")) == (
        403,
        403,
        400,
    )
    assert status("provider", "?customer=alpha") == 201
    assert status("alpha", once="") == 400, "a payment needs an Idempotency-Key"
