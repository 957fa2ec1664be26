"""In CI only what no registry carries or the machine forbids may be skipped."""

from types import SimpleNamespace

from dcx.settings import ROOT
from tests.conftest import skipped_without_leave


def report(name: str, reason: str) -> SimpleNamespace:
    return SimpleNamespace(nodeid=name, longrepr=("file", 1, f"Skipped: {reason}"))


def test_a_skip_without_leave_is_named_and_an_allowed_one_is_not() -> None:
    reports = [report("a", "no Chromium here"), report("b", "terraform is not on any registry")]

    assert skipped_without_leave(reports) == ["a: Skipped: no Chromium here"]


def test_ci_asks_for_it() -> None:
    assert "export CI=1" in (ROOT / ".ci/run").read_text()
