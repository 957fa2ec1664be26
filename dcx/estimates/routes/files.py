"""Doors of an estimate's files."""

from flask import current_app, request
from flask.typing import ResponseReturnValue

from dcx.estimates import service
from dcx.estimates.export import FORMS, file_of
from dcx.estimates.routes.ground import at_both, seen_by
from dcx.repository.session import reading
from dcx.web.files import as_file


@at_both("/<estimate>.<any(csv, xlsx, pdf, json):form>")
def file(customer: str, estimate: str, form: str) -> ResponseReturnValue:
    """`bom=1` begins a CSV with a byte order mark, for spreadsheets."""
    with reading() as session:
        given = service.given(session, estimate, customer=seen_by(customer))
    has_mark = request.args.get("bom") == "1"
    body = file_of(given, form, current_app.config["DCX"], has_mark=has_mark)
    return as_file(f"{given.file_name}.{form}", FORMS[form], body)
