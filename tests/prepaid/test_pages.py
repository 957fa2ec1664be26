"""What customers and staff see of a wallet, and what they do there."""

import re
from typing import Any

from flask.testing import FlaskClient

from dcx.accounts import service as accounts
from dcx.repository.session import reading, transaction
from dcx.wallet import service as ledger
from tests.conftest import SignIn, token_of
from tests.prepaid.conftest import BY, Purse

WALLET, ADJUSTMENTS = "/c/alpha/wallet", "/c/alpha/wallet/adjustments"


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def post(client: FlaskClient, address: str, page: str, **sent: Any) -> Any:
    token = token_of(client, page)
    return client.post(address, data={"csrf_token": token, **sent})


def test_a_wallet_says_what_is_left_of_what_it_is_made_and_what_moved(
    purse: Purse, sign_in: SignIn
) -> None:
    purse.set_live(150_00)
    number = purse.issue()
    purse.credit(25_00)
    with transaction() as session:
        held = ledger.Held("alpha", 10_00, "order/1", "Order 1")
        ledger.hold(session, held, by=BY, now_us=purse.now_us)
    alice, victor = sign_in("alice"), sign_in("victor")

    page = text_of(alice, WALLET)
    seen = alice.get(WALLET).get_data(as_text=True)

    for words in (
        "Left in your wallet R165,00", "Balance low", "mostly for name of vm-1", "Lasts until",
        "R10,00 more, held for orders", "Used and not yet invoiced", "Welcome", "Order 1",
        f"Invoice {number} paid from the wallet", "Top-up", "Warned below R200,00, R50,00",
        "You get a mail, and nothing is switched off.", "3 movements",
    ):  # fmt: skip
        assert words in page, words
    assert 'class="dash"' in seen
    assert seen.count('<a class="day"') == 60
    assert "Change" in page
    assert "Change how the wallet" not in text_of(victor, WALLET)
    assert "Move money by hand" not in page

    table = alice.get(f"{WALLET}?sort=amount", headers={"HX-Request": "true"})
    amounts = re.findall(r'<td class="num">([^<]+)</td>', table.get_data(as_text=True))
    assert amounts[0].startswith("\u2212")
    file = alice.get(f"{WALLET}?as=csv").get_data(as_text=True).splitlines()
    assert file[0] == "at,kind,words,invoice,amount,balance,currency"
    assert len(file) == 4
    home = text_of(alice, "/c/alpha/")
    assert "Wallet" in home
    assert "R165" in home
    assert "Left in the wallet R165" in text_of(sign_in("sue"), "/customers/alpha")


def test_a_statement_adds_up_on_the_page_in_the_file_and_is_a_pdf(
    purse: Purse, sign_in: SignIn
) -> None:
    purse.set_live(150_00)
    client, there = sign_in("victor"), f"{WALLET}/statement"

    page = text_of(client, there)
    rows = client.get(f"{there}?as=csv").get_data(as_text=True).splitlines()
    pdf = client.get(f"{there}?as=pdf")

    assert "Opening R0,00" in page
    assert "1 movement of the wallet" in page
    opening, line, closing = (row.split(",") for row in rows[1:])
    assert (opening[4], opening[5]) == ("", "0.00")
    assert line[4] == line[5] == closing[5]
    assert pdf.mimetype == "application/pdf"
    assert pdf.get_data().startswith(b"%PDF")
    bad = client.get(f"{there}?from=2026-02-31&to=x")
    assert bad.status_code == 422
    assert "Give a date" in bad.get_data(as_text=True)
    assert client.get(f"{there}?from=2026-02-31&to=x&as=pdf").status_code == 400
    assert client.get(f"{there}?month=soon").status_code == 422


def test_an_owner_arranges_the_wallet_and_wrong_fields_keep_what_was_typed(
    purse: Purse, sign_in: SignIn
) -> None:
    alice, there = sign_in("alice"), f"{WALLET}/settings"

    wrong = post(alice, there, there, **{"threshold-1": "1,234", "at_zero": "suspend",
                                         "grace_hours": "0", "pays": "on"})  # fmt: skip
    again = wrong.get_data(as_text=True)
    assert wrong.status_code == 422
    assert "2 fields need a correction" in again
    assert 'value="1,234"' in again

    good = post(alice, there, there, **{"threshold-1": "1 234,50", "threshold-2": "R80",
                                        "at_zero": "suspend", "grace_hours": "24"})  # fmt: skip
    assert good.status_code == 303
    terms = purse.standing().terms
    assert (terms.thresholds, terms.at_zero, terms.grace_hours) == ((1234_50, 80_00), "suspend", 24)
    assert not terms.pays_from_wallet
    assert not terms.auto.is_on
    assert "24 hours later the account is suspended" in text_of(alice, WALLET)
    assert "needs a saved card" not in text_of(alice, there)
    assert sign_in("sam").get(there).status_code == 403


def test_staff_move_money_by_hand_and_above_the_limit_a_second_person_agrees(
    purse: Purse, sign_in: SignIn
) -> None:
    number = purse.issue()
    sam, ada, sue = sign_in("sam"), sign_in("ada"), sign_in("sue")
    assert "Move money by hand" in text_of(sam, WALLET)
    assert "Move money by hand" not in text_of(sue, WALLET)

    def ask(**sent: Any) -> int:
        return int(post(sam, ADJUSTMENTS, WALLET, **sent).status_code)

    assert ask(kind="adjustment", amount="", reason="", form_key="a") == 422
    assert ask(kind="adjustment", amount="-5", reason="too much", form_key="b") == 422
    assert ask(kind="received", amount="60,00", reason="EFT of 3 May", form_key="c") == 303
    assert ask(kind="credit", amount="20", reason="sorry for that", form_key="d",
               expires="2099-01-31") == 303  # fmt: skip
    assert ask(kind="adjustment", amount="6000", reason="a big one", form_key="e") == 303
    assert ask(kind="adjustment", amount="6000", reason="a big one", form_key="e") == 303
    found = purse.standing().balances
    assert (found.wallet, found.credit) == (60_00, 20_00)

    assert "Yours: somebody else decides" in text_of(sam, "/adjustments")
    assert "Adjustments 1 wait" in text_of(ada, "/customers")
    assert "Adjustments 1 wait" not in text_of(sam, "/customers")
    with reading() as session:
        key = ledger.waiting(session)[0].key
    assert post(sam, "/adjustments", "/adjustments", key=key, agrees="yes").status_code == 303
    assert purse.standing().balances.wallet == 60_00
    assert post(ada, "/adjustments", "/adjustments", key=key, agrees="yes").status_code == 303
    assert purse.standing().balances.wallet == 6060_00
    assert "decided by ada@dcx.example" in text_of(sue, "/adjustments")
    rows = sue.get("/adjustments?as=csv").get_data(as_text=True).splitlines()
    assert len(rows) == 4

    assert ask(kind="write_off", document=number, reason="never mind", form_key="f") == 303
    with reading() as session:
        assert ledger.owed(session, [number]) == {number: 0}
    assert purse.flask("check").status == 0


def test_who_pays_by_invoice_may_pay_one_from_the_wallet_once(sign_in: SignIn) -> None:
    with transaction() as session:
        ledger.charge(session, ledger.Bill("INV-7", "gamma", "July", 30_00, 0), by=BY, now_us=1)
        money = ledger.Receipt("gamma", 50_00, "t/g", "Top-up")
        ledger.receive(session, money, by=BY, now_us=2)
    charlie, there = sign_in("charlie"), "/c/gamma/wallet"
    page = text_of(charlie, there)
    assert "In your wallet R50,00" in page
    assert "You pay by invoice" in page
    form = {"form_key": "one"}

    first = post(charlie, "/c/gamma/invoices/INV-7/from-wallet", there, **form)
    second = post(charlie, "/c/gamma/invoices/INV-7/from-wallet", there, **form)

    assert (first.status_code, second.status_code) == (303, 303)
    with reading() as session:
        assert ledger.balances(session, "gamma").wallet == 20_00
    post(charlie, "/c/gamma/invoices/INV-1/from-wallet", there, form_key="two")
    assert "Nothing is owed for INV-1" in text_of(charlie, there)


def test_programs_read_a_wallet_and_its_entries_page_by_page(purse: Purse) -> None:
    purse.set_live(400_00)
    purse.set_live(390_00)
    number = purse.issue()
    with transaction() as session:
        own = accounts.add_key(session, "k", ["wallet:read"], customer="alpha", now_us=1)
        other = accounts.add_key(session, "o", ["metering:read"], customer="alpha", now_us=1)
        theirs = accounts.add_key(session, "t", ["wallet:read"], customer="gamma", now_us=1)
    client = purse.app.test_client()

    def ask(path: str, key: str = own) -> Any:
        return client.get(f"/api/v1/wallet{path}", headers={"Authorization": f"Bearer {key}"})

    found, money = ask("").json, purse.standing()
    assert found["live"] == "390.00"
    assert (found["customer"], found["currency"], found["held"]) == ("alpha", "ZAR", "0.00")
    parts = [round(float(found[name]) * 100) for name in ("balance", "credit", "owed", "unbilled")]
    assert parts[0] + parts[1] - parts[2] - parts[3] == money.live_cents
    assert found["lasts_until"].endswith("Z")

    first = ask("/entries?limit=2").json
    second = ask(f"/entries?limit=2&after={first['next']}").json
    assert [entry["kind"] for entry in first["entries"]] == ["settlement", "adjustment"]
    assert first["entries"][0]["invoice"] == number
    assert [entry["kind"] for entry in second["entries"]] == ["top_up"]
    assert second["next"] is None
    assert ask("/entries?limit=0").status_code == 400
    assert ask("", other).status_code == 403
    assert ask("?customer=alpha", theirs).status_code == 403
    specified = client.get("/api/v1/openapi.json").get_data(as_text=True)
    assert '"/api/v1/wallet/entries"' in specified
