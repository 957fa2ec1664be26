"""A gateway that says whatever a test puts into its mouth, and remembers what it was asked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMESPACE = "http://www.paygate.co.za/PayHOST"


@dataclass
class Canned:
    """Answers each request with the next of `answers`: (HTTP status, body); the last one stays."""

    address: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)
    waits_s: float = 0

    def says(self, *bodies: str | bytes, status: int = 200) -> None:
        self.answers = [
            (status, body.encode() if isinstance(body, str) else body) for body in bodies
        ]


def envelope(operation: str, kind: str, *statuses: str, prefix: str = "ns9") -> str:
    """An answer of PayHost whose elements carry a prefix of our choice."""
    told = "".join(f"<p:{kind}Response><p:Status>{each}</p:Status></p:{kind}Response>"
                   for each in statuses)  # fmt: skip
    body = f"<p:{operation}Response>{told}</p:{operation}Response>"
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    text = (
        f'<e:Envelope xmlns:e="{soap}" xmlns:p="{NAMESPACE}"><e:Header/><e:Body>{body}</e:Body>'
        "</e:Envelope>"
    )
    return (
        text.replace("<p:", f"<{prefix}:")
        .replace("</p:", f"</{prefix}:")
        .replace("xmlns:p=", f"xmlns:{prefix}=")
    )


def fields(**values: str) -> str:
    """Elements of a Status, in the order given."""
    return "".join(f"<p:{name}>{value}</p:{name}>" for name, value in values.items())


@contextmanager
def serve_canned() -> Iterator[Canned]:
    canned = Canned()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            canned.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = canned.answers[0]
            if len(canned.answers) > 1:
                canned.answers.pop(0)
            time.sleep(canned.waits_s)
            self.send_response(status)
            for name, value in canned.headers.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):  # whoever asked may have read enough
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    canned.address = f"http://127.0.0.1:{server.server_port}/payhost"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield canned
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
