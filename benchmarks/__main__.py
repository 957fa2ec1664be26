"""Measure every claim on both databases and print the table."""

import subprocess
import sys

from benchmarks import estimates, metering, pages, papers
from benchmarks.ground import Claim, postgres_server
from dcx.settings import ROOT
from tests.support.databases import PostgresDatabases


def main() -> None:
    engines = sys.argv[1:] or ["sqlite", "postgresql"]
    with postgres_server() as address:
        servers = PostgresDatabases(address) if "postgresql" in engines else None
        for engine in engines:
            for room in (metering, pages, estimates):
                for claim in room.claims(engine, servers):
                    say(claim)
        for claim in papers.claims():
            say(claim)
        print(f"peak memory of import and run, a process of its own: {peak_mib()} MiB, at most 300")


def peak_mib() -> int:
    """The most memory that importing and metering the trace takes, on SQLite."""
    program = "from benchmarks import metering; metering.whole()"
    tell = "; print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
    found = subprocess.run(
        [sys.executable, "-c", program + tell], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return int(found.stdout.split()[-1]) // 1024


def say(claim: Claim) -> None:
    theirs = f"{claim.theirs_s:8.3f} s" if claim.theirs_s is not None else " " * 10
    ratio = f"{claim.ratio:6.2f} x" if claim.ratio is not None else " " * 8
    print(
        f"{claim.name:<86}{claim.ours_s:8.3f} s {theirs} {ratio}   at most {claim.most}", flush=True
    )


if __name__ == "__main__":
    main()
