"""An answer as pages show it: any estimate, saved or not."""

from typing import Any

import pytest
from apiflask import APIFlask
from flask import render_template

from dcx.estimates import service
from dcx.estimates.routes.ground import desk
from dcx.repository.session import reading
from tests.estimates.conftest import E1
from tests.support.html import faults_of


def shown(app: APIFlask, given: dict[str, Any]) -> str:
    """The partial that every page of an estimate shows, its spaces made plain."""
    with app.test_request_context("/"), reading() as session:
        ask = service.read_ask(given, this_month="2026-11")
        answer = service.estimate(session, ask, desk())
        page = render_template("estimates/_answer.html", answer=answer)
    assert faults_of(page) == []
    return page.replace("\u00a0", " ").replace("&nbsp;", " ")


@pytest.mark.usefixtures("prices")
def test_the_worked_estimate_is_shown_to_the_cent_with_vat_and_without(app: APIFlask) -> None:
    page = shown(app, E1)
    for amount in ("R5 154,40", "R5 927,56", "R773,16", "R7,06", "R8,12", "R61 852,80"):
        assert amount in page
    assert "3 × 1 460" in page, "three machines of two vCPU each, for 730 hours"
    assert "3 × 50" in page
    assert "Complete" in page
    assert "Real months differ" in page
    assert "version 1" in page
    assert "Network traffic" in page


@pytest.mark.usefixtures("prices")
def test_what_has_no_price_is_named_and_the_sum_is_said_to_lack_it(app: APIFlask) -> None:
    disk = {"kind": "disk", "name": "fast", "tier": "nvme", "size_gib": "10"}
    page = shown(app, {**E1, "lines": [*E1["lines"], disk]})
    assert "Not complete" in page
    assert "fast: Disk, nvme (tier nvme), 7 300 GiB·h" in page
    assert "R5 154,40" in page
    early = shown(app, {**E1, "month": "2012-12"})
    assert "which has no prices in force then" in early
