"""OpenID Connect: what DCX asks of a provider, and what it believes of the answers.

Source: OpenID Connect Core 1.0 (code flow with PKCE), RP-Initiated Logout 1.0, Back-Channel
Logout 1.0. Signatures are verified against the provider's published keys, asymmetric ones only.
"""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
from authlib.common.security import generate_token
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from dcx.accounts.errors import NotBelievedError, ProviderDownError
from dcx.settings import SingleSignOn

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SKEW_S = 120
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TIMEOUT_S = (3.05, 5)
_REMEMBER_S = 600
_FETCH_AGAIN_S = 5
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-in that was begun: where to send the browser, and what its answer must fit to."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Who signed in, as the provider says. Only (issuer, subject) tells who somebody is."""

    issuer: str
    subject: str
    sid: str
    email: str
    email_is_verified: bool
    name: str
    groups: frozenset[str]
    id_token: str


@dataclass(frozen=True, slots=True)
class LogoutCall:
    """A logout token that was believed: which sessions to end."""

    issuer: str
    jti: str
    subject: str
    sid: str


class Provider:
    """One provider. Its discovery document and keys are remembered for ten minutes; a key that is
    not among them is looked up at once, at most every five seconds.

    Every method that asks it raises ProviderDownError where it does not answer in time or not in
    the protocol, and NotBelievedError where the answer does not hold.
    """

    def __init__(self, settings: SingleSignOn) -> None:
        self.settings = settings
        self._documents: dict[str, tuple[float, Any]] = {}

    def begin(self, redirect_uri: str) -> Asked:
        """Where to send a browser that wants to sign in: code flow with PKCE S256."""
        endpoint = self._endpoint("authorization_endpoint")
        nonce, verifier = generate_token(32), generate_token(64)
        with self._client(redirect_uri) as client:
            url, state = client.create_authorization_url(
                endpoint, state=generate_token(32), nonce=nonce, code_verifier=verifier
            )
        return Asked(url, state, nonce, verifier)

    def finish(self, code: str, asked: Asked, redirect_uri: str, *, now_s: float) -> Claims:
        """Exchange the code that came back, and say who signed in."""
        endpoint = self._endpoint("token_endpoint")
        with self._client(redirect_uri) as client:
            token = _answered(
                lambda: client.fetch_token(
                    endpoint, code=code, code_verifier=asked.verifier, allow_redirects=False
                )
            )
        raw = str(token.get("id_token") or "")
        said = self._believed(raw, now_s=now_s)
        _require(isinstance(said.get("sub"), str) and said["sub"], "it names nobody")
        _require(said.get("nonce") == asked.nonce, "its nonce is not the one that was sent")
        return self._claims(raw, {**said, **self._userinfo(token, said)})

    def _userinfo(self, token: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the userinfo endpoint adds; it must speak of the same person."""
        endpoint = self._metadata().get("userinfo_endpoint")
        if not endpoint:
            return {}
        shown = {"Authorization": f"Bearer {token.get('access_token')}"}
        more = _answered(lambda: _got(endpoint, shown))
        _require(more.get("sub") == said["sub"], "its userinfo speaks of somebody else")
        return {name: value for name, value in more.items() if name not in {"iss", "sid"}}

    def _claims(self, raw: str, said: Mapping[str, Any]) -> Claims:
        settings = self.settings
        is_verified = bool(said.get("email")) and str(said.get("email_verified")).lower() == "true"
        return Claims(
            issuer=settings.issuer,
            subject=str(said["sub"]),
            sid=str(said.get("sid") or ""),
            email=str(said.get("email") or said.get("preferred_username") or "").strip().lower(),
            email_is_verified=is_verified or settings.trusts_email,
            name=str(said.get("name") or said.get("preferred_username") or "").strip(),
            groups=_groups(said, settings.groups_claim),
            id_token=raw,
        )

    def logout_url(self, id_token: str | None, back: str, state: str) -> str | None:
        """Where the browser signs out at the provider; None where it offers no such place.

        Never asks for long: a provider that is down must not keep anybody signed in here.
        """
        endpoint = self._metadata().get("end_session_endpoint")
        if not endpoint:
            return None
        asked = {
            "client_id": self.settings.client_id,
            "post_logout_redirect_uri": back,
            "state": state,
        }
        if id_token:
            asked["id_token_hint"] = id_token
        return str(add_params_to_uri(endpoint, asked))

    def logout_call(self, raw: str, *, now_s: float) -> LogoutCall:
        """Believe a logout token, in every respect that Back-Channel Logout 1.0 (2.6) asks for.

        Whether its `jti` was seen before is for the caller to find out.
        """
        said = self._believed(raw, typ="logout+jwt", now_s=now_s)
        events = said.get("events")
        _require(
            isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict),
            "it is not about a logout",
        )
        _require("nonce" not in said, "it carries a nonce")
        _require(said["iat"] >= now_s - 2 * SKEW_S, "it is too old")
        subject, sid = str(said.get("sub") or ""), str(said.get("sid") or "")
        _require(bool(subject or sid), "it names neither a session nor a person")
        jti = said.get("jti")
        _require(isinstance(jti, str) and 0 < len(jti) <= 500, "it has no id")  # noqa: PLR2004
        return LogoutCall(self.settings.issuer, str(jti), subject, sid)

    def _believed(self, raw: str, *, now_s: float, typ: str | None = None) -> dict[str, Any]:
        """The claims of a token that is signed by the provider, for us, and of now."""
        token = self._verified(raw)
        if typ:
            _require(str(token.header.get("typ", "")).lower() == typ, f"it is no {typ}")
        said: dict[str, Any] = token.claims
        for holds, fault in self._checks(said, now_s):
            _require(holds, fault)
        return said

    def _checks(self, said: dict[str, Any], now_s: float) -> list[tuple[bool, str]]:
        ours = self.settings.client_id
        audience = said.get("aud")
        listed = audience if isinstance(audience, list) else [audience]
        issuer = str(said.get("iss", "")).rstrip("/")
        return [
            (issuer == self.settings.issuer, "it has another issuer"),
            (ours in listed and said.get("azp", ours) == ours, "it is for somebody else"),
            (_number(said, "exp") > now_s - SKEW_S, "it has expired"),
            (0 < _number(said, "iat") <= now_s + SKEW_S, "it is from the future"),
            (_number(said, "nbf") <= now_s + SKEW_S, "it is not valid yet"),
        ]

    def _verified(self, raw: str) -> jwt.Token:
        try:
            return jwt.decode(raw, self._keys(), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return self._verified_with_new_keys(raw)
        except (JoseError, ValueError, TypeError) as error:
            raise NotBelievedError(f"Its signature does not hold ({error}).") from error

    def _verified_with_new_keys(self, raw: str) -> jwt.Token:
        """The provider may have changed its keys since we last looked."""
        try:
            return jwt.decode(raw, self._keys(fresher_s=_FETCH_AGAIN_S), algorithms=ALGORITHMS)
        except (JoseError, ValueError, TypeError) as error:
            raise NotBelievedError(f"Its signature does not hold ({error}).") from error

    def _keys(self, fresher_s: float = _REMEMBER_S) -> KeySet:
        document = self._document(self._endpoint("jwks_uri"), fresher_s)
        return _answered(lambda: KeySet.import_key_set(document))

    def _endpoint(self, name: str) -> str:
        endpoint = self._metadata().get(name)
        if not isinstance(endpoint, str):
            raise ProviderDownError(f"The provider's discovery document lacks {name}.")
        return endpoint

    def _metadata(self) -> Mapping[str, Any]:
        address = f"{self.settings.issuer}/.well-known/openid-configuration"
        found: Mapping[str, Any] = self._document(address, _REMEMBER_S)
        if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise ProviderDownError("The provider's discovery document names another issuer.")
        return found

    def _document(self, address: str, fresher_s: float) -> Any:
        """A JSON document of the provider, not older than so many seconds."""
        read_at, document = self._documents.get(address, (0.0, None))
        if document is None or time.monotonic() - read_at > fresher_s:
            document = _answered(lambda: _got(address))
            self._documents[address] = (time.monotonic(), document)
        return document

    def _client(self, redirect_uri: str) -> Any:
        settings = self.settings
        return OAuth2Session(
            settings.client_id,
            settings.client_secret,
            scope=settings.scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT_S,
        )


def issuer_said(raw: str) -> str:
    """The issuer that a token claims to be from, before anything of it is believed."""
    try:
        said = json.loads(urlsafe_b64decode(raw.split(".")[1] + "=="))
    except (ValueError, IndexError):
        return ""
    return str(said.get("iss", "")).rstrip("/") if isinstance(said, dict) else ""


def _answered(ask: Callable[[], _T]) -> _T:
    """What a provider answered; what it did not answer becomes one kind of refusal."""
    try:
        return ask()
    except OAuthError as error:
        raise NotBelievedError(f"The provider refused it ({error.error}).") from error
    except (requests.RequestException, JoseError, ValueError, TypeError, KeyError) as error:
        raise ProviderDownError(f"It answered {type(error).__name__}: {error}") from error


def _got(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON object at an address of the provider; one that leads elsewhere is not followed."""
    response = requests.get(address, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False)
    response.raise_for_status()
    found = response.json()
    if not isinstance(found, dict):
        raise TypeError("not a JSON object")
    return found


def _require(holds: object, fault: str) -> None:
    if not holds:
        raise NotBelievedError(f"The provider's token is not believed: {fault}.")


def _number(said: Mapping[str, Any], name: str) -> float:
    """A time of the token in seconds; 0 where there is none."""
    value = said.get(name, 0)
    return float(value) if isinstance(value, int | float) else 0.0


def _groups(said: Mapping[str, Any], path: str) -> frozenset[str]:
    """The groups at a path like `groups` or `realm_access.roles`; one name alone counts too."""
    found: Any = said
    for part in [path] if path in said else path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found
    return frozenset(str(each) for each in listed) if isinstance(listed, list) else frozenset()
