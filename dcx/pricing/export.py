"""Versions of price books as CSV rows."""

from collections.abc import Iterator

from dcx.kit.periods import instant_text
from dcx.kit.sorting import Ask
from dcx.pricing import service
from dcx.repository.session import reading

VERSIONS_HEAD = ("book", "version", "state", "starts", "published")


def version_rows(ask: Ask, now_us: int) -> Iterator[tuple[object, ...]]:
    """All versions under VERSIONS_HEAD, read as they are sent."""
    with reading() as session:
        for row in service.every_version(session, ask):
            starts, published = instant_text(row.starts_us), instant_text(row.published_us)
            yield row.book, row.number, row.state(now_us), starts, published
