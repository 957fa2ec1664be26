"""Coming through single sign-on: who somebody is, what they may see, and what is not believed."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
from apiflask import APIFlask
from sqlalchemy import func, select

from dcx.accounts import oidc
from dcx.accounts import service as accounts
from dcx.accounts.models import Person, UserSession
from dcx.accounts.service import access, domains
from dcx.accounts.service import people as service
from dcx.accounts.service.people import RoleAt
from dcx.kit.actors import Actor
from dcx.notifications.service import Site
from dcx.repository.session import reading, transaction
from dcx.settings import Settings
from tests.accounts.conftest import Come
from tests.support.mini_provider import MiniProvider, new_key

SAM = Actor("sam@dcx.example")
SITE = Site.of(Settings.from_environment({"DCX_PUBLIC_URL": "http://localhost"}))


def sessions_open() -> int:
    with reading() as session:
        query = select(func.count()).where(UserSession.ended_us.is_(None))
        return int(session.scalar(query) or 0)


def persons() -> list[Person]:
    with reading() as session:
        return list(session.scalars(select(Person).order_by(Person.id)).all())


def customer(key: str = "karoo") -> None:
    with transaction() as session:
        accounts.add_customer(session, accounts.Customer(key, key.title()), now_us=1)


def test_the_browser_is_sent_with_state_nonce_and_pkce(
    app: APIFlask, provider: MiniProvider
) -> None:
    answer = app.test_client().get("/auth/signin/1?next=/jobs")

    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith(f"{provider.issuer}/authorize?")
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://localhost/auth/callback"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["scope"] == ["openid email profile groups"]


def test_a_link_on_somebody_elses_page_signs_nobody_in(
    app: APIFlask, provider: MiniProvider
) -> None:
    head = {"Sec-Fetch-Site": "cross-site"}

    answer = app.test_client().get("/auth/signin/1?next=/jobs", headers=head)

    assert answer.headers["Location"] == "/signin?next=/jobs"
    assert provider.asked == []


def test_staff_come_by_their_group_and_land_where_they_wanted(
    come: Come, provider: MiniProvider
) -> None:
    client, answer = come(wanted="/jobs", groups=["staff"])

    assert answer.headers["Location"] == "/jobs"
    assert client.get("/jobs").status_code == 200
    assert client.get("/invoices/issue?period=2026-01").status_code == 403
    assert provider.asked[0]["code_verifier"]


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["staff"], "support"), (["billing"], "billing"), (["staff", "admins"], "admin"),
        (["others"], None), ([], None),
    ],
)  # fmt: skip
def test_the_role_follows_the_groups(come: Come, groups: list[str], role: str | None) -> None:
    come(groups=groups)

    assert [person.staff_role for person in persons()] == [role]


def test_who_leaves_the_groups_is_no_staff_any_more(come: Come) -> None:
    come(groups=["admins"])
    come(groups=["staff"])
    assert persons()[0].staff_role == "support"

    client, _ = come(groups=[])

    assert persons()[0].staff_role is None
    assert client.get("/jobs").status_code == 404


def test_a_role_that_an_admin_gave_stands_as_long_as_the_person_is_staff(come: Come) -> None:
    come(groups=["staff"])
    with transaction() as session:
        service.change_staff_role(session, persons()[0].key, "billing", by=SAM, now_us=1)

    come(groups=["staff"])
    assert persons()[0].staff_role == "billing"
    come(groups=[])
    assert persons()[0].staff_role is None


def test_groups_may_come_from_userinfo_or_deeper_in_the_token(
    come: Come, provider: MiniProvider
) -> None:
    provider.userinfo["groups"] = ["staff"]

    come()

    assert persons()[0].staff_role == "support"
    said = {"realm_access": {"roles": ["staff"]}, "one": "admins"}
    assert oidc._groups(said, "realm_access.roles") == {"staff"}  # noqa: SLF001
    assert oidc._groups(said, "one") == {"admins"}  # noqa: SLF001
    assert oidc._groups(said, "realm_access.nothing.more") == frozenset()  # noqa: SLF001


def test_a_changed_email_is_still_the_same_person(come: Come) -> None:
    come(email="pat@old.example")
    come(email="pat@new.example")

    assert [person.email for person in persons()] == ["pat@new.example"]


@pytest.mark.usefixtures("people")
def test_the_email_of_somebody_else_opens_nothing(come: Come) -> None:
    """alice owns alpha, and signs in with a password; the provider's alice is another person."""
    client, answer = come(email="alice@dcx.example", sub="not-alice")

    assert answer.headers["Location"] == "/"
    assert client.get("/").headers["Location"] == "/welcome"
    assert client.get("/c/alpha/").status_code == 404


def test_another_subject_with_the_same_email_is_another_person(come: Come) -> None:
    come(sub="one")
    come(sub="two")

    assert len(persons()) == 2


def test_who_is_unknown_asks_for_access_and_comes_in_once_it_is_granted(come: Come) -> None:
    customer()
    client, _ = come()
    page = client.get("/welcome").get_data(as_text=True)
    assert "Nothing is yours to see yet" in page
    with reading() as session:
        waiting = access.asking(session)
    assert [one.email for one in waiting] == ["pat@karoo.example"]

    with transaction() as session:
        wanted = RoleAt("karoo", "viewer")
        access.grant(session, waiting[0].person, wanted, site=SITE, by=SAM, now_us=2)

    assert client.get("/c/karoo/").status_code == 200
    with reading() as session:
        assert access.asking(session) == []


def test_a_verified_domain_lets_in_and_an_unverified_one_does_not(come: Come) -> None:
    customer()
    with transaction() as session:
        domains.add_domain(session, "karoo", "karoo.example", "viewer", by=SAM, now_us=1)

    stranger, _ = come(sub="unverified", email_verified=False)
    member, _ = come(sub="verified", email_verified=True)

    assert stranger.get("/c/karoo/").status_code == 404
    assert member.get("/c/karoo/").status_code == 200


def test_whoever_was_removed_is_not_let_in_again_by_their_domain(come: Come) -> None:
    customer()
    with transaction() as session:
        domains.add_domain(session, "karoo", "karoo.example", "viewer", by=SAM, now_us=1)
    come()
    with transaction() as session:
        service.change_role(session, "karoo", persons()[0].key, None, by=SAM, now_us=2)

    client, _ = come()
    come()

    assert client.get("/c/karoo/").status_code == 404
    assert "had access before" in client.get("/welcome").get_data(as_text=True)


@pytest.mark.parametrize("was", ["declined", "granted and removed"])
def test_who_asks_again_waits_for_staff_whatever_their_domain(come: Come, was: str) -> None:
    customer()
    client, _ = come()
    key, wanted = persons()[0].key, RoleAt("karoo", "viewer")
    with transaction() as session:
        domains.add_domain(session, "karoo", "karoo.example", "viewer", by=SAM, now_us=1)
        if was == "declined":
            access.decline(session, key, by=SAM, now_us=2)
        else:
            access.grant(session, key, wanted, site=SITE, by=SAM, now_us=2)
            service.change_role(session, "karoo", key, None, by=SAM, now_us=3)
        access.ask(session, key, "Karoo, once more", by=SAM, now_us=4)

    come()

    assert client.get("/c/karoo/").status_code == 404
    assert "Staff see your request" in client.get("/welcome").get_data(as_text=True)
    with reading() as session:
        assert [one.person for one in access.asking(session)] == [key]


def test_a_user_name_that_looks_like_an_email_is_not_a_verified_one(come: Come) -> None:
    customer()
    with transaction() as session:
        domains.add_domain(session, "karoo", "karoo.example", "viewer", by=SAM, now_us=1)

    client, _ = come(email=None, preferred_username="boss@karoo.example", email_verified=True)

    assert client.get("/c/karoo/").status_code == 404


def test_a_closed_account_stays_out(come: Come) -> None:
    client, _ = come(groups=["staff"])
    with transaction() as session:
        service.close_person(session, persons()[0].key, by=SAM, now_us=2)

    assert client.get("/jobs").status_code == 401
    _, answer = come()
    assert answer.status_code == 403
    assert "closed" in answer.get_data(as_text=True)


def test_keys_that_the_provider_changed_are_looked_up(
    come: Come, provider: MiniProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "_FETCH_AGAIN_S", 0)
    come()
    provider.key = new_key()

    _, answer = come()

    assert answer.status_code == 303


def test_clocks_may_differ_by_two_minutes(come: Come) -> None:
    now = int(time.time())

    _, ahead = come(iat=now + 100, nbf=now + 100)
    _, behind = come(exp=now - 100)

    assert (ahead.status_code, behind.status_code) == (303, 303)
