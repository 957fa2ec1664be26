"""Typst: papers as PDF/A and PDF/UA, the same bytes for the same paper and instant."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from dcx.kit.periods import SECOND_US
from dcx.settings import ROOT

FOLDER = ROOT / "templates/documents"
STANDARDS = ["a-2a", "ua-1"]
_ONE_AT_A_TIME = Lock()


class NotMadeError(Exception):
    """The paper cannot be set."""


def pdf(template: str, paper: Mapping[str, Any], *, now_us: int) -> bytes:
    """The paper set by `templates/documents/<template>.typ`, dated `now_us`.

    A sign that none of the machine's fonts has keeps it from being PDF/A: it is then a plain PDF.
    NotMadeError where it cannot be set at all.
    """
    inputs = {"paper": json.dumps(paper, ensure_ascii=False)}
    with _ONE_AT_A_TIME:
        try:
            return _set(template, inputs, STANDARDS, now_us)
        except typst.TypstError:
            try:
                return _set(template, inputs, [], now_us)
            except typst.TypstError as error:
                raise NotMadeError(str(error)) from error


def _set(template: str, inputs: dict[str, str], standards: list[str], now_us: int) -> bytes:
    body = _compiler(FOLDER / f"{template}.typ").compile(
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=standards,  # type: ignore[arg-type]
        timestamp=now_us // SECOND_US,
    )
    return bytes(body)  # type: ignore[arg-type]


@cache
def _compiler(file: Path) -> typst.Compiler:
    """Kept: it reads the fonts of the machine once."""
    return typst.Compiler(input=str(file), root=str(FOLDER))
