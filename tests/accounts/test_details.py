"""What a customer's invoices say: changed by billing staff, and who reads the mails about money."""

import pytest
from apiflask import APIFlask

from dcx.accounts import service
from dcx.accounts.service import Customer
from dcx.kit.actors import Actor
from dcx.notifications.service import FineAgain, Site
from dcx.repository.session import reading, transaction
from tests.conftest import Flask, SignIn, token_of

pytestmark = pytest.mark.usefixtures("people")


def details(key: str = "alpha") -> Customer:
    with reading() as session:
        return service.get_customer(session, key)


def test_billing_staff_change_the_details_and_support_cannot(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    page = sam.get("/customers/alpha/details").text
    sent = {
        "csrf_token": token_of(sam, "/customers/alpha/details"), "name": "Alpha (Pty) Ltd",
        "email": "accounts@alpha.example", "vat_number": "GB123", "billing": "prepaid",
        "price_book": "standard", "address": " 12 Loop Street \r\n\r\nCape Town; 8001",
    }  # fmt: skip

    assert "South African ones have 10 digits and begin with 4." in page
    assert sam.post("/customers/alpha/details", data=sent).status_code == 303
    assert details() == Customer(
        "alpha", "Alpha (Pty) Ltd", "accounts@alpha.example", "GB123", "prepaid", "standard",
        "12 Loop Street\nCape Town\n8001",
    )  # fmt: skip
    shown = sam.get("/customers/alpha/details").text
    assert "12 Loop Street\nCape Town\n8001</textarea>" in shown
    kept = sam.post(
        "/customers/alpha/details", data=sent | {"name": "", "email": "x@alpha.example"}
    )
    assert kept.status_code == 422
    assert "Give the name that stands on invoices." in kept.text
    assert 'value="x@alpha.example"' in kept.text
    assert details().email == "accounts@alpha.example"
    assert sign_in("sue").get("/customers/alpha/details").status_code == 403


@pytest.mark.parametrize(
    "fact",
    [{"name": "A\u2028lpha"}, {"vat_number": "4\n5"}, {"email": "nobody"}, {"billing": "barter"},
     {"address": "x" * 501}],
)  # fmt: skip
def test_details_that_cannot_be_are_refused(sign_in: SignIn, fact: dict[str, str]) -> None:
    sam = sign_in("sam")
    sent = {"csrf_token": token_of(sam, "/customers/alpha/details"), "name": "Alpha", **fact}

    assert sam.post("/customers/alpha/details", data=sent).status_code == 422
    assert details() == Customer("alpha", "Alpha")


def test_addresses_come_in_by_command_and_by_file(flask: Flask, tmp_path: object) -> None:
    address = ("--name", "Karoo", "--address", "1 Main Road; Beaufort West")
    assert flask("accounts", "add-customer", "karoo", *address).status == 0
    assert flask("accounts", "add-customer", "karoo", *address).status == 0
    file = f"{tmp_path}/customers.csv"
    with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123
        stream.write("key,name,address\nk1,One,2 Side Road; Paarl\nk2,Two,\n")
    assert flask("accounts", "import", file).status == 0

    found = [details(key).address for key in ("karoo", "k1", "k2")]
    assert found == ["1 Main Road\nBeaufort West", "2 Side Road\nPaarl", ""]


def test_mails_about_money_go_to_the_billing_address_else_to_the_owners(app: APIFlask) -> None:
    site = Site.of(app.config["DCX"])
    with transaction() as session:
        service.add_user(session, "anna@dcx.example", "alpha", "owner", now_us=1)
        words = FineAgain("Alpha\u2028Ltd", "R10,00", "https://desk.example/")
        keys = service.tell(session, "alpha", words, site=site, now_us=1)
        owners = service.recipients(session, "alpha")
        changed = Customer("alpha", "Alpha", "accounts@alpha.example")
        service.change_customer(session, changed, by=Actor("Sam"), now_us=1)
        service.add_customer(session, Customer("empty", "Empty"), now_us=1)

        assert sorted(owners) == ["alice@dcx.example", "anna@dcx.example"]
        assert len(keys) == 2
        assert service.recipients(session, "alpha") == ["accounts@alpha.example"]
        assert service.tell(session, "empty", words, site=site, now_us=1) == []
