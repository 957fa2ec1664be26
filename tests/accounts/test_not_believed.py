"""What comes from a provider, or in its name, and does not hold signs nobody in."""

import time
from typing import Any

import pytest
from apiflask import APIFlask

from dcx.accounts import oidc
from tests.accounts.conftest import Come, begun
from tests.accounts.test_sso import sessions_open
from tests.support.mini_provider import MiniProvider, new_key

BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another"}, "no nonce": {"nonce": None}, "issuer": {"iss": "https://evil"},
    "audience": {"aud": "another"}, "no audience": {"aud": None},
    "made for another": {"aud": ["dcx", "another"], "azp": "another"}, "expired": {"exp": 1},
    "no expiry": {"exp": None}, "future": {"iat": 99_999_999_999}, "no issue": {"iat": None},
    "not yet": {"nbf": 99_999_999_999}, "nobody": {"sub": None}, "number": {"sub": 7},
    "no issuer": {"iss": None}, "words": {"exp": "tomorrow"},
}  # fmt: skip


@pytest.mark.parametrize("changes", BAD_CLAIMS.values(), ids=BAD_CLAIMS.keys())
def test_a_token_that_says_the_wrong_thing_signs_nobody_in(
    come: Come, provider: MiniProvider, changes: dict[str, Any]
) -> None:
    provider.make_token = lambda claims: provider.sign(_changed(claims, changes))

    _, answer = come()

    assert answer.status_code == 400
    assert "nobody was signed in" in answer.get_data(as_text=True)
    assert sessions_open() == 0


def _changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "forgery", ["none", "HS256", "other key", "unknown kid", "own key", "cut", "words"]
)
def test_a_token_that_is_not_signed_by_the_provider_signs_nobody_in(
    come: Come, provider: MiniProvider, forgery: str
) -> None:
    stranger = new_key()
    make = {
        "none": provider.unsigned,
        "HS256": provider.sign_with_public_key,
        "other key": lambda claims: provider.sign(claims, key=stranger, kid=provider.key.kid),
        "unknown kid": lambda claims: provider.sign(claims, key=stranger),
        "own key": lambda claims: provider.sign(
            claims, key=stranger, jwk=stranger.as_dict(private=False), jku=f"{provider.issuer}/evil"
        ),
        "cut": lambda claims: provider.sign(claims)[:-9],
        "words": lambda _: "not.a.token",
    }
    provider.make_token = make[forgery]

    _, answer = come()

    assert answer.status_code == 400
    assert sessions_open() == 0


HTML = (200, "text/html", "<h1>Maintenance</h1>")
DOWN: dict[str, tuple[str, tuple[int, str, str]]] = {
    "token is HTML": ("/token", HTML), "token is 500": ("/token", (500, "text/plain", "no")),
    "token is empty": ("/token", (200, "application/json", "")),
    "userinfo is HTML": ("/userinfo", HTML), "keys are HTML": ("/jwks", HTML),
    "keys are none": ("/jwks", (200, "application/json", '{"keys": "no"}')),
}  # fmt: skip


@pytest.mark.parametrize(("path", "said"), DOWN.values(), ids=DOWN.keys())
def test_a_provider_that_answers_badly_ends_in_a_clear_page(
    come: Come, provider: MiniProvider, path: str, said: tuple[int, str, str]
) -> None:
    provider.answers[path] = lambda: said

    _, answer = come()

    assert answer.status_code == 503
    assert "does not answer as it should" in answer.get_data(as_text=True)
    assert sessions_open() == 0


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/userinfo"])
def test_a_provider_that_points_elsewhere_is_not_followed(
    app: APIFlask, come: Come, provider: MiniProvider, path: str
) -> None:
    next(iter(app.config["PROVIDERS"].values()))._documents.clear()  # noqa: SLF001
    true_answer = provider.answer(path)
    provider.answers["/moved"] = lambda: true_answer
    provider.answers[path] = lambda: (302, f"text/plain\r\nLocation: {provider.issuer}/moved", "")

    answer = app.test_client().get("/auth/signin/1")
    if answer.status_code == 302:
        _, answer = come()

    assert answer.status_code == 503
    assert sessions_open() == 0


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client"])
def test_a_code_that_the_provider_refuses_signs_nobody_in(
    come: Come, provider: MiniProvider, code: str
) -> None:
    provider.answers["/token"] = lambda: (400, "application/json", f'{{"error": "{code}"}}')

    _, answer = come()

    assert answer.status_code == 400
    assert sessions_open() == 0


def test_userinfo_about_somebody_else_signs_nobody_in(
    app: APIFlask, provider: MiniProvider
) -> None:
    client = app.test_client()
    provider.userinfo["sub"] = "somebody-else"
    state = begun(client, provider)

    assert client.get(f"/auth/callback?code=c&state={state}").status_code == 400
    assert sessions_open() == 0


def test_a_slow_provider_is_not_waited_for(
    app: APIFlask, provider: MiniProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "_TIMEOUT_S", (1, 0.2))
    provider.answers["/.well-known/openid-configuration"] = _slowly

    answer = app.test_client().get("/auth/signin/1")

    assert answer.status_code == 503
    assert "Try again in a minute" in answer.get_data(as_text=True)


def _slowly() -> tuple[int, str, str]:
    time.sleep(0.5)
    return HTML


def test_a_discovery_document_of_another_issuer_is_not_followed(
    app: APIFlask, provider: MiniProvider
) -> None:
    document = (
        '{"issuer": "https://evil.example", "authorization_endpoint": "https://evil.example"}'
    )
    provider.answers["/.well-known/openid-configuration"] = lambda: (200, "x", document)

    assert app.test_client().get("/auth/signin/1").status_code == 503


def test_a_state_is_of_one_browser_and_good_once(app: APIFlask, provider: MiniProvider) -> None:
    client, thief = app.test_client(), app.test_client()
    state = begun(client, provider)

    assert thief.get(f"/auth/callback?code=c&state={state}").status_code == 400
    assert client.get("/auth/callback?code=c&state=wrong").status_code == 400
    assert client.get("/auth/callback?code=c").status_code == 400
    assert client.get(f"/auth/callback?code=c&state={state}").status_code == 303
    assert client.get(f"/auth/callback?code=c&state={state}").status_code == 400
    assert sessions_open() == 1


def test_an_answer_of_another_issuer_is_not_taken(app: APIFlask, provider: MiniProvider) -> None:
    client = app.test_client()
    state = begun(client, provider)

    answer = client.get(f"/auth/callback?code=c&state={state}&iss=https://evil.example")

    assert answer.status_code == 400
    assert provider.asked == []


def test_who_cancels_at_the_provider_reads_that_nothing_changed(
    app: APIFlask, provider: MiniProvider
) -> None:
    client = app.test_client()
    state = begun(client, provider)

    answer = client.get(f"/auth/callback?error=access_denied&state={state}")

    assert answer.status_code == 400
    assert "nothing changed" in answer.get_data(as_text=True)
    assert sessions_open() == 0


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example",
        "%2f%2fevil.example", "javascript:alert(1)", "/%0aevil", "@evil.example",
        "\\\\evil.example",
    ],
)  # fmt: skip
def test_coming_back_never_leads_away(come: Come, wanted: str) -> None:
    _, answer = come(wanted=wanted)

    assert answer.headers["Location"] == "/"
