"""Files as they really come: damage costs the rows it hit, and only those."""

import csv
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dcx.metering.reader import BrokenError, read_rows
from dcx.metering.reader.rows import LONGEST_LINE
from dcx.metering.rules.cells import Clock, Fault
from dcx.metering.rules.logs import Judge
from tests.metering.test_ingest import GOOD, HEAD
from tests.support.counts import count

HEAD_WITH_NAME = f"{HEAD},name"
NAMES = st.sampled_from(["web", '"web"', '"a, b"', '"say ""hi"""', "", '""'])
DAMAGE = st.lists(
    st.tuples(st.integers(0, 70), st.integers(0, 3), st.sampled_from('"",\n\rx\x00é')),
    min_size=1,
    max_size=4,
)


def rows_of(text: str, form: str = "csv") -> list[tuple[Any, Any, str]]:
    return list(read_rows(io.BytesIO(text.encode("utf-8", "surrogateescape")), form))


def ids(text: str, form: str = "csv") -> set[Any]:
    """The event ids of the rows that a judge takes."""
    judge = Judge(1, 1, Clock(10**18), frozenset())
    found = set()
    for columns, cells, _ in rows_of(text, form):
        try:
            found.add(judge.read(columns, cells)[1][2])
        except Fault:
            continue
    return found


def damaged(line: str, damage: list[tuple[int, int, str]]) -> str:
    for place, gone, put in damage:
        line = line[:place] + put + line[place + gone :]
    return line


@settings(max_examples=count(300, 3000), deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=60), st.data())
def test_damage_in_some_rows_costs_no_other_row(names: list[str], data: st.DataObject) -> None:
    lines = [f"{GOOD.replace('e1', f'e{place}')},{name}" for place, name in enumerate(names)]
    hit = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=5))
    sent = [
        damaged(line, data.draw(DAMAGE)) if place in hit else line
        for place, line in enumerate(lines)
    ]

    taken = ids("\n".join([HEAD_WITH_NAME, *sent]) + "\n")

    assert taken >= {f"e{place}" for place in range(len(lines)) if place not in hit}


def test_a_quote_that_never_closes_costs_its_own_row_in_a_long_file() -> None:
    rows = [GOOD.replace("e1", f"e{place}") for place in range(50_000)]
    rows[0] = rows[0].replace("alpha", '"alpha')

    found = rows_of("\n".join([HEAD, *rows]))

    faults = [(place, raw) for place, (_, cells, raw) in enumerate(found) if type(cells) is Fault]
    assert len(found) == 50_000
    assert faults == [(0, rows[0] + "\n")]


BETWEEN = {
    "two strays that look like one long cell": (",al", ',"al', ",alpha,", ',alpha",'),
    "a stray before a quoted cell": (",alpha,", ',"alpha,', ",alpha,", ',"alpha",'),
    "a stray at the end of the last line": ("4096", '"4096', "e1", "e1"),
}


@pytest.mark.parametrize("case", BETWEEN)
def test_rows_between_two_quotes_that_do_not_belong_together_are_taken(case: str) -> None:
    old, new, last_old, last_new = BETWEEN[case]
    rows = [GOOD.replace("e1", f"e{place}") for place in range(6)]
    rows[1] = rows[1].replace(old, new)
    rows[4] = rows[4].replace(last_old, last_new)

    assert ids("\n".join([HEAD, *rows])) >= {"e0", "e2", "e3", "e5"}
    assert len(rows_of("\n".join([HEAD, *rows]))) == 6


@settings(max_examples=count(200, 2000), deadline=None)
@given(st.lists(st.text("ab\n\r ,\"'", max_size=12), min_size=1, max_size=40))
def test_a_cell_may_run_over_lines_wherever_a_block_of_the_file_ends(names: list[str]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD_WITH_NAME.split(","))
    for place, name in enumerate(names):
        writer.writerow([*GOOD.replace("e1", f"e{place}").split(","), name])

    read = [cells[-1] for _, cells, _ in rows_of(text.getvalue())]

    assert read == names


def test_a_cell_that_runs_over_lines_is_whole_across_blocks() -> None:
    row = GOOD + ',"two\nlines"'
    text = "\n".join([HEAD_WITH_NAME, *[row] * 30_000])

    assert {cells[-1] for _, cells, _ in rows_of(text)} == {"two\nlines"}


def test_a_line_without_end_is_one_bad_row() -> None:
    endless = GOOD.replace("alpha", "a" * (LONGEST_LINE + 1_000_000))

    assert ids("\n".join([HEAD, GOOD, endless, GOOD.replace("e1", "e3")])) == {"e1", "e3"}


HARD = {
    "an integer of 5,000 digits": '{"vcpus": ' + "9" * 5_000 + "}",
    "a number beyond all bounds": '{"vcpus": 1e999999999}',
    "a lone surrogate": '{"vm_id": "j\\ud800"}',
    "lists in lists in lists": '{"vm_id": ' + "[" * 90_000 + "]" * 90_000 + "}",
    "a list for an id": '{"disk_id": [1], "vm_id": {"a": 1}}',
    "no object": "[1, 2]",
}


@pytest.mark.parametrize("form", ["json", "ndjson"])
@pytest.mark.parametrize("case", HARD)
def test_a_hard_row_of_json_costs_itself_only(case: str, form: str) -> None:
    one, three = (
        dict(zip(HEAD.split(","), GOOD.replace("e1", name).split(","), strict=True))
        for name in ("e1", "e3")
    )
    given_row = HARD[case]
    if given_row.startswith("{"):
        good = json.dumps({**one, "event_id": "e2"})
        given_row = good[:-1] + ", " + given_row[1:]
    items = [json.dumps(one), given_row, json.dumps(three)]
    text = "[" + ", ".join(items) + "]" if form == "json" else "\n".join(items)

    assert ids(text, form) == {"e1", "e3"}


@settings(max_examples=count(300, 3000), deadline=None)
@given(
    st.sampled_from([*HEAD.split(","), "seq", "disk_id", "size_gib", "tier", "name", "more"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("1e999"),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
)
def test_whatever_stands_in_a_cell_a_row_is_a_log_or_has_a_reason(name: str, cell: Any) -> None:
    row = dict(zip(HEAD.split(","), GOOD.split(","), strict=True)) | {name: cell}

    assert len(ids(json.dumps(row), "ndjson")) <= 1


@pytest.mark.parametrize("text", ["[{}] more", "[{}][{}]", "[{}", "{}", '[{"a": 1', ""])
def test_a_list_that_is_cut_or_goes_on_is_refused_whole(text: str) -> None:
    with pytest.raises(BrokenError):
        rows_of(text, "json")


def parquet(columns: dict[str, Any]) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    file.seek(0)
    return file


def test_values_of_parquet_that_python_cannot_hold_cost_their_row() -> None:
    texts = pa.array([b"alpha", b"al\xffpha"], pa.binary())
    file = parquet(
        {
            "event_id": ["e1", "e2"],
            "vm_id": ["vm-1", "vm-2"],
            "customer": pa.Array.from_buffers(pa.string(), 2, texts.buffers()),
            "at": pa.array([1_700_000_000_000_000_001, 2**62], pa.timestamp("ns", "UTC")),
            "state": ["running", "running"],
            "vcpus": [2.0, 2.0],
            "memory_mib": pa.array([4096, 2**63], pa.uint64()),
        }
    )
    judge = Judge(1, 1, Clock(10**18), frozenset())

    good, bad = read_rows(file, "parquet")

    assert judge.read(good[0], good[1])[1][2:4] == ("e1", 1_700_000_000_000_000)
    with pytest.raises(Fault, match="not UTF-8"):
        judge.read(bad[0], bad[1])


def test_instants_of_parquet_without_a_zone_or_out_of_range_are_refused_alone() -> None:
    row = {"event_id": ["e1", "e2"], "vm_id": ["a", "b"], "customer": ["c", "c"]}
    rest = {"state": ["running"] * 2, "vcpus": [1, 1], "memory_mib": [1, 1]}
    naive = pa.array([1_700_000_000_000_000, 2**62], pa.timestamp("us"))
    judge = Judge(1, 1, Clock(10**18), frozenset())

    reasons = []
    for columns, cells, _ in read_rows(parquet({**row, "at": naive, **rest}), "parquet"):
        with pytest.raises(Fault) as fault:
            judge.read(columns, cells)
        reasons.append(str(fault.value)[:15])

    assert reasons == ["at needs an off", "at is not a tim"]
