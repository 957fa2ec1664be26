"""What is refused is kept as it was sent, and can be judged once more."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcx.metering import service
from dcx.repository.session import reading, transaction
from tests.metering.test_ingest import GOOD, HEAD, sent

Flask = Callable[..., Any]
NAIVE = GOOD.replace("e1", "e2").replace("00Z", "00")
NOW_US = 1_790_000_000_000_000


@pytest.fixture(autouse=True)
def source(flask: Flask) -> None:
    assert flask("metering", "add-source", "hv", "--mode", "events").status == 0


def waiting() -> list[Any]:
    with reading("bronze") as bronze:
        page = service.quarantined(bronze)
        return sorted((row for row, _, _ in page.rows), key=lambda row: row.row)


def replayed(offset: str | None = None) -> tuple[int, int]:
    ids = [row.id for row in waiting()]
    with transaction("bronze") as bronze:
        return service.replay(
            bronze, ids, customers=frozenset(), now_us=NOW_US, assumed_offset=offset
        )


def test_a_refused_line_is_kept_with_its_head_and_every_cell(flask: Flask, tmp_path: Path) -> None:
    sent(flask, tmp_path, HEAD, GOOD, f"{GOOD},surplus,more", '"e3,vm-1')

    assert [(row.row, row.raw) for row in waiting()] == [
        (2, f"{HEAD}\n{GOOD},surplus,more"),
        (3, f'{HEAD}\n"e3,vm-1'),
    ]


def test_a_refused_object_is_kept_letter_by_letter(flask: Flask, tmp_path: Path) -> None:
    text = '{"vm_id":"j\\ud800",  "event_id": "e9", "vcpus": 1e999999999}'
    counts = sent(flask, tmp_path, text, json.dumps({"a": 1}), name="a.ndjson")

    assert counts["quarantined"] == 2
    assert waiting()[0].raw == text


def test_a_row_is_replayed_once_whatever_form_it_came_in(flask: Flask, tmp_path: Path) -> None:
    sent(flask, tmp_path, HEAD, NAIVE)
    spread = json.dumps(
        dict(zip(HEAD.split(","), NAIVE.replace("e2", "e3").split(","), strict=True)), indent=1
    )
    sent(flask, tmp_path, f"[{spread}]", name="a.json")

    refused, taken, again = replayed(), replayed("+02:00"), replayed("+02:00")
    known = sent(flask, tmp_path, HEAD, NAIVE)

    assert (refused, taken, again) == ((0, 2), (2, 0), (0, 0))
    assert (known["quarantined"], waiting()) == (1, [])


def test_a_text_that_could_not_be_kept_whole_is_never_replayed(
    flask: Flask, tmp_path: Path
) -> None:
    sent(flask, tmp_path, HEAD, NAIVE.replace("alpha", "al\udcffpha"), f"{NAIVE},{'x' * 9_000}")

    assert replayed("+02:00") == (0, 2)


def test_packed_lines_that_are_cut_are_refused_and_a_cut_last_line_costs_itself(
    flask: Flask, tmp_path: Path
) -> None:
    values = [
        json.dumps(dict(zip(HEAD.split(","), GOOD.replace("e1", f"e{n}").split(","), strict=True)))
        for n in range(3_000)
    ]
    packed = gzip.compress("\n".join(values).encode())
    (tmp_path / "a.ndjson.gz").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress("\n".join(values).encode()[:-10]))

    cut, whole = (
        flask("metering", "import", tmp_path / name, "--source", "hv")
        for name in ("a.ndjson.gz", "b.ndjson.gz")
    )

    assert (cut.status, cut.out) == (1, "")
    assert "broken or cut gzip" in cut.err
    assert (whole.json["stored"], whole.json["quarantined"]) == (2_999, 1)
