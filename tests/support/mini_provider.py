"""A small provider of single sign-on that can be made to answer badly in every way."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "dcx"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
Claims = dict[str, Any]


@dataclass
class MiniProvider:
    """What it says can be changed by tests: claims, keys, and whole answers by path."""

    issuer: str
    key: RSAKey
    nonce: str = ""
    said: Claims = field(default_factory=dict)
    userinfo: Claims = field(default_factory=dict)
    answers: dict[str, Callable[[], tuple[int, str, str]]] = field(default_factory=dict)
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    make_token: Callable[[Claims], str] | None = None

    def claims(self, **changes: Any) -> Claims:
        now = int(time.time())
        found = {
            "iss": self.issuer, "sub": "p-1", "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": self.nonce, "sid": "s-1", "email": "pat@karoo.example",
            "email_verified": True, "name": "Pat Pillay", **self.said, **changes,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value is not None}

    def logout_claims(self, **changes: Any) -> Claims:
        now = int(time.time())
        found = {
            "iss": self.issuer, "sub": "p-1", "sid": "s-1", "aud": CLIENT, "iat": now,
            "exp": now + 120, "jti": f"j-{time.monotonic_ns()}", "events": {LOGOUT: {}}, **changes,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value is not None}

    def sign(self, claims: Claims, *, key: RSAKey | None = None, **header: Any) -> str:
        """A token signed by the provider's key, or another one."""
        signer = key or self.key
        head = {"alg": "RS256", "kid": signer.kid, **header}
        return jwt.encode(head, claims, signer, algorithms=["RS256"])

    def sign_with_public_key(self, claims: Claims) -> str:
        """HS256 with the public key as secret: believed by whoever does not pin algorithms."""
        said = _coded({"alg": "HS256", "kid": self.key.kid, "typ": "logout+jwt"}, claims)
        mac = hmac.digest(self.key.as_pem(private=False), said.encode(), "sha256")
        return f"{said}.{_base64(mac)}"

    def unsigned(self, claims: Claims) -> str:
        """A token that says that it needs no signature."""
        return _coded({"alg": "none", "kid": self.key.kid, "typ": "logout+jwt"}, claims) + "."

    def answer(self, path: str) -> tuple[int, str, str]:
        if path in self.answers:
            return self.answers[path]()
        known: dict[str, Claims] = {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/jwks",
                "end_session_endpoint": f"{self.issuer}/bye",
            },
            "/jwks": {"keys": [self.key.as_dict(private=False)]},
            "/userinfo": {"sub": "p-1", **self.userinfo},
        }
        found = known.get(path, {})
        if path == "/token":
            make = self.make_token or self.sign
            found = {
                "access_token": "a", "token_type": "Bearer", "expires_in": 60,
                "id_token": make(self.claims()),
            }  # fmt: skip
        return 200, "application/json", json.dumps(found)


def _coded(*parts: Claims) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in parts)


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def new_key() -> RSAKey:
    return RSAKey.generate_key(2048, auto_kid=True)


@contextmanager
def mini_provider() -> Iterator[MiniProvider]:
    """Serve one on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found = MiniProvider(f"http://127.0.0.1:{server.server_port}", new_key())
    server.mini = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._mini.asked.append(parse_qs(self.rfile.read(length).decode()))
        self._answer()

    @property
    def _mini(self) -> MiniProvider:
        found: MiniProvider = self.server.mini  # type: ignore[attr-defined]
        return found

    def _answer(self) -> None:
        status, kind, body = self._mini.answer(self.path.partition("?")[0])
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
