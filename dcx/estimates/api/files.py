"""The API of an estimate's files."""

from typing import Any

from flask import current_app
from flask.typing import ResponseReturnValue

from dcx.accounts.api import own_customer
from dcx.estimates import service
from dcx.estimates.api.ground import SCOPE, Sent, estimates_api
from dcx.estimates.export import FORMS, file_of
from dcx.estimates.forms import FileQuery
from dcx.repository.session import reading
from dcx.web.doors import open_to_scope
from dcx.web.files import as_file

_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FILES: Any = {200: {"description": "The file", "content": dict.fromkeys(FORMS.values(), _FILE)}}


@estimates_api.get("/estimates/<estimate>.<any(csv, xlsx, pdf, json):form>")
@estimates_api.input(FileQuery, location="query")
@estimates_api.doc(summary="An estimate as a file", responses=_FILES, security="key")
@open_to_scope(SCOPE)
def estimate_file(estimate: str, form: str, query_data: Sent) -> ResponseReturnValue:
    with reading() as session:
        given = service.given(session, estimate, customer=own_customer())
    body = file_of(given, form, current_app.config["DCX"], has_mark=query_data["bom"])
    return as_file(f"{given.file_name}.{form}", FORMS[form], body)
