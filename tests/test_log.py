"""What the log says, and what it never says; and how the real server answers odd requests."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask import request
from sqlalchemy.exc import DBAPIError

from dcx.repository.session import transaction
from dcx.settings import ROOT
from dcx.web.logs import OneLine
from tests.conftest import SignIn
from tests.support.databases import PostgresDatabases, SqliteDatabases

SECRET = "not-for-the-log"  # noqa: S105 # pragma: allowlist secret


@pytest.fixture
def told(app: APIFlask, caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What was logged, in the form in which it is written."""
    assert app.config["DCX"]
    caplog.handler.setFormatter(OneLine())
    return caplog


@pytest.mark.usefixtures("people")
def test_a_refused_sign_in_is_logged_without_the_password(
    app: APIFlask, told: pytest.LogCaptureFixture
) -> None:
    client = app.test_client()
    app.config["WTF_CSRF_ENABLED"] = False

    client.post("/signin", data={"email": "alice@dcx.example", "password": SECRET})
    client.post("/signin", data={"email": SECRET, "password": SECRET})

    assert "Sign-in refused: alice@dcx.example from 127.0.0.1 at POST /signin" in told.text
    assert "Sign-in refused: Somebody from 127.0.0.1" in told.text
    assert SECRET not in told.text


def test_who_tries_what_is_not_theirs_is_logged_by_name(
    sign_in: SignIn, told: pytest.LogCaptureFixture
) -> None:
    charlie, sue = sign_in("charlie"), sign_in("sue")

    charlie.get("/c/alpha/")
    sue.get("/audit")
    sue.post("/signout", data={"csrf_token": "forged"})

    at = "from 127.0.0.1 at"
    assert f"Refused: charlie@dcx.example {at} GET /c/<customer>/:" in told.text
    assert f"Refused: sue@dcx.example {at} GET /audit: Only an administrator" in told.text
    assert f"Forged or stale form: sue@dcx.example {at} POST /signout" in told.text


@pytest.fixture
def failing(app: APIFlask) -> APIFlask:
    """Whatever says forged fails as nobody expected, with the words that were sent."""

    @app.before_request
    def fail() -> None:
        if "forged" in request.url:
            raise RuntimeError(request.args.get("q"))

    return app


@pytest.mark.parametrize("path", ["/reset", "/invitations"])
def test_no_link_is_logged_even_where_its_page_fails(
    failing: APIFlask, told: pytest.LogCaptureFixture, path: str
) -> None:
    client = failing.test_client()

    client.get(f"{path}/{SECRET}")
    answer = client.get(f"{path}/{SECRET}%0d%0aforged")

    assert answer.status_code == 500
    assert "RuntimeError" in told.text
    assert "RuntimeError" not in answer.get_data(as_text=True)
    assert SECRET not in told.text


def test_nobody_from_outside_begins_a_line(
    failing: APIFlask, told: pytest.LogCaptureFixture
) -> None:
    failing.test_client().get("/signin?q=x%0aforged%1b%5b31mline")
    failing.logger.warning("A provider said: %s", "x\r\nforged")

    lines = [line for line in told.text.splitlines() if not line.startswith("  | ")]
    assert "  | RuntimeError: x\n" in told.text
    assert "\x1b" not in told.text
    assert [line[:3] for line in lines] == ["202", "202"]
    assert lines[1].endswith("A provider said: x\\r\\nforged")


def test_what_a_database_refuses_is_logged_without_its_values(app: APIFlask) -> None:
    assert app.config["DCX"]

    with pytest.raises(DBAPIError) as refused, transaction() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO nowhere VALUES (%(a)s)" if _is_postgres(app) else
            "INSERT INTO nowhere VALUES (:a)", {"a": SECRET},
        )  # fmt: skip

    assert SECRET not in str(refused.value)


def _is_postgres(app: APIFlask) -> bool:
    return bool(app.config["DCX"].database_url.startswith("postgresql"))


@pytest.fixture
def server(
    databases: SqliteDatabases | PostgresDatabases, tmp_path: Path
) -> Iterator[tuple[int, Path]]:
    """gunicorn as operators run it, with its access log on: (port, everything that it wrote)."""
    pair, log = databases.fresh(), tmp_path / "log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ, "PORT": str(port), "DCX_DATABASE_URL": pair.main, "DCX_SCHEDULER": "off",
        "DCX_BRONZE_URL": pair.bronze,
    }  # fmt: skip
    program = [sys.executable, "-m", "gunicorn", "--access-logfile", "-", "app:app"]
    with log.open("wb") as stream:
        process = subprocess.Popen(program, cwd=ROOT, env=environment, stdout=stream, stderr=stream)
    try:
        _wait_for(log, b"Booting worker")
        yield port, log
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(log: Path, words: bytes, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while words not in log.read_bytes():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)


def ask(port: int, sent: str) -> str:
    """What the server answers to these bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(sent.encode())
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer.decode()


def test_the_servers_log_holds_no_secret(server: tuple[int, Path]) -> None:
    port, log = server
    head = f"Host: 127.0.0.1\r\nConnection: close\r\nCookie: dcx={SECRET}\r\n"
    head += f"Authorization: Bearer {SECRET}\r\nReferer: http://127.0.0.1/reset/{SECRET}\r\n"

    for path in (f"/reset/{SECRET}", f"/auth/callback?code={SECRET}&state={SECRET}",
                 f"/invitations/{SECRET}", f"/signin?next=/reset/{SECRET}", f"/no/{SECRET}",
                 f"/api/v1/metering/runs?key={SECRET}"):  # fmt: skip
        ask(port, f"GET {path} HTTP/1.1\r\n{head}\r\n")
    body = f"logout_token={SECRET}"
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    ask(port, f"POST /auth/backchannel-logout HTTP/1.1\r\n{head}{form}\r\n{body}")

    _wait_for(log, b"POST /auth/backchannel-logout")
    written = log.read_text()
    assert '"GET /reset/<token>" 404' in written
    assert '"GET no such page" 404' in written
    assert "A logout token was refused" in written
    assert SECRET not in written


ODD = (
    ("TRACE /signin HTTP/1.1", "", 405), ("HEAD /signin HTTP/1.1", "", 200),
    ("OPTIONS /signin HTTP/1.1", "", 200), ("PUT /signin HTTP/1.1", "", 405),
    ("POST /signin HTTP/1.1", "X-HTTP-Method-Override: DELETE\r\nContent-Length: 0\r\n", 400),
    ("POST /signin HTTP/1.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400),
    ("POST /signin HTTP/1.1", "Content-Length: 5\r\nContent-Length: 6\r\n", 400),
    ("GET /.git/config HTTP/1.1", "", 404), ("GET /static/ HTTP/1.1", "", 404),
    ("GET /static/../app.py HTTP/1.1", "", 404), ("GET /static/%2e%2e/app.py HTTP/1.1", "", 404),
    ("words", "", 400),
)  # fmt: skip


def test_odd_requests_get_a_defined_answer(server: tuple[int, Path]) -> None:
    for line, head, status in ODD:
        answer = ask(server[0], f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n{head}\r\n")

        assert answer.startswith(f"HTTP/1.1 {status} "), (line, head, answer[:80])
        assert "Traceback" not in answer
        assert not (line.startswith("HEAD") and answer.partition("\r\n\r\n")[2])
