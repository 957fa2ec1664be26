"""Every view says who may enter, and the doors hold."""

from apiflask import APIFlask
from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.repository.session import transaction
from dcx.web.doors import door_of
from tests.conftest import SignIn

DOORS = {
    "anyone": {
        "accounts.enter", "accounts.signin", "accounts.signout", "accounts.theme", "journal.alive",
        "journal.ready", "openapi.spec",
    },
    "signed in": {"billing.invoice", "billing.invoice_csv", "dashboard.home", "dashboard.search"},
    "staff": {
        "billing.draft", "billing.invoices", "dashboard.customer", "dashboard.customers",
        "journal.jobs",
        "metering.home", "pricing.books", "pricing.version",
    },
    "billing": {
        "accounts.add_customer", "accounts.new_customer", "billing.issue", "billing.preview",
        "metering.accept", "metering.add_source", "metering.new_source", "metering.run",
        "metering.settle", "pricing.date_vat", "pricing.new", "pricing.publish", "pricing.try_out",
        "pricing.withdraw_vat",
    },
    "customer": {
        "dashboard.customer_home", "dashboard.customer_invoices", "dashboard.raw_log",
        "dashboard.resource", "dashboard.resources", "dashboard.usage",
    },
    "scope metering:read": {"metering_api.runs", "metering_api.usage"},
    "scope metering:write": {"metering_api.send_disk_logs", "metering_api.send_vm_logs"},
}  # fmt: skip
OF = {endpoint: door for door, endpoints in DOORS.items() for endpoint in endpoints}
VALUES = {"customer": "alpha", "key": "alpha", "number": "1", "book": "standard", "kind": "vm"}
BEYOND = {"staff", "billing"}


def rules(app: APIFlask) -> list[tuple[str, str, str]]:
    """(endpoint, method, address) of every view."""
    found = []
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {
            name: 1 if name == "number" and "int" in str(rule) else VALUES.get(name, "x")
            for name in rule.arguments
        }
        methods = sorted((rule.methods or set()) & {"GET", "POST"})
        address = adapter.build(rule.endpoint, values) if rule.endpoint != "static" else ""
        found += [(rule.endpoint, method, address) for method in methods if address]
    return found


def test_every_view_has_the_door_of_the_table(app: APIFlask) -> None:
    declared = {endpoint: door_of(app, endpoint) for endpoint, _, _ in rules(app)}

    assert {endpoint: str(door) for endpoint, door in declared.items()} == OF


def test_nobody_is_sent_to_sign_in(app: APIFlask) -> None:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False
    for endpoint, method, address in rules(app):
        door = OF[endpoint]
        answer = client.open(address, method=method)
        if door.startswith("scope"):
            assert answer.status_code == 401, address
        elif door != "anyone":
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/signin?next="), address
            fragment = client.open(address, method=method, headers={"HX-Request": "true"})
            assert fragment.status_code == 401, address
            assert fragment.headers["HX-Redirect"].startswith("/signin"), address


def statuses(app: APIFlask, client: FlaskClient, doors: set[str]) -> dict[str, int]:
    app.config["WTF_CSRF_ENABLED"] = False
    return {
        f"{method} {address}": client.open(address, method=method).status_code
        for endpoint, method, address in rules(app)
        if OF[endpoint] in doors
    }


def test_a_stranger_finds_nothing(app: APIFlask, sign_in: SignIn) -> None:
    found = statuses(app, sign_in("charlie"), BEYOND | {"customer"})

    assert set(found.values()) == {404}


def test_a_customer_finds_nothing_of_the_staffs(app: APIFlask, sign_in: SignIn) -> None:
    for name in ("alice", "victor"):
        assert set(statuses(app, sign_in(name), BEYOND).values()) == {404}


def test_support_looks_and_does_not_change(app: APIFlask, sign_in: SignIn) -> None:
    client = sign_in("sue")

    assert set(statuses(app, client, {"billing"}).values()) == {403}
    assert client.get("/customers").status_code == 200
    assert client.get("/c/alpha/").status_code == 200


def test_a_browser_cannot_use_the_api_and_a_key_cannot_use_pages(
    app: APIFlask, sign_in: SignIn
) -> None:
    with transaction() as session:
        secret = accounts.add_key(session, "t", ["metering:read"], customer=None, now_us=1)
    key = {"Authorization": f"Bearer {secret}"}

    assert sign_in("ada").get("/api/v1/metering/runs").status_code == 401
    assert app.test_client().get("/api/v1/metering/runs", headers=key).status_code == 200
    assert app.test_client().get("/customers", headers=key).status_code == 302
    assert app.test_client().post("/api/v1/metering/vm-logs", headers=key).status_code == 403


def test_a_cookie_copied_before_signing_out_is_dead(app: APIFlask, sign_in: SignIn) -> None:
    client = sign_in("alice")
    stolen = client.get_cookie("dcx")
    assert stolen is not None
    app.config["WTF_CSRF_ENABLED"] = False

    client.post("/signout")

    thief = app.test_client()
    thief.set_cookie("dcx", stolen.value)
    assert thief.get("/c/alpha/").status_code == 302


def test_guessing_passwords_is_slowed_down(app: APIFlask, people: None) -> None:
    assert people is None
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    sent = {"email": "alice@dcx.example", "password": "wrong wrong wrong"}

    statuses = [client.post("/signin", data=sent).status_code for _ in range(12)]

    assert statuses == [422] * 10 + [429] * 2
