"""What benchmarks stand on: databases, the trace, paired timing."""

import csv
import gzip
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apiflask import APIFlask

from dcx.factory import create_app
from dcx.settings import ROOT
from tests.support.databases import Pair, PostgresDatabases, migrate, settings_of
from tests.support.servers import postgres_server

SHARED = ROOT.parent / "shared" / "data" / "vm_samples_2013-07-15_22.csv.gz"
SLICE = ROOT / "tests" / "data" / "vm_samples_2013-07_slice.csv.gz"
RUNS = 3


@dataclass(frozen=True)
class Claim:
    """A line of the table: ours against its measure, medians and the median of ratios."""

    name: str
    ours_s: float
    theirs_s: float | None
    ratio: float | None
    most: str


def trace() -> Path:
    """The 956,803 samples; a slice of them where the large file is not there, and said so."""
    if SHARED.is_file():
        return SHARED
    sys.stderr.write(
        "The whole trace is not beside this checkout: measuring a slice of 34,721 rows.\n"
    )
    return SLICE


def unpacked(folder: Path) -> Path:
    """The trace as a plain CSV, so that gzip is not measured."""
    path = folder / "trace.csv"
    path.write_bytes(gzip.decompress(trace().read_bytes()))
    return path


def rows_of(path: Path) -> list[list[str]]:
    with io.StringIO(path.read_text()) as text:
        return list(csv.reader(text))[1:]


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def paired(name: str, ours: Callable[[], float], theirs: Callable[[], float], most: str) -> Claim:
    """Both in turn, RUNS times after one warm-up each of nothing: the ratio pair by pair."""
    pairs = [(ours(), theirs()) for _ in range(RUNS)]
    return Claim(
        name,
        statistics.median(pair[0] for pair in pairs),
        statistics.median(pair[1] for pair in pairs),
        statistics.median(pair[0] / pair[1] for pair in pairs),
        most,
    )


def against(name: str, ours: list[float], theirs: list[float], most: str) -> Claim:
    """Two series that cannot be run in turn, since the second needs more stored."""
    one, other = statistics.median(ours), statistics.median(theirs)
    return Claim(name, one, other, one / other, most)


def alone(name: str, work: Callable[[], float], most: str, runs: int = 5) -> Claim:
    return Claim(name, statistics.median(work() for _ in range(runs)), None, None, most)


@contextmanager
def fresh_app(engine: str, servers: PostgresDatabases | None) -> Iterator[APIFlask]:
    """An application on new, migrated databases of an engine."""
    with tempfile.TemporaryDirectory() as name:
        if engine == "sqlite":
            pair = Pair(f"sqlite:///{name}/main.db", f"sqlite:///{name}/bronze.db")
            migrate(pair)
        else:
            assert servers is not None
            pair = servers.fresh()
        app = create_app(settings_of(pair))
        with app.app_context():
            yield app
            for each in app.extensions["sqlalchemy"].engines.values():
                each.dispose()


__all__ = [
    "Claim",
    "against",
    "alone",
    "fresh_app",
    "paired",
    "postgres_server",
    "rows_of",
    "timed",
    "unpacked",
]
