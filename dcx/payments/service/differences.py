"""Differences between ledger, payments and gateway: found, taken, noted, settled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal import service as journal
from dcx.journal.service import Deed
from dcx.kit.actors import CLOCK, Actor
from dcx.kit.errors import FormError
from dcx.kit.sorting import Ask, Page, Sort
from dcx.payments.errors import DifferenceSettledError, UnknownDifferenceError
from dcx.payments.models import Difference
from dcx.payments.repository.differences import DIFFERENCE_COLUMNS, DifferenceRepository

LEDGER_KINDS = ("not_booked", "booked_otherwise", "booked_alone")
GATEWAY_KINDS = ("paid_unapproved", "approved_unpaid", "amount_differs", "reversed")
FILE_KINDS = ("line_unknown", "line_amount", "line_twice", "not_paid_out")
WORDS = {
    "not_booked": "Not in the ledger",
    "booked_otherwise": "Otherwise in the ledger",
    "booked_alone": "Only in the ledger",
    "paid_unapproved": "Paid only with us",
    "approved_unpaid": "Approved only there",
    "amount_differs": "Another amount there",
    "reversed": "Taken back there",
    "sent_and_taken": "Sent back and taken back",
    "line_unknown": "Unknown line",
    "line_amount": "Paid out otherwise",
    "line_twice": "Paid out twice",
    "not_paid_out": "Not paid out",
}
KINDS = tuple(WORDS)
LONGEST_NOTE = 500
OLDEST = Ask(Sort("found"))
__all__ = [
    "DIFFERENCE_COLUMNS", "KINDS", "OLDEST", "Found", "Line", "Side", "differences",
    "every_difference", "note", "settle", "take", "waiting_differences", "write",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the three says of a payment: a word of state, and cents where there are any."""

    words: str
    cents: int | None = None
    currency: str = ""

    @property
    def written(self) -> str:
        return self.words if self.cents is None else f"{self.words} {self.cents} {self.currency}"

    @classmethod
    def read(cls, text: str) -> "Side":
        words, _, rest = text.partition(" ")
        cents, _, currency = rest.partition(" ")
        return cls(words, int(cents) if cents else None, currency)


NOTHING = Side("nothing")
UNASKED = Side("unasked")


@dataclass(frozen=True, slots=True)
class Found:
    """A difference as it is found. `subject` says of what, once for ever with its kind."""

    kind: str
    subject: str
    customer: str
    payment_id: int | None
    ours: Side = UNASKED
    theirs: Side = UNASKED
    ledger: Side = UNASKED
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A difference as staff see it. `payment` is the key of its payment, "" where there is none."""

    number: int
    kind: str
    subject: str
    customer: str
    payment: str
    reference: str
    ours: Side
    theirs: Side
    ledger: Side
    found_us: int
    seen_us: int
    owner: str
    note: str
    settled_by: str
    settled_us: int | None

    @property
    def words(self) -> str:
        return WORDS[self.kind]

    @property
    def is_open(self) -> bool:
        return self.settled_us is None


def write(session: Session, found: Found, *, now_us: int) -> bool:
    """Keep a difference, once for its kind and subject; is it open?

    Seen again it keeps its age and owner. What the clock had settled opens again, and so does what
    a person had settled if it is another difference by now.
    """
    sides = {name: getattr(found, name).written for name in ("ours", "theirs", "ledger")}
    row = DifferenceRepository(session).write({
        "kind": found.kind, "subject": found.subject, "customer": found.customer,
        "payment_id": found.payment_id, "found_us": now_us, "seen_us": now_us, "owner": "",
        "note": found.note, "settled_by": "", "settled_us": None, **sides,
    })  # fmt: skip
    is_another = any(getattr(row, name) != side for name, side in sides.items())
    if row.settled_us is not None and (is_another or row.settled_by == CLOCK.who):
        row.settled_us, row.settled_by, row.found_us, row.owner = None, "", now_us, ""
        row.note = found.note
    for name, side in sides.items():
        setattr(row, name, side)
    session.flush()
    return row.settled_us is None


def settle_gone(
    session: Session, kinds: Sequence[str], *, payment: int | None = None, now_us: int
) -> int:
    """Settle what this comparison, begun at `now_us`, did not see any more; how many."""
    return DifferenceRepository(session).settle_unseen(
        kinds,
        since_us=now_us,
        payment=payment,
        facts={"settled_us": now_us, "settled_by": CLOCK.who},
    )


def waiting_differences(session: Session) -> dict[str, int]:
    """How many of each kind nobody settled."""
    return {kind: int(count) for kind, count in DifferenceRepository(session).waiting()}


def differences(session: Session, wanted: Mapping[str, str], ask: Ask = OLDEST) -> Page[Line]:
    """Those that match: `state` (open, settled or all), `kind`, and `words` of a customer, owner,
    reference or subject.
    """
    page = DifferenceRepository(session).page(wanted, ask)
    rows = [_line(*row) for row in page.rows]
    return Page(rows, page.after, page.before, page.first, page.count, page.ask)


def every_difference(session: Session, wanted: Mapping[str, str], ask: Ask) -> Iterator[Line]:
    """All that match, streamed."""
    for row in DifferenceRepository(session).every(wanted, ask):
        yield _line(*row)


def _line(row: Difference, payment: str, reference: str) -> Line:
    return Line(
        row.id, row.kind, row.subject, row.customer, payment, reference, Side.read(row.ours),
        Side.read(row.theirs), Side.read(row.ledger), row.found_us, row.seen_us, row.owner,
        row.note, row.settled_by, row.settled_us,
    )  # fmt: skip


def take(session: Session, number: int, *, by: Actor, now_us: int) -> None:
    """Say that somebody looks into it. Taking it from a colleague is allowed, and on record."""
    row = _open(session, number)
    before, row.owner = row.owner, by.who
    _record(session, row, "taken", by, now_us, {"owner": before}, {"owner": row.owner})


def note(session: Session, number: int, words: str, *, by: Actor, now_us: int) -> None:
    """Keep what was found out so far; empty words take the note away."""
    row = _open(session, number)
    before, row.note = row.note, _short(words)
    _record(session, row, "noted", by, now_us, {"note": before}, {"note": row.note})


def settle(session: Session, number: int, reason: str, *, by: Actor, now_us: int) -> None:
    """Close a difference for good, with the reason. Money is not moved by it."""
    row = _open(session, number)
    if not reason.strip():
        raise FormError({"reason": "Say why it is settled."})
    before, row.note = row.note, _short(reason)
    row.settled_by, row.settled_us = by.who, now_us
    _record(session, row, "settled", by, now_us, {"note": before}, {"reason": row.note})


def _open(session: Session, number: int) -> Difference:
    row = DifferenceRepository(session).lock(number)
    if row is None:
        raise UnknownDifferenceError("This difference does not exist.")
    if row.settled_us is not None:
        raise DifferenceSettledError(f"This difference was settled by {row.settled_by}.")
    return row


def _short(words: str) -> str:
    if len(words) > LONGEST_NOTE:
        raise FormError({"note": f"Write at most {LONGEST_NOTE} signs."})
    return " ".join(words.split())


def _record(
    session: Session, row: Difference, act: str, by: Actor, now_us: int, *facts: dict[str, object]
) -> None:
    session.flush()
    before, after = facts
    deed = Deed(f"difference {act}", f"{row.kind} {row.subject}", row.customer, before, after)
    journal.record(session, by, deed, now_us=now_us)
