"""Doors of uploads: lines of an estimate from a CSV or XLSX."""

import json
from contextlib import closing
from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.errors import AskRefusedError, UploadRefusedError
from dcx.estimates.export import BYTE_ORDER_MARK, FORMS, template_of
from dcx.estimates.routes.build import builder_page
from dcx.estimates.routes.ground import at_both, desk, place
from dcx.estimates.rules.months import month_of
from dcx.estimates.rules.typed import SIZE_HINT
from dcx.estimates.service import Uploaded, offers
from dcx.kit.csv import csv_lines
from dcx.repository.session import reading
from dcx.web.files import as_file
from dcx.web.looks import Looks

MOST_BYTES = 20 * 1024 * 1024
SEND_AGAIN = "This could not be read. Send the file again."


@at_both("/upload", methods=("GET", "POST"))
def upload(customer: str) -> ResponseReturnValue:
    """Send a file; then go on with its good rows, or take the wrong ones away to mend them."""
    if request.method != "POST":
        return _template(request.args.get("template", "")) or _page(customer)
    act = {"mend": _to_mend, "go": _go}.get(request.form.get("act", ""), _read)
    try:
        return act(customer)
    except (AskRefusedError, UploadRefusedError) as error:
        return _page(customer, error.message), 422


def _page(customer: str, fault: str = "") -> str:
    return render_template(
        "estimates/upload.html",
        key=customer,
        new=place(customer, "new"),
        fault=fault,
        size_hint=SIZE_HINT,
    )


def _template(form: str) -> ResponseReturnValue | None:
    if form not in {"csv", "xlsx"}:
        return None
    return as_file(f"estimate-lines.{form}", FORMS[form], template_of(form))


def _read(customer: str) -> ResponseReturnValue:
    sent = request.files.get("file")
    if not sent or not sent.filename:
        raise UploadRefusedError.of("Choose a CSV or XLSX file.")
    with closing(sent):
        body = sent.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise UploadRefusedError.of("A file may have up to 20 MB.")
    now = desk()
    with reading() as session:
        book = offers.books_for(session, customer)[0]
    month = month_of(now.this_month, now.zone)
    uploaded = service.read_upload(body, sent.filename, book=book, month=month)
    if uploaded.ask and not uploaded.wrong and not uploaded.notes:
        return builder_page(customer, uploaded.ask, _lines_read(uploaded.good))
    return _review(customer, uploaded, sent.filename)


def _review(customer: str, uploaded: Uploaded, name: str) -> str:
    """Before anything is priced: which rows are wrong, and what was not read."""
    return render_template(
        "estimates/uploaded.html",
        key=customer,
        new=place(customer, "new"),
        uploaded=uploaded,
        file_name=name,
        ask=_packed(service.ask_json(uploaded.ask)) if uploaded.ask else "",
        mend=_packed([uploaded.mend_head, *uploaded.mend]),
    )


def _go(customer: str) -> ResponseReturnValue:
    ask = service.read_ask(_sent("ask"), this_month=desk().this_month)
    return builder_page(customer, ask, _lines_read(len(ask.lines)))


def _to_mend(_customer: str) -> ResponseReturnValue:
    rows = _sent("mend")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise UploadRefusedError.of(SEND_AGAIN)
    text = "".join(csv_lines(rows[0] if rows else [], rows[1:]))
    return as_file("rows-to-mend.csv", FORMS["csv"], f"{BYTE_ORDER_MARK}{text}".encode())


def _sent(field: str) -> Any:
    """What a page of ours carries from one step to the next, which anybody may have changed."""
    try:
        return json.loads(request.form.get(field, ""))
    except (ValueError, RecursionError) as error:
        raise UploadRefusedError.of(SEND_AGAIN) from error


def _lines_read(number: int) -> str:
    return f"{Looks(current_app.config['DCX']).counted(number, 'line')} read from your file."


def _packed(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
