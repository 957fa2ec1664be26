"""A resource's life is drawn to time, its size as height, its changes named without overlap."""

import itertools
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.web.timeline import BAND_PX, CHARACTER_PX, LEAST_PX, Note, Span, Timeline, timeline

OCTOBER, DAY = date(2026, 10, 1), 86_400_000_000
BOUNDS = (0, 31 * DAY)


def drawn(spans: list[Span], notes: list[Note], width: int = 1040) -> Timeline:
    return timeline(spans, notes, BOUNDS, (OCTOBER, 31), width)


def test_a_stretch_is_as_long_as_its_time_and_as_high_as_its_size() -> None:
    found = drawn([Span(0, 10 * DAY, (2,)), Span(10 * DAY, 31 * DAY, (4,))], [])

    first, second = found.blocks
    assert (first.x, second.x) == (0.0, round(1040 * 10 / 31, 1))
    assert abs(first.width - 1040 * 10 / 31) < 1
    assert (first.faces[0].height, second.faces[0].height) == (BAND_PX / 2, BAND_PX)
    assert first.faces[0].y + first.faces[0].height == second.faces[0].y + BAND_PX


def test_what_was_stopped_is_a_thin_line() -> None:
    found = drawn([Span(0, DAY, (4, 8)), Span(DAY, 2 * DAY, (0, 0))], [])

    assert [face.height for face in found.blocks[1].faces] == [LEAST_PX, LEAST_PX]


def test_neighbours_too_thin_to_see_share_a_block() -> None:
    minute = 60_000_000
    spans = [Span(place * minute, (place + 1) * minute, (place,)) for place in range(10_000)]

    found = drawn(spans, [])

    assert len(found.blocks) < 1040
    assert found.blocks[0].place == 0
    ends = [block.x + block.width for block in found.blocks]
    assert all(end <= after.x for end, after in zip(ends, found.blocks[1:], strict=False))


def test_both_ends_carry_their_date() -> None:
    for width in (1040, 326):
        labels = drawn([Span(0, DAY, (1,))], [], width).labels
        assert (labels[0].x, labels[0].day.day, labels[0].has_month) == (0.0, 1, True)
        assert (labels[-1].x, labels[-1].day.day, labels[-1].has_month) == (width, 31, True)
        gaps = [after.x - before.x for before, after in itertools.pairwise(labels)]
        assert min(gaps) >= 24


@settings(deadline=None)
@given(
    days=st.lists(st.integers(0, 31 * 24 - 1), unique=True, max_size=60).map(sorted),
    width=st.sampled_from([1040, 326]),
)
def test_named_changes_never_lie_over_each_other(days: list[int], width: int) -> None:
    notes = [Note(hour * 3_600_000_000, "2 → 4 vCPU 3 Nov 14:02") for hour in days]

    found = drawn([Span(0, DAY, (1,))], notes, width)

    boxes = []
    for mark in found.marks:
        long = len(mark.words) * CHARACTER_PX
        boxes.append(
            (mark.y, mark.x - long, mark.x) if mark.is_left else (mark.y, mark.x, mark.x + long)
        )
    for place, (y, begins, ends) in enumerate(boxes):
        assert begins >= -1
        assert ends <= width + 1
        assert y <= found.frame.top
        for other_y, other_begins, other_ends in boxes[:place]:
            assert y != other_y or ends <= other_begins + 1 or begins >= other_ends - 1
