"""The laws of pricing: one function, exact, rounded once a line."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.billing.rules import BillLine, add_up
from dcx.kit.money import E8, half_up, parse_e8
from dcx.kit.periods import HOUR_US
from dcx.pricing.errors import PriceBookRefusedError
from dcx.pricing.rules.books import Book, read_book
from dcx.pricing.rules.meters import METERS, Usage, quantity_text
from dcx.pricing.rules.rating import Stretch, price
from tests.support.counts import count

HEAD = 'name = "standard"\ncurrency = "ZAR"\nstarts_at = 2013-01-01T00:00:00+02:00\n'
FLAT = '[[price]]\nmeter = "vm.vcpu_hours"\nunit_price = "0.1450"\n'
STEPPED = (
    '[[price]]\nmeter = "disk.gib_hours"\n'
    'steps = [{up_to = "1000", unit_price_per_month = "0.80"}, {unit_price_per_month = "0.60"}]\n'
)


def book(*prices: str) -> Book:
    return read_book((HEAD + "".join(prices)).encode(), currency="ZAR")


def vcpu(hours: float, resource: str = "vm-1") -> Usage:
    return Usage("a", "vm", resource, "vm.vcpu_hours", "", "", "", "", int(hours * HOUR_US))


def disk(gib_hours: int, resource: str = "d-1", tier: str = "standard") -> Usage:
    quantity = gib_hours * HOUR_US
    return Usage("a", "disk", resource, "disk.gib_hours", tier, "", "", "", quantity)


def test_a_line_is_quantity_times_unit_price_rounded_half_up_once() -> None:
    quantity = parse_e8("380.004167") * HOUR_US // E8
    used = Usage("a", "vm", "vm-0025", "vm.vcpu_hours", "", "", "", "", quantity)

    priced = price([Stretch(book(FLAT), [used])], 744)

    assert [line.amount_cents for line in priced.lines] == [55_10]


def test_a_price_per_month_is_spread_over_the_hours_of_that_month() -> None:
    monthly = '[[price]]\nmeter = "disk.gib_hours"\nunit_price_per_month = "1.50"\n'

    for hours in (672, 696, 720, 744):
        priced = price([Stretch(book(monthly), [disk(100 * hours)])], hours)
        assert priced.net_cents == 150_00


def test_the_first_price_in_file_order_that_fits_is_taken() -> None:
    ssd = '[[price]]\nmeter = "disk.gib_hours"\nwhere = {tier = "ssd"}\nunit_price = "2"\n'
    any_tier = '[[price]]\nmeter = "disk.gib_hours"\nunit_price = "1"\n'

    usage = [disk(1, tier="ssd"), disk(1, "d-2")]
    priced = price([Stretch(book(ssd, any_tier), usage)], 744)

    assert [(line.resource, line.amount_cents, line.rule) for line in priced.lines] == [
        ("d-1", 2_00, 1),
        ("d-2", 1_00, 2),
    ]


def test_what_has_no_price_is_named_and_what_is_free_is_not() -> None:
    free = '[[price]]\nmeter = "vm.vcpu_hours"\nfree = true\n'

    priced = price([Stretch(book(free), [vcpu(1), disk(1)])], 744)
    before = price([Stretch(None, [vcpu(1)])], 744)

    assert priced.lines == []
    assert [entry.meter for entry in priced.unpriced] == ["disk.gib_hours"]
    assert [entry.meter for entry in before.unpriced] == ["vm.vcpu_hours"]


def test_steps_are_graduated_and_count_per_customer_and_month() -> None:
    usage = [disk(800 * 744), disk(700 * 744, "d-2")]

    priced = price([Stretch(book(STEPPED), usage)], 744)

    assert [(line.step, line.resource, line.amount_cents) for line in priced.lines] == [
        (1, "", 800_00),
        (2, "", 300_00),
    ]


def test_a_new_version_goes_on_counting_the_months_steps() -> None:
    one, two = book(STEPPED), book(STEPPED.replace("0.60", "0.50"))

    priced = price([Stretch(one, [disk(800 * 744)]), Stretch(two, [disk(800 * 744)])], 744)

    assert [line.amount_cents for line in priced.lines] == [640_00, 160_00, 300_00]


QUANTITIES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**15)), min_size=1, max_size=9)


@settings(max_examples=count(150, 1000), deadline=None)
@given(QUANTITIES, st.randoms(), st.sampled_from([672, 720, 743, 744]))
def test_order_and_splitting_of_usage_change_nothing(
    quantities: list[Any], luck: Any, hours: int
) -> None:
    usage = [
        Usage("a", "disk", f"d-{who}", "disk.gib_hours", "standard", "", "", "", much)
        for who, much in quantities
    ]
    pieces = []
    for used in usage:
        cut = luck.randint(0, used.quantity)
        for part in (cut, used.quantity - cut):
            fields = (used.customer, used.kind, used.resource, used.meter, used.tier)
            pieces.append(Usage(*fields, "", "", "", part))
    luck.shuffle(pieces)

    for prices in (STEPPED, STEPPED.split("steps", maxsplit=1)[0] + 'unit_price = "0.00000123"\n'):
        whole = price([Stretch(book(prices), usage)], hours)
        parted = price([Stretch(book(prices), pieces)], hours)
        assert whole == parted
        assert whole.net_cents == sum(line.amount_cents for line in whole.lines)
        assert sum(line.quantity for line in whole.lines) == sum(much for _, much in quantities)


@pytest.mark.parametrize(("net", "vat"), [(30, 5), (10_30, 1_55), (1234_50, 185_18), (-30, -5)])
def test_vat_is_rounded_half_up(net: int, vat: int) -> None:
    assert half_up(net * 15_000_000, E8) == vat


def test_vat_is_taken_once_per_document() -> None:
    line = BillLine("vm", "v", "", "vm.hours", 1, 1, 0, "standard", 1, 1, 0, (), 2_27)

    sums = add_up([line] * 221, {"": 15_000_000})

    assert (sums.net_cents, sums.vat_cents, sums.total_cents) == (501_67, 75_25, 576_92)


ENDLESS = STEPPED.replace(', {unit_price_per_month = "0.60"}', "")
FALLING = STEPPED.replace("{unit_price_per", '{up_to = "5", unit_price_per')
BOOKS = {
    "two kinds of price": (FLAT + "free = true\n", "price 1: needs exactly one of"),
    "no price": (FLAT.replace('unit_price = "0.1450"\n', ""), "price 1: needs exactly one of"),
    "9 decimals": (FLAT.replace("0.1450", "0.123456789"), "at most 8 decimals"),
    "a bare number": (FLAT.replace('"0.1450"', "0.1450"), "must be written as text"),
    "an unknown meter": (FLAT.replace("vcpu_hours", "gpu_hours"), "is none of"),
    "a negative price": (FLAT.replace("0.1450", "-1"), "must not be negative"),
    "an unknown condition": (FLAT + "where = {colour = 'red'}\n", "where knows"),
    "steps without an end": (ENDLESS, "last step"),
    "steps that fall": (FALLING, "last step"),
    "an unknown key": (FLAT + "unit_prize = '1'\n", "unknown keys"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOOKS)
def test_a_bad_book_is_refused_and_says_where(case: str) -> None:
    prices, reason = BOOKS[case]

    with pytest.raises(PriceBookRefusedError, match="refused") as refused:
        book(prices)
    assert reason in refused.value.message


def test_a_book_of_another_currency_or_without_an_offset_is_refused() -> None:
    text = (HEAD.replace("ZAR", "USD").replace("+02:00", "") + FLAT).encode()

    with pytest.raises(PriceBookRefusedError) as refused:
        read_book(text, currency="ZAR")
    assert "currency must be ZAR" in refused.value.message
    assert "starts_at needs" in refused.value.message


def test_quantities_are_shown_to_six_decimals_half_up() -> None:
    assert quantity_text(HOUR_US + HOUR_US // 2_000_000, "vm.hours") == "1.000001"
    assert quantity_text(1024 * HOUR_US, "vm.memory_gib_hours") == "1.000000"
    assert set(METERS) >= {"vm.hours", "vm.vcpu_hours", "vm.memory_gib_hours", "disk.gib_hours"}
