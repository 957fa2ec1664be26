"""What each resource of a plan costs before and after: one row, in exactly one class."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dcx.estimates.rules.answers import Answer, NotPriced
from dcx.estimates.rules.asks import AskedLine, memory_text, number_text
from dcx.estimates.rules.groups import facets
from dcx.estimates.rules.plans.attributes import Gap
from dcx.estimates.rules.plans.found import Found
from dcx.estimates.rules.plans.resources import Plan, Planned, line_name
from dcx.kit.words import bent
from dcx.pricing.rules.meters import METERS

CLASSES = ("priced", "free", "unsupported", "unpriced", "unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """A resource of a plan. Amounts are cents without VAT; None where nothing of it is known.

    `is_partial`: some of it is in the amounts and some is not.
    """

    address: str
    module: str
    action: str
    verdict: str
    reason: str
    before_cents: int | None
    after_cents: int | None
    is_partial: bool = False

    @property
    def delta_cents(self) -> int | None:
        if self.before_cents is None or self.after_cents is None:
            return None
        return self.after_cents - self.before_cents


@dataclass(frozen=True, slots=True)
class PricedSide:
    """One side of all resources, priced: cents and gaps of the price book by their place; the
    meters that steps count over all resources together, and what that comes to.
    """

    answer: Answer
    cents: Mapping[int, int]
    gaps: Mapping[int, tuple[Gap, ...]]
    stepped: frozenset[str]
    stepped_cents: int


def side_of(planned: Planned, side: str) -> Found | None:
    found: Found | None = getattr(planned, side)
    return found


def lines_of(plan: Plan, side: str, left_out: Iterable[int]) -> list[tuple[int, AskedLine]]:
    """The lines of one side with the places of their resources."""
    dropped = set(left_out)
    return [
        (place, line)
        for place, planned in enumerate(plan.resources)
        if place not in dropped
        for line in (side_of(planned, side) or Found()).lines
    ]


def priced_side(answer: Answer, owners: Sequence[int]) -> PricedSide:
    """An answer's amounts by the resource that each line is of."""
    cents: dict[int, int] = {}
    gaps: dict[int, tuple[Gap, ...]] = {}
    by_line = answer.net_by_line()
    stepped_cents = by_line.pop(-1, 0)
    for line, amount in by_line.items():
        cents[owners[line]] = cents.get(owners[line], 0) + amount
    for entry in answer.unpriced:
        owner = owners[entry.line]
        gaps[owner] = (*gaps.get(owner, ()), _book_gap(answer, entry))
    stepped = frozenset(line.meter for line in answer.lines if line.line < 0)
    return PricedSide(answer, cents, gaps, stepped, stepped_cents)


def _book_gap(answer: Answer, entry: NotPriced) -> Gap:
    narrow = facets(entry.where)
    what = METERS[entry.meter].words + (f" ({narrow})" if narrow else "")
    return Gap(f"{what} has no price in the book {answer.book}.")


def incomparable(plan: Plan, before: PricedSide, after: PricedSide) -> list[int]:
    """The resources that exist on both sides and lack not the same on both: a difference of what
    is known would be none of the whole.
    """
    return [
        place
        for place, planned in enumerate(plan.resources)
        if planned.before
        and planned.after
        and _words(_gaps(place, planned.before, before))
        != _words(_gaps(place, planned.after, after))
    ]


def rows_of(
    plan: Plan, before: PricedSide, after: PricedSide, left_out: Mapping[int, tuple[Gap, ...]]
) -> tuple[Row, ...]:
    """`left_out` are resources that are in neither sum, with what they lack."""
    return tuple(
        _left_out(planned, left_out[place])
        if place in left_out
        else _row(place, planned, before, after)
        for place, planned in enumerate(plan.resources)
    )


def gaps_of(
    plan: Plan, places: Iterable[int], before: PricedSide, after: PricedSide
) -> dict[int, tuple[Gap, ...]]:
    """What some resources lack, on either side."""
    return {place: _all_gaps(place, plan.resources[place], before, after) for place in places}


def _row(place: int, planned: Planned, before: PricedSide, after: PricedSide) -> Row:
    if planned.unsupported:
        return _as_row(planned, "unsupported", planned.unsupported)
    gaps = _all_gaps(place, planned, before, after)
    is_stepped = _is_stepped(planned, before, after)
    is_priced = place in before.cents or place in after.cents or is_stepped
    verdict = _verdict(gaps, is_priced=is_priced)
    reason = _reason(planned, gaps, is_stepped=is_stepped)
    if verdict == "free" and _has_lines(planned):
        reason = f"{reason}. The price book takes nothing for it."
    row = _as_row(planned, verdict, reason)
    if gaps and not is_priced:
        return row
    return replace(
        row,
        before_cents=before.cents.get(place, 0),
        after_cents=after.cents.get(place, 0),
        is_partial=bool(gaps),
    )


def _left_out(planned: Planned, gaps: tuple[Gap, ...]) -> Row:
    words = "In neither sum, for before and after cannot be compared:"
    reason = f"{words} {' '.join(_words(gaps))}"
    return _as_row(planned, _verdict(gaps, is_priced=False), reason)


def _as_row(planned: Planned, verdict: str, reason: str) -> Row:
    return Row(planned.address, planned.module, planned.action, verdict, reason, None, None)


def _verdict(gaps: Sequence[Gap], *, is_priced: bool) -> str:
    if any(gap.is_unknown for gap in gaps):
        return "unknown"
    if gaps:
        return "unpriced"
    return "priced" if is_priced else "free"


def _all_gaps(
    place: int, planned: Planned, before: PricedSide, after: PricedSide
) -> tuple[Gap, ...]:
    found = [
        gap
        for side, priced in ((planned.before, before), (planned.after, after))
        if side
        for gap in _gaps(place, side, priced)
    ]
    return tuple(dict.fromkeys(found))


def _gaps(place: int, found: Found, priced: PricedSide) -> tuple[Gap, ...]:
    return (*found.gaps, *priced.gaps.get(place, ()))


def _words(gaps: Iterable[Gap]) -> list[str]:
    return [gap.words for gap in dict.fromkeys(gaps)]


def _is_stepped(planned: Planned, before: PricedSide, after: PricedSide) -> bool:
    """Is some of it counted in steps with all the others?"""
    return any(
        _uses(line, meter)
        for side, priced in ((planned.before, before), (planned.after, after))
        for meter in priced.stepped
        for line in (side or Found()).lines
    )


def _uses(line: AskedLine, meter: str) -> bool:
    kind = meter.partition(".")[0]
    return {"disk": bool(line.disks), "os": bool(line.os), line.kind: True}.get(kind, False)


def _reason(planned: Planned, gaps: Sequence[Gap], *, is_stepped: bool) -> str:
    """What it is, from what to what it changes, and what of it is not counted."""
    was, will = (_said(side) for side in (planned.before, planned.after))
    says = [f"{was} → {will}" if was and will and was != will else will or was]
    if planned.action == "forget":
        says.append("It stays, though Terraform lets go of it")
    if is_stepped:
        says.append("Some of it is priced in steps, counted with all the others")
    kept = ". ".join(each for each in says if each)
    words = " ".join(_words(gaps))
    if not words:
        return kept
    return f"{kept}. {words}" if kept and _has_lines(planned) else words


def _has_lines(planned: Planned) -> bool:
    return any(side and side.lines for side in (planned.before, planned.after))


def _said(found: Found | None) -> str:
    if found is None:
        return ""
    return "; ".join(described(line) for line in found.lines) or found.free


def described(line: AskedLine) -> str:
    """2 vCPU, 4 GiB memory, 20 GiB root, 50 GiB ssd"""
    if line.kind == "ip":
        return f"{line.count} {bent(line.count, 'address', 'addresses')}"
    if line.kind == "disk":
        return f"{number_text(line.size_e8)} GiB {line.tier}"
    says = [f"{line.vcpus} vCPU", f"{memory_text(line.memory_mib)} GiB memory"]
    says += [f"{disk.size_gib} GiB {disk.tier}" for disk in line.disks]
    return ", ".join(says + ([line.os] if line.os else []))


def grouped(plan: Plan) -> tuple[AskedLine, ...]:
    """What there is afterwards as lines of an estimate: copies alike of one resource are one line
    of so many.
    """
    groups: dict[tuple[str, str, str, AskedLine], list[AskedLine]] = {}
    for planned in plan.resources:
        for line in (planned.after or Found()).lines:
            bare = replace(line, name="", count=1)
            key = (planned.module, planned.kind, planned.name, bare)
            groups.setdefault(key, []).append(line)
    return tuple(_one_line(key, lines) for key, lines in groups.items())


def _one_line(key: tuple[str, str, str, AskedLine], lines: Sequence[AskedLine]) -> AskedLine:
    if len(lines) == 1:
        return lines[0]
    address = ".".join(each for each in (key[0], key[2]) if each)
    return replace(lines[0], name=line_name(address), count=sum(line.count for line in lines))
