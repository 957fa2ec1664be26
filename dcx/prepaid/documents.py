"""Statements as PDF, set by typst. What stands in them comes as finished text, never as markup."""

import json
from collections.abc import Mapping

import typst

from dcx.settings import ROOT

FOLDER = ROOT / "templates/documents"


def statement_pdf(values: Mapping[str, object]) -> bytes:
    """The PDF of a statement: the same values make the same pages."""
    set_in: bytes = typst.compile(
        str(FOLDER / "statement.typ"),
        root=str(FOLDER),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
    )
    return set_in
