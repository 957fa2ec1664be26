"""Staff look at what was refused, replay it, dismiss it, and run metering by a button."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dcx.metering import service
from dcx.repository.session import reading
from tests.conftest import SignIn, token_of
from tests.metering.test_ingest import GOOD, HEAD

Flask = Callable[..., Any]


@pytest.fixture
def sam(flask: Flask, tmp_path: Path, sign_in: SignIn) -> FlaskClient:
    """Sam of billing, with one row in quarantine for want of an offset, and one conflict."""
    flask("metering", "add-source", "hv", "--mode", "events")
    rows = [GOOD, GOOD.replace(",2,", ",3,"), GOOD.replace("e1", "e2").replace("00Z", "00")]
    (tmp_path / "a.csv").write_text("\n".join([HEAD, *rows]))
    counts = flask("metering", "import", tmp_path / "a.csv", "--source", "hv").json
    assert (counts["quarantined"], counts["conflicts"]) == (1, 1)
    return sign_in("sam")


def post(client: FlaskClient, url: str, **sent: Any) -> int:
    token = token_of(client, "/metering")
    return client.post(url, data={"csrf_token": token, **sent}).status_code


def waiting() -> tuple[int, int, int]:
    with reading("bronze") as bronze:
        return service.waiting_counts(bronze)


def row_id() -> int:
    with reading("bronze") as bronze:
        page = service.quarantined(bronze)
        return int(page.rows[0][0].id)


def test_a_row_is_shown_with_its_reason_and_raw_text(sam: FlaskClient) -> None:
    text = sam.get(f"/metering?row={row_id()}").get_data(as_text=True)

    assert "At needs an offset" in text
    assert f"{HEAD}\n{GOOD.replace('e1', 'e2').replace('00Z', '00')}</pre>" in text


def test_a_row_without_an_offset_is_replayed_with_one(sam: FlaskClient) -> None:
    refused = post(sam, "/metering/quarantine", id=row_id(), act="replay")
    still = waiting()[0]

    taken = post(sam, "/metering/quarantine", id=row_id(), act="replay", offset="+02:00")

    assert (refused, taken) == (303, 303)
    assert (still, waiting()[0]) == (1, 0)
    with reading("bronze") as bronze:
        log = service.raw_log(bronze, "vm", "hv", "e2")
    assert log.sent["at"] == "2026-01-01T00:00:00+02:00"


def test_rows_and_conflicts_are_closed_and_stay_on_record(sam: FlaskClient) -> None:
    with reading("bronze") as bronze:
        conflict = service.conflicts(bronze).rows[0]

    post(sam, "/metering/quarantine", id=row_id(), act="dismiss")
    post(sam, "/metering/conflicts", id=conflict.id)

    assert waiting()[:2] == (0, 0)
    assert conflict.refused["vcpus"] == "3"


def test_a_button_runs_metering_and_the_run_is_on_record(sam: FlaskClient) -> None:
    assert post(sam, "/metering/run") == 303

    text = sam.get("/metering").get_data(as_text=True)
    assert "Sam" in text
    assert waiting()[2] == 0


def test_a_conflict_shows_what_stands_beside_what_was_refused(sam: FlaskClient) -> None:
    text = sam.get("/metering").get_data(as_text=True)

    assert "They differ in vcpus. The first content of an event id stands" in text
    row = text[text.index("<td>vcpus") :].partition("</tr>")[0]
    assert "Differs" in row
    assert re.findall(r">(\d+)</td>", row) == ["2", "3"]
    assert "Differs" not in text[text.index("<td>state") :].partition("</tr>")[0]


def test_an_unknown_customer_shows_what_it_used_and_is_added_from_there(
    flask: Flask, tmp_path: Path, sam: FlaskClient
) -> None:
    log = GOOD.replace("e1", "s1").replace("alpha", "stray").replace("vm-1", "vm-s")
    end = log.replace("s1", "s2").replace("T00:00:00Z", "T10:00:00Z").replace("running", "stopped")
    (tmp_path / "s.csv").write_text(f"{HEAD}\n{log}\n{end}")
    assert flask("metering", "import", tmp_path / "s.csv", "--source", "hv").json["held"] == 2
    flask("metering", "run")

    text = sam.get("/metering").get_data(as_text=True)

    held = text[text.index('id="held"') :].partition("</section>")[0]
    assert "vCPU 20,000000 vCPU·h" in held
    assert "01 Jan 2026" in held
    assert 'href="/customers/new?key=stray"' in held
    file = sam.get("/metering?as=csv&table=unknown").get_data(as_text=True)
    assert file.splitlines()[1].startswith("stray,1,2026-01-01T00:00:00Z,vm.hours 10.000000 h;")


def test_words_bend_with_their_number(sam: FlaskClient) -> None:
    post(sam, "/metering/quarantine", id=row_id(), act="replay", offset="+02:00")

    assert "1 row taken, 0 still refused." in sam.get("/metering").get_data(as_text=True)


def test_there_is_no_other_table_to_export(sam: FlaskClient) -> None:
    assert sam.get("/metering?as=csv&table=secrets").status_code == 400
