"""The audit: what was done, by whom and from where, as a chain in which nothing can be changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from sqlalchemy.orm import Session

from dcx.journal.models import AuditEntry
from dcx.journal.repository import AuditRepository, Wanted
from dcx.kit.actors import Actor
from dcx.kit.ids import content_hash
from dcx.repository.pages import Page, page_of

START = "0" * 64
LONGEST_SHORT = 100
Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the chain. `before` and `after` are JSON texts without secrets, '' where none."""

    number: int
    at_us: int
    who: str
    as_customer: str
    address: str
    action: str
    subject: str
    customer: str
    before: str
    after: str
    previous: str
    digest: str

    @property
    def changes(self) -> "list[Change]":
        """What differs between before and after, by the name of the fact."""
        before, after = _facts(self.before), _facts(self.after)
        found = (
            Change(name, _words(before.get(name)), _words(after.get(name)))
            for name in sorted(before | after)
        )
        return [change for change in found if change.old != change.new]


@dataclass(frozen=True, slots=True)
class Change:
    """One fact as it was and as it became, in words; '' where there was or is none."""

    name: str
    old: str
    new: str

    @property
    def words(self) -> str:
        """For example "role: viewer → owner"; only the new one where there was none."""
        name = self.name.replace("_", " ")
        return f"{name}: {self.old} → {self.new or '–'}" if self.old else f"{name}: {self.new}"

    @property
    def is_short(self) -> bool:
        """Can it stand in a line with others?"""
        return len(self.words) <= LONGEST_SHORT


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The last link. Written down elsewhere, it shows that no entry up to it was changed since."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done to what. `action` is a past participle ("customer added"); never put a secret
    into `before` or `after`.
    """

    action: str
    subject: str
    customer: str = ""
    before: Facts | None = None
    after: Facts | None = None


_SAID = tuple(field.name for field in fields(Entry) if field.name != "digest")


def record(session: Session, actor: Actor, deed: Deed, *, now_us: int) -> None:
    """Write who did what, in the transaction of the change itself: both are kept or neither.

    Writers wait for each other at the chain's end, so call it last.
    """
    repository = AuditRepository(session)
    head = repository.lock_head()
    said = {
        "number": head.number + 1,
        "at_us": now_us,
        "who": actor.who,
        "as_customer": actor.as_customer,
        "address": actor.address,
        "action": deed.action,
        "subject": deed.subject,
        "customer": deed.customer or actor.as_customer,
        "before": _text(deed.before),
        "after": _text(deed.after),
        "previous": head.digest,
    }
    head.number, head.digest = head.number + 1, content_hash(said)
    repository.add(AuditEntry(**said, digest=head.digest))


def _text(facts: Facts | None) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else ""


def _facts(text: str) -> dict[str, object]:
    return dict(json.loads(text)) if text else {}


def _words(fact: object) -> str:
    if isinstance(fact, list):
        return ", ".join(map(str, fact))
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    return "" if fact is None else str(fact)


def entries(
    session: Session, wanted: Wanted, *, before: int | None = None, limit: int = 50
) -> Page[Entry]:
    """Entries that match, newest first; pass the last number seen to turn the page."""
    rows = AuditRepository(session).entries(wanted, before=before, limit=limit + 1)
    return page_of([_value(row) for row in rows], limit, lambda entry: entry.number)


def every_entry(session: Session, wanted: Wanted) -> Iterator[Entry]:
    """All entries that match, newest first, streamed: there may be many."""
    yield from map(_value, AuditRepository(session).every_entry(wanted))


def people(session: Session) -> list[str]:
    """Everybody who stands in the audit, by name."""
    return list(AuditRepository(session).people())


def chain_end(session: Session) -> ChainEnd:
    head = AuditRepository(session).head()
    return ChainEnd(head.number, head.digest)


def breaches(session: Session) -> Iterator[str]:
    """Every entry that was changed or is missing, one sentence each, naming its number.

    The chain's end is read first, so that entries written meanwhile do not count as missing.
    """
    repository = AuditRepository(session)
    end = chain_end(session)
    number, digest = 0, START
    for row in repository.chain():
        entry = _value(row)
        yield from _gap(number, entry.number)
        if entry.number == number + 1 and entry.previous != digest:
            yield f"audit entry {entry.number} does not follow the one before it"
        if content_hash({name: getattr(entry, name) for name in _SAID}) != entry.digest:
            yield f"audit entry {entry.number} was changed"
        number, digest = entry.number, entry.digest
        if number == end.number and digest != end.digest:
            yield f"audit entry {number} is not the one that the chain ends with"
    yield from _gap(number, end.number + 1)


def _gap(last: int, found: int) -> Iterator[str]:
    if found == last + 2:
        yield f"audit entry {last + 1} is missing"
    elif found > last + 2:
        yield f"audit entries {last + 1} to {found - 1} are missing"


def _value(row: AuditEntry) -> Entry:
    return Entry(**{field.name: getattr(row, field.name) for field in fields(Entry)})
