"""Invoices as PDFs: what a warm one costs beside a plain table of as many lines."""

import json
import tempfile
from dataclasses import asdict
from itertools import count
from pathlib import Path

import typst

from benchmarks.ground import Claim, paired, timed
from dcx.billing.documents import pdf
from dcx.billing.service.papers import Block, Paper, Party

LINES = 40
PLAIN = """#let rows = json(bytes(sys.inputs.paper)).rows
#set page(paper: "a4")
#table(columns: 5, ..rows.flatten())
"""


def claims() -> list[Claim]:
    """One claim; the database has no part in it. No two papers are alike: typst remembers."""
    turns = count()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plain.typ"
        file.write_text(PLAIN, "utf-8")
        compiler = typst.Compiler(input=str(file), root=folder)

        def ours() -> float:
            paper = asdict(_paper(_rows(next(turns))))
            return timed(lambda: pdf("invoice", paper, now_us=0))

        def theirs() -> float:
            inputs = {"paper": json.dumps({"rows": _rows(next(turns))})}
            return timed(lambda: compiler.compile(format="pdf", sys_inputs=inputs))

        ours(), theirs()
        return [paired(f"PDF of an invoice, {LINES} lines, warm", ours, theirs, "1.5 x")]


def _rows(turn: int) -> list[list[str]]:
    return [
        [f"vm-{turn}-{line}", f"{1488 + turn + line},000000", "vCPU·h", "0,1450", f"215,{line:02d}"]
        for line in range(LINES)
    ]


def _paper(rows: list[list[str]]) -> Paper:
    """An invoice whose resources have four lines each."""
    blocks = [Block(f"web-{turn}", "863,04", rows[turn : turn + 4]) for turn in range(0, LINES, 4)]
    return Paper(
        title="Tax invoice",
        number="INV-000001",
        supplier=Party("Highveld Cloud", ["1 Jan Smuts Avenue", "Johannesburg"], "4999999999"),
        customer=Party("Karoo Analytics", ["18 Church Street"], "4012345678"),
        facts=[("Date of issue", "01 Nov 2026"), ("Period", "October 2026")],
        columns=["What", "Quantity", "Unit", "Unit price (R)", "Amount (R)"],
        groups=blocks,
        note="",
        sums=[("Net", "R8 630,40"), ("VAT 15 %", "R1 294,56")],
        total=("Total", "R9 924,96"),
        bank=["Bank of the Highveld", "Account 1234567890"],
        foot="Times are those of Africa/Johannesburg.",
    )
