"""A plan's resources as a page shows them: by module, what costs most first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dcx.estimates.rules.plans.rows import Row


@dataclass(frozen=True, slots=True)
class Module:
    """The resources of one module, '' for the root. `count` and `delta_cents` are of all of them,
    `rows` are those that are shown.
    """

    name: str
    rows: tuple[Row, ...]
    count: int
    delta_cents: int


def modules_of(rows: Sequence[Row]) -> list[Module]:
    """The root module first, the others by name; addresses without their module."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.module, []).append(_within(row))
    return [_module(name, found[name]) for name in sorted(found)]


def shown(modules: Sequence[Module], most: int) -> list[Module]:
    """The modules with at most so many rows in all."""
    kept = []
    for module in modules:
        rows = module.rows[: max(most, 0)]
        most -= len(rows)
        if rows:
            kept.append(replace(module, rows=rows))
    return kept


def _module(name: str, rows: Sequence[Row]) -> Module:
    delta = sum(row.delta_cents or 0 for row in rows)
    return Module(name, tuple(sorted(rows, key=_order)), len(rows), delta)


def _within(row: Row) -> Row:
    return replace(row, address=row.address.removeprefix(f"{row.module}.")) if row.module else row


def _order(row: Row) -> tuple[int, int]:
    """Differences, the largest first; then what is not known; then what stays as it is."""
    if row.delta_cents is None:
        return 1, 0
    return (0, -abs(row.delta_cents)) if row.delta_cents else (2, -(row.after_cents or 0))
