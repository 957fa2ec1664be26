"""Sources: who may send logs, and how long a log of theirs holds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dcx.journal.service import Deed
from dcx.kit.periods import FOREVER, SECOND_US
from dcx.metering.errors import SourceRefusedError, UnknownSourceError
from dcx.metering.models import Source
from dcx.metering.reader import Rows
from dcx.metering.remote import pull, read_mapping, try_out
from dcx.metering.repository import BronzeRepository

DEFAULT_MAX_GAP_S = 600


@dataclass(frozen=True, slots=True)
class RemoteSource:
    """A source that is pulled, and where its last pull ended."""

    id: int
    name: str
    url: str
    mapping: str
    cursor: str | None


def get_source(bronze: Session, name: str) -> Source:
    """The source of that name; UnknownSourceError says how to add it."""
    source = BronzeRepository(bronze).find_source(name)
    if source is None:
        raise UnknownSourceError(
            f"There is no source {name!r}."
            f" Add it with: flask metering add-source {name} --mode samples|events"
        )
    return source


def add_source(
    bronze: Session,
    name: str,
    *,
    mode: str,
    max_gap_s: int | None = None,
    remote: tuple[str, str] | None = None,
    now_us: int,
) -> Source:
    """Add a source. `remote` is the address of a log database and its mapping in TOML.

    Adding the same once more changes nothing; a source of that name with another mode or gap is
    refused, since what is metered already followed the old ones.
    """
    wanted = _wanted(name, mode, max_gap_s, remote)
    known = _same_source(bronze, wanted)
    if known is None:
        known = Source(**wanted, cursor=None, created_us=now_us)
        BronzeRepository(bronze).add(known)
    return known


def asked_source(
    bronze: Session,
    name: str,
    *,
    mode: str,
    max_gap_s: int | None = None,
    remote: tuple[str, str] | None = None,
) -> Deed | None:
    """What the audit writes before `add_source` adds it, None where it is there already.

    Refused with what `add_source` is refused with. A remote address may hold a password and stays
    out of it.
    """
    wanted = _wanted(name, mode, max_gap_s, remote)
    if _same_source(bronze, wanted) is not None:
        return None
    facts = {"mode": mode, "max_gap_s": max_gap_s, "pulled": bool(remote)}
    return Deed("source asked for", name, after=facts)


def _same_source(bronze: Session, wanted: Mapping[str, object]) -> Source | None:
    known = BronzeRepository(bronze).find_source(str(wanted["name"]))
    if known is not None and any(getattr(known, key) != value for key, value in wanted.items()):
        raise SourceRefusedError(
            f"The source {known.name} exists with other settings. Choose another name."
        )
    return known


def sources(bronze: Session) -> Sequence[Source]:
    return BronzeRepository(bronze).sources()


@contextmanager
def pull_source(source: RemoteSource) -> Iterator[tuple[Rows, str | None]]:
    """What a remote source has beyond its cursor: (rows to ingest, its next cursor)."""
    with pull(source.url, read_mapping(source.mapping), source.cursor) as pulled:
        rows = ((pulled.fields, row, "") for row in pulled.rows)
        yield rows, pulled.cursor


def try_remote(url: str, mapping: str) -> None:
    """Look once, before the source is added, whether it can be read; SourceRefusedError if not.

    Outside every transaction: it asks somebody else.
    """
    try_out(url, read_mapping(mapping))


def remote_sources(bronze: Session) -> list[RemoteSource]:
    """The sources that are read from somebody else's database."""
    return [
        RemoteSource(row.id, row.name, row.url, row.mapping or "", row.cursor)
        for row in sources(bronze)
        if row.url
    ]


def set_cursor(bronze: Session, source: RemoteSource, cursor: str | None) -> None:
    """Remember where the next pull begins, in the transaction that stores what this one read."""
    BronzeRepository(bronze).set_cursor(source.id, cursor)


def _wanted(
    name: str, mode: str, max_gap_s: int | None, remote: tuple[str, str] | None
) -> dict[str, object]:
    if not name.strip() or len(name) > 100:  # noqa: PLR2004
        raise SourceRefusedError("A source needs a name of at most 100 characters.")
    if mode == "events" and max_gap_s is not None:
        raise SourceRefusedError(
            "Only a samples source has a --max-gap: an event holds until the next one."
        )
    if max_gap_s is not None and max_gap_s <= 0:
        raise SourceRefusedError("--max-gap must be more than 0 seconds.")
    url, mapping = remote or (None, None)
    if mapping is not None:
        read_mapping(mapping)
    gap_us = FOREVER if mode == "events" else (max_gap_s or DEFAULT_MAX_GAP_S) * SECOND_US
    return {"name": name, "mode": mode, "max_gap_us": gap_us, "url": url, "mapping": mapping}
