"""The answer to an ask: lines, sums, and what it rests on; written as JSON and read back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from dcx.estimates.rules.asks import Ask
from dcx.estimates.rules.costing import Origin, origin_of
from dcx.estimates.rules.months import Month
from dcx.kit.money import E8, cents_text, decimal_text, half_up, parse_e8
from dcx.pricing.rules.meters import METERS, quantity_micros
from dcx.pricing.rules.rating import Line, Priced, Unpriced

MONTHS_OF_YEAR = 12


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One amount: `count` alike, each rounded by itself. `line` is the line of the ask, -1 where
    steps count them all together; `disk` which disk of its VM, 0 for none.

    `micros` is the quantity of all copies in millionths of `unit`; `per_month` is the number of
    hours that a monthly price is spread over, 0 for an hourly one.
    """

    name: str
    line: int
    disk: int
    tier: str
    count: int
    meter: str
    micros: int
    unit: str
    unit_price_e8: int
    per_month: int
    version: int
    step: int
    amount_cents: int


@dataclass(frozen=True, slots=True)
class NotPriced:
    """Asked for, but no price fits: never taken for zero."""

    name: str
    line: int
    disk: int
    meter: str
    micros: int
    unit: str
    where: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """An estimate as it is given. `key` is '' until it is saved."""

    key: str
    name: str
    currency: str
    book: str
    version: int
    month: str
    hours: int
    lines: tuple[AnswerLine, ...]
    unpriced: tuple[NotPriced, ...]
    vat_rate_e8: int
    net_cents: int
    vat_cents: int
    assumptions: tuple[str, ...]
    not_estimated: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        return not self.unpriced

    @property
    def total_cents(self) -> int:
        return self.net_cents + self.vat_cents

    def net_by_line(self) -> Counter[int]:
        """What each line of the ask costs without VAT; under -1 what steps count of all of them."""
        found: Counter[int] = Counter()
        for each in self.lines:
            found[each.line] += each.amount_cents
        return found

    def an_hour(self, cents: int) -> int:
        """An amount of the month spread over its hours, rounded half up."""
        return half_up(cents, self.hours)

    def a_year(self, cents: int) -> int:
        """Twelve such months."""
        return cents * MONTHS_OF_YEAR

    def saved_as(self, key: str) -> Self:
        return replace(self, key=key)


def answer_of(  # noqa: PLR0913 - all that an answer says
    ask: Ask,
    priced: Priced,
    month: Month,
    *,
    currency: str,
    version: int,
    vat_rate_e8: int,
    words: tuple[Sequence[str], Sequence[str]],
) -> Answer:
    """The answer; VAT once, half up, of the sum of lines. `words` are assumptions and what is not
    estimated.
    """
    net = priced.net_cents
    lines = sorted((_line(ask, line) for line in priced.lines), key=_order)
    return Answer(
        key="",
        name=ask.name,
        currency=currency,
        book=ask.price_book,
        version=version,
        month=month.name,
        hours=month.hours,
        lines=tuple(lines),
        unpriced=tuple(_not_priced(ask, each) for each in priced.unpriced),
        vat_rate_e8=vat_rate_e8,
        net_cents=net,
        vat_cents=half_up(net * vat_rate_e8, E8),
        assumptions=tuple(words[0]),
        not_estimated=tuple(words[1]),
    )


def _line(ask: Ask, line: Line) -> AnswerLine:
    origin = origin_of(line.resource)
    return AnswerLine(
        name=_name(ask, origin),
        line=origin.line,
        disk=origin.disk,
        tier=dict(line.where).get("tier", "") or _tier(ask, origin),
        count=line.copies,
        meter=line.meter,
        micros=quantity_micros(line.quantity * line.copies, line.meter),
        unit=METERS[line.meter].unit,
        unit_price_e8=line.unit_price_e8,
        per_month=line.month_hours if line.is_monthly else 0,
        version=line.version,
        step=line.step,
        amount_cents=line.amount_cents,
    )


def _not_priced(ask: Ask, entry: Unpriced) -> NotPriced:
    origin = origin_of(entry.resource)
    return NotPriced(
        name=_name(ask, origin),
        line=origin.line,
        disk=origin.disk,
        meter=entry.meter,
        micros=quantity_micros(entry.quantity, entry.meter),
        unit=METERS[entry.meter].unit,
        where=dict(entry.where),
    )


def _name(ask: Ask, origin: Origin) -> str:
    return "" if origin.line < 0 else ask.lines[origin.line].name


def _tier(ask: Ask, origin: Origin) -> str:
    if origin.line < 0:
        return ""
    line = ask.lines[origin.line]
    return line.disks[origin.disk - 1].tier if origin.disk else line.tier


_METER_ORDER = {name: place for place, name in enumerate(METERS)}


def _order(line: AnswerLine) -> tuple[object, ...]:
    """As asked for; what steps count together at the end."""
    return line.line < 0, line.line, line.disk, _METER_ORDER[line.meter], line.version, line.step


def answer_json(answer: Answer) -> dict[str, Any]:
    """As the contract's API and command answer it: amounts and quantities as text."""
    return {
        "id": answer.key or None,
        "name": answer.name,
        "currency": answer.currency,
        "price_book": {"name": answer.book, "version": answer.version},
        "month": answer.month,
        "hours": str(answer.hours),
        "lines": [_line_json(line) for line in answer.lines],
        "net": cents_text(answer.net_cents),
        "vat_rate": decimal_text(answer.vat_rate_e8, 8, at_least=2),
        "vat": cents_text(answer.vat_cents),
        "total": cents_text(answer.total_cents),
        "complete": answer.is_complete,
        "unpriced": [_not_priced_json(entry) for entry in answer.unpriced],
        "assumptions": list(answer.assumptions),
        "not_estimated": list(answer.not_estimated),
    }


def _line_json(line: AnswerLine) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": line.name,
        "meter": line.meter,
        "quantity": decimal_text(line.micros, 6),
        "unit": line.unit,
        "unit_price": decimal_text(line.unit_price_e8, 8),
        "amount": cents_text(line.amount_cents),
        "count": line.count,
        "line": line.line,
        "version": line.version,
    }
    facts = {"disk": line.disk, "tier": line.tier, "step": line.step}
    if line.per_month:
        facts["per_month_of_hours"] = str(line.per_month)
    return found | {name: value for name, value in facts.items() if value}


def _not_priced_json(entry: NotPriced) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": entry.name,
        "meter": entry.meter,
        "quantity": decimal_text(entry.micros, 6),
        "unit": entry.unit,
        "line": entry.line,
        "where": dict(entry.where),
    }
    return found | ({"disk": entry.disk} if entry.disk else {})


def read_answer(given: Mapping[str, Any]) -> Answer:
    """A stored answer: what `answer_json` wrote."""
    return Answer(
        key=given["id"] or "",
        name=given["name"],
        currency=given["currency"],
        book=given["price_book"]["name"],
        version=given["price_book"]["version"],
        month=given["month"],
        hours=int(given["hours"]),
        lines=tuple(_read_line(line) for line in given["lines"]),
        unpriced=tuple(_read_not_priced(entry) for entry in given["unpriced"]),
        vat_rate_e8=parse_e8(given["vat_rate"]),
        net_cents=_cents(given["net"]),
        vat_cents=_cents(given["vat"]),
        assumptions=tuple(given["assumptions"]),
        not_estimated=tuple(given["not_estimated"]),
    )


def _read_line(given: Mapping[str, Any]) -> AnswerLine:
    return AnswerLine(
        name=given["name"],
        line=given["line"],
        disk=given.get("disk", 0),
        tier=given.get("tier", ""),
        count=given["count"],
        meter=given["meter"],
        micros=_micros(given["quantity"]),
        unit=given["unit"],
        unit_price_e8=parse_e8(given["unit_price"]),
        per_month=int(given.get("per_month_of_hours", 0)),
        version=given["version"],
        step=given.get("step", 0),
        amount_cents=_cents(given["amount"]),
    )


def _read_not_priced(given: Mapping[str, Any]) -> NotPriced:
    return NotPriced(
        name=given["name"],
        line=given["line"],
        disk=given.get("disk", 0),
        meter=given["meter"],
        micros=_micros(given["quantity"]),
        unit=given["unit"],
        where=given["where"],
    )


def _cents(text: str) -> int:
    return int(text.replace(".", ""))


def _micros(text: str) -> int:
    return int(text.replace(".", ""))
