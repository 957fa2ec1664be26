"""What the simulator remembers: requests to pay, transactions, tokens, notices; and its clock."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

from dcx.kit.periods import SECOND_US, from_us, to_us

FIRST_TRANSACTION = 1_078_705_178
Clock = Callable[[], int]


@dataclass
class Outcome:
    """How paying ended, in the words of a notice."""

    status: str
    code: str
    words: str
    risk: str = "XX"
    auth: str = ""
    transaction_id: str = ""
    method: str = "CC"
    detail: str = ""
    vault_id: str = ""
    masked: str = ""
    expires: str = ""


@dataclass
class PayRequest:
    """A request to pay. `waits_for` is the card whose bank has asked for a code, as CARD EXPIRY."""

    id: str
    asked: dict[str, str]
    opened_us: int
    is_payhost: bool = False
    state: str = "open"
    waits_for: str = ""
    outcome: Outcome | None = None


@dataclass
class Transaction:
    """Money that moved, or did not, by its outcome. A refund names what it `undoes`."""

    id: str
    kind: str
    order_id: str
    reference: str
    amount_cents: int
    currency: str
    outcome: Outcome
    at_us: int
    pay_request_id: str = ""
    undoes: str = ""


@dataclass
class Token:
    """A card that is kept. `declines_with` is a result that it gives instead of its card's."""

    id: str
    number: str
    expires: str
    is_active: bool = True
    declines_with: str = ""


@dataclass
class Attempt:
    """A notice that went out, and what came back. Status 0: nobody answered."""

    pay_request_id: str
    number: int
    at_us: int
    url: str
    body: str
    status: int
    reply: str

    @property
    def was_taken(self) -> bool:
        return (self.status, self.reply) == (200, "OK")


@dataclass
class Due:
    """What happens once the clock has come to it: a notice (again), or the word on an EFT."""

    at_us: int
    kind: str
    pay_request_id: str
    body: str = ""
    number: int = 1
    is_approved: bool = True


@dataclass
class Contents:
    """All of it, as it is written to a file."""

    requests: dict[str, PayRequest] = field(default_factory=dict)
    transactions: dict[str, Transaction] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    due: list[Due] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    ahead_us: int = 0


class Book:
    """The contents, behind one lock, kept in a JSON file where a path is given."""

    def __init__(self, *, path: Path | None = None, clock: Clock | None = None) -> None:
        self._path = path
        self._clock = clock or (lambda: to_us(datetime.now(UTC)))
        self._lock = RLock()
        self._written = ""
        self.contents = _read(path) if path and path.exists() else Contents()

    @contextmanager
    def opened(self) -> Iterator[Contents]:
        """To read and change; what changed is written down when it is closed."""
        with self._lock:
            yield self.contents
            if self._path:
                self._write(self._path)

    def clear(self) -> None:
        with self.opened():
            self.contents = Contents()

    @property
    def now_us(self) -> int:
        return self._clock() + self.contents.ahead_us

    @property
    def now(self) -> datetime:
        return from_us(self.now_us)

    def move_clock(self, to: int) -> None:
        """Forward to that instant; the clock never goes back."""
        with self.opened() as contents:
            contents.ahead_us += max(to - self.now_us, 0)

    def after(self, seconds: float) -> int:
        return self.now_us + round(seconds * SECOND_US)

    def new_transaction_id(self) -> str:
        return str(FIRST_TRANSACTION + len(self.contents.transactions))

    def _write(self, path: Path) -> None:
        text = json.dumps(asdict(self.contents))
        if text == self._written:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
        self._written = text


def new_guid() -> str:
    return str(uuid.uuid4())


def _read(path: Path) -> Contents:
    """The book in a file; one that cannot be read is put aside, for nobody's money is in it."""
    try:
        return _contents(path)
    except (ValueError, KeyError, TypeError):
        path.replace(path.with_suffix(".unreadable"))
        return Contents()


def _contents(path: Path) -> Contents:
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    requests = [_with_outcome(PayRequest, each) for each in kept["requests"].values()]
    transactions = [_with_outcome(Transaction, each) for each in kept["transactions"].values()]
    tokens = [Token(**each) for each in kept["tokens"].values()]
    return Contents(
        requests={each.id: each for each in requests},
        transactions={each.id: each for each in transactions},
        tokens={each.id: each for each in tokens},
        due=[Due(**each) for each in kept["due"]],
        attempts=[Attempt(**each) for each in kept["attempts"]],
        ahead_us=kept["ahead_us"],
    )


def _with_outcome(kind: Any, kept: dict[str, Any]) -> Any:
    outcome = kept.pop("outcome")
    return kind(**kept, outcome=Outcome(**outcome) if outcome else None)
