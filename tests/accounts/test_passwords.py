"""Signing in with a password: guesses, second factors and links to a new password."""

import re
import time

import pyotp
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from dcx.accounts import service as accounts
from dcx.accounts.errors import LinkGoneError
from dcx.accounts.models import Person
from dcx.accounts.rules import RESET_US
from dcx.accounts.service import passwords
from dcx.notifications.models import Mail
from dcx.repository.session import reading, transaction
from tests.conftest import PASSWORD, PASSWORD_HASH, SignIn
from tests.support.apps import serving
from tests.support.counts import count
from tests.support.databases import settings_of

pytestmark = pytest.mark.long
ALICE = {"email": "alice@dcx.example", "password": PASSWORD}
BAD, SHORT = "wrong wrong wrong", "short"
WRONG = {**ALICE, "password": BAD}
MANY = count(100, 1000)
NEW = "another battery staple"


@pytest.fixture(autouse=True)
def _no_csrf(app: APIFlask, people: None) -> None:
    assert people is None
    app.config["WTF_CSRF_ENABLED"] = False


def guess(client: FlaskClient, sent: dict[str, str], address: str = "192.0.2.1") -> int:
    return client.post("/signin", data=sent, environ_base={"REMOTE_ADDR": address}).status_code


def test_a_password_that_is_set_is_kept_as_a_slow_hash_and_lets_in(app: APIFlask) -> None:
    with transaction() as session:
        passwords.set_password(session, "alice@dcx.example", NEW)
    with reading() as session:
        query = select(Person.password_hash).where(Person.login == "alice@dcx.example")
        kept = str(session.scalars(query).one())

    said = [guess(app.test_client(), {**ALICE, "password": word}) for word in (PASSWORD, NEW)]

    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert said == [422, 303]


def test_many_guesses_from_one_address_are_cut_short(app: APIFlask) -> None:
    """Whether or not there are such people; most are there, which is quicker to find out."""
    client = app.test_client()
    with transaction() as session:
        for each in range(5, 100):
            accounts.add_user(session, f"p{each}@x.example", "alpha", "viewer", now_us=1)
            session.query(Person).filter_by(
                login=f"p{each}@x.example"
            ).one().password_hash = PASSWORD_HASH

    said = [guess(client, {**WRONG, "email": f"p{each % 100}@x.example"}) for each in range(MANY)]

    assert said == [422] * 50 + [429] * (MANY - 50)


def test_many_guesses_from_many_addresses_are_cut_short(app: APIFlask) -> None:
    client = app.test_client()

    said = [guess(client, WRONG, f"198.51.{each // 250}.{each % 250}") for each in range(MANY)]

    assert said == [422] * 10 + [429] * (MANY - 10)


def test_guesses_of_strangers_do_not_lock_out_a_browser_that_is_known(
    app: APIFlask, sign_in: SignIn
) -> None:
    alice, stranger = sign_in("alice"), app.test_client()
    alice.post("/signout")
    for each in range(12):
        guess(stranger, WRONG, f"198.51.100.{each}")

    assert guess(stranger, ALICE) == 429
    assert guess(alice, ALICE) == 303


def test_a_known_browser_cannot_guess_for_ever_and_not_for_others(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    alice.post("/signout")

    assert [guess(alice, WRONG) for _ in range(12)] == [422] * 10 + [429] * 2
    victor = {**WRONG, "email": "victor@dcx.example"}
    assert [guess(alice, victor) for _ in range(12)] == [422] * 10 + [429] * 2


def test_counts_are_shared_by_workers_and_survive_a_restart(app: APIFlask) -> None:
    for _ in range(10):
        guess(app.test_client(), WRONG)
    settings = app.config["DCX"]

    with serving(settings) as again:
        again.config["WTF_CSRF_ENABLED"] = False
        assert guess(again.test_client(), WRONG) == 429


def test_an_unknown_and_a_known_email_get_the_same_answer(app: APIFlask) -> None:
    client = app.test_client()
    unknown = {**WRONG, "email": "nobody@dcx.example"}

    pages = [client.post("/signin", data=sent).get_data(as_text=True) for sent in (WRONG, unknown)]

    blank = [re.sub(r'value="[^"]*"|X-CSRFToken":"[^"]*"', "", page) for page in pages]
    assert blank[0] == blank[1]


def enrolled(app: APIFlask, client: FlaskClient) -> tuple[str, str]:
    """Switch a second factor on; the code that did it and the one of the next step."""
    page = client.get("/me/second-factor").get_data(as_text=True)
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert found
    assert "data:image/svg+xml" in page
    now = int(time.time())
    code, following = (pyotp.TOTP(found.group(1)).at(step) for step in (now, now + 30))
    for wrong in ({"code": "000000", "password": PASSWORD}, {"code": code},
                  {"code": code, "password": BAD}):  # fmt: skip
        assert client.post("/me/second-factor", data=wrong).status_code == 422
    right = {"code": code, "password": PASSWORD}
    assert client.post("/me/second-factor", data=right).status_code == 303
    with reading() as session:
        kept = session.scalars(
            select(Person.totp_secret).where(Person.login == ALICE["email"])
        ).one()
    assert kept is not None
    assert found.group(1) not in kept
    assert app.config["VAULT"].open(kept) == found.group(1)
    return code, following


def test_a_second_factor_is_asked_for_and_a_code_is_good_once(
    app: APIFlask, sign_in: SignIn
) -> None:
    first, second = enrolled(app, sign_in("alice"))
    client = app.test_client()
    assert client.get("/signin/code").status_code == 404

    assert client.post("/signin", data=ALICE).headers["Location"] == "/signin/code"
    assert client.get("/c/alpha/").status_code == 302
    assert client.post("/signin/code", data={"code": "000000"}).status_code == 422
    assert client.post("/signin/code", data={"code": first}).status_code == 422, "used to enrol"
    assert client.post("/signin/code", data={"code": second}).headers["Location"] == "/"
    assert client.get("/c/alpha/").status_code == 200

    other = app.test_client()
    other.post("/signin", data=ALICE)
    assert other.post("/signin/code", data={"code": second}).status_code == 422, "used"


def test_codes_cannot_be_guessed(app: APIFlask, sign_in: SignIn) -> None:
    enrolled(app, sign_in("alice"))
    client = app.test_client()
    client.post("/signin", data=ALICE)

    said = [client.post("/signin/code", data={"code": f"{each:06}"}) for each in range(8)]

    assert [answer.status_code for answer in said] == [422] * 5 + [429] * 3


def test_the_second_factor_goes_off_with_the_password_or_by_an_admin(
    app: APIFlask, sign_in: SignIn
) -> None:
    client = sign_in("alice")
    enrolled(app, client)
    client.post("/me/second-factor/off", data={"password": BAD})
    assert app.test_client().post("/signin", data=ALICE).headers["Location"] == "/signin/code"

    client.post("/me/second-factor/off", data={"password": PASSWORD})
    assert app.test_client().post("/signin", data=ALICE).headers["Location"] == "/"

    enrolled(app, client)
    with reading() as session:
        key = session.scalars(select(Person.key).where(Person.login == ALICE["email"])).one()
    assert sign_in("sam").post(f"/people/{key}/second-factor/off").status_code == 403
    assert sign_in("ada").post(f"/people/{key}/second-factor/off").status_code == 303
    assert app.test_client().post("/signin", data=ALICE).headers["Location"] == "/"


def test_passwords_cannot_be_guessed_at_an_open_browser(sign_in: SignIn) -> None:
    alice = sign_in("alice")
    sent = {"code": "000000", "password": BAD}

    alice.get("/me/second-factor")
    said = [alice.post("/me/second-factor", data=sent).status_code for _ in range(12)]

    assert said == [422] * 10 + [429] * 2


def test_forms_tell_password_managers_what_they_ask_for(app: APIFlask, sign_in: SignIn) -> None:
    filled = {
        "/signin": ["username", "current-password"], "/forgot": ["username"],
        asked(app.test_client())[0]: ["new-password"],
    }  # fmt: skip
    own = {"/me": ["current-password", "new-password"],
           "/me/second-factor": ["one-time-code", "current-password"]}  # fmt: skip

    for client, pages in ((app.test_client(), filled), (sign_in("alice"), own)):
        for page, fills in pages.items():
            told = client.get(page).get_data(as_text=True)
            assert re.findall(r'autocomplete="((?!off)[^"]+)"', told) == fills, page
            assert told.count('type="password"') == sum("password" in fill for fill in fills)


def asked(client: FlaskClient, email: str = "alice@dcx.example") -> list[str]:
    """Ask for a new password; the links that were mailed."""
    answer = client.post("/forgot", data={"email": email})
    assert answer.status_code == 200
    assert "on its way" in answer.get_data(as_text=True)
    with reading() as session:
        texts = session.scalars(select(Mail.text).where(Mail.kind == "reset")).all()
    return [found.group(0) for text in texts if (found := re.search(r"/reset/\S+", text))]


def test_a_link_sets_a_new_password_once_and_ends_all_sessions(
    app: APIFlask, sign_in: SignIn
) -> None:
    old, client = sign_in("alice"), app.test_client()
    link = asked(client)[0]

    assert client.post(link, data={"password": SHORT}).status_code == 422
    assert client.post(link, data={"password": NEW}).headers["Location"] == "/signin"

    assert old.get("/c/alpha/").status_code == 401
    assert client.post(link, data={"password": NEW}).status_code == 404
    assert client.get(link).status_code == 404
    assert guess(client, ALICE) == 422
    assert guess(client, {**ALICE, "password": NEW}) == 303


def test_a_link_to_a_new_password_does_not_stand_for_the_second_factor(
    app: APIFlask, sign_in: SignIn
) -> None:
    enrolled(app, sign_in("alice"))
    client = app.test_client()

    client.post(asked(client)[0], data={"password": NEW})

    signed_in = client.post("/signin", data={**ALICE, "password": NEW})
    assert signed_in.headers["Location"] == "/signin/code"


def test_a_link_runs_out_after_half_an_hour(app: APIFlask) -> None:
    token = asked(app.test_client())[0].removeprefix("/reset/")
    now_us = int(time.time() * 1e6)

    with transaction() as session:
        assert passwords.reset_holder(session, token, now_us=now_us) == "alice@dcx.example"
        with pytest.raises(LinkGoneError):
            passwords.reset_holder(session, token, now_us=now_us + RESET_US)


def test_nobody_learns_who_has_an_account_and_nobody_is_flooded(app: APIFlask) -> None:
    client = app.test_client()

    assert asked(client, "nobody@dcx.example") == []
    for _ in range(5):
        asked(client)

    assert len(asked(client)) == 3


def test_changing_the_password_ends_the_other_sessions(sign_in: SignIn) -> None:
    here, there = sign_in("alice"), sign_in("alice")

    here.post("/me/password", data={"old": BAD, "new": NEW})
    assert there.get("/c/alpha/").status_code == 200
    here.post("/me/password", data={"old": PASSWORD, "new": NEW})

    assert there.get("/c/alpha/").status_code == 401
    assert here.get("/c/alpha/").status_code == 200


@pytest.mark.parametrize("address", ["/signin", "/forgot", "/reset/x", "/signin/code"])
def test_passwords_do_nothing_where_they_are_switched_off(app: APIFlask, address: str) -> None:
    settings = app.config["DCX"]
    pair = type("Pair", (), {"main": settings.database_url, "bronze": settings.bronze_url})
    with serving(settings_of(pair, DCX_LOCAL_SIGNIN="off")) as closed:  # type: ignore[arg-type]
        closed.config["WTF_CSRF_ENABLED"] = False
        assert closed.test_client().post(address, data=ALICE).status_code == 404
