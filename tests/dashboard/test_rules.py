"""Colours of meters, what changed in a resource, and between what a month may come to."""

from datetime import date

from dcx.dashboard.rules import Change, Shape, by_day, changes, likely_range, meter_order

DAY = date(2026, 11, 1)


def shape(at: int, *, state: str = "running", vcpus: int = 2, memory: int = 4096) -> Shape:
    sizes = (("vCPU", vcpus), ("MiB", memory))
    return Shape(at, at + 10, state, state == "running", sizes)


def test_a_meter_has_the_same_colour_whoever_uses_how_much_of_it() -> None:
    order = ["vCPU", "Memory", "Root disk", "Ceph disk"]

    rich, _ = by_day({"Ceph disk": {DAY: 900}, "vCPU": {DAY: 5}}, [DAY], order)
    poor, _ = by_day({word: {DAY: 1} for word in order}, [DAY], order)

    assert [(series.words, series.colour) for series in rich] == [("vCPU", 1), ("Ceph disk", 4)]
    assert {series.words: series.colour for series in poor}["Ceph disk"] == 4


def test_what_has_no_colour_of_its_own_is_other() -> None:
    order = [f"m{number}" for number in range(7)]

    series, days = by_day({**{word: {DAY: 1} for word in order}, "new": {DAY: 1}}, [DAY], order)

    assert [each.colour for each in series] == [1, 2, 3, 4, 5, 6]
    assert (series[-1].words, series[-1].cents) == ("Other", 3)
    assert days[0].cents == 8


def test_a_new_tier_does_not_move_the_colours_of_the_old_ones() -> None:
    old = [("disk.gib_hours", "root"), ("ip.hours", ""), ("vm.vcpu_hours", "")]

    before = meter_order(old)
    after = meter_order([*old, ("disk.gib_hours", "archive"), ("disk.gib_hours", "root")])

    assert before == [("vm.vcpu_hours", ""), ("disk.gib_hours", "root"), ("ip.hours", "")]
    assert after[:2] == before[:2]
    assert after[2] == ("disk.gib_hours", "archive")


def test_a_resize_is_named_from_before_to_after() -> None:
    found = changes([shape(0), shape(10, vcpus=4), shape(20, vcpus=4, memory=8192)])

    assert found[0] == []
    assert found[1] == [Change("", 2, 4, "vCPU")]
    assert found[2] == [Change("", 4096, 8192, "MiB", is_main=False)]


def test_a_stop_is_named_and_what_it_started_with_is_compared_across_it() -> None:
    stopped = shape(10, state="stopped", vcpus=0, memory=0)

    found = changes([shape(0), stopped, shape(20, vcpus=8)])

    assert found[1] == [Change("Stopped")]
    assert found[2] == [Change("Started"), Change("", 2, 8, "vCPU")]


def test_a_gap_is_named() -> None:
    assert changes([shape(0), shape(15)])[1] == [Change("Back after a gap")]


def test_a_month_may_come_to_its_cheaper_or_dearer_days() -> None:
    assert likely_range(400, [80, 120, 90, 110], 4.0, 30) == (400 + 26 * 90, 400 + 26 * 110)
    assert likely_range(300, [100, 100, 100], 3.0, 30) is None
