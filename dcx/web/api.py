"""The JSON API's manners: errors in one shape, bearer keys, and a specification that says so."""

from typing import Any

from apiflask import APIFlask, Schema
from apiflask.exceptions import HTTPError
from werkzeug.wrappers import Response

from dcx.web.doors import Who, open_to
from dcx.web.errors import answer

BODY = "x-body"
_ERRORS = {
    400: "The request cannot be read",
    401: "No key, or an unknown one",
    403: "The key may not do this",
    404: "It does not exist, or it is not yours",
    409: "It does not fit what is there",
    413: "Too large",
    422: "One or more fields are wrong",
    429: "Too many requests: wait a minute",
}
_OF_CHANGES = {409, 413, 422}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string", "description": "A sentence for a person."},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}


def start_api(app: APIFlask) -> None:
    """Publish the specification at /api/v1/openapi.json and answer validation errors as the
    contract says.
    """
    app.title, app.version = "DCX", "1"
    app.error_processor(_error)
    app.spec_processor(_specification)
    app.security_schemes = {"key": {"type": "http", "scheme": "bearer"}}
    app.config["AUTO_VALIDATION_ERROR_RESPONSE"] = False
    spec_view = app.view_functions.get("openapi.spec")
    if spec_view is not None:
        app.view_functions["openapi.spec"] = open_to(Who.ANYONE)(spec_view)


def answers(schema: type[Schema], words: str, *, status: int = 200) -> dict[int, Any]:
    """The answer of a view that goes well, for its specification."""
    return {status: {"description": words, "content": {"application/json": {"schema": schema}}}}


def _error(error: HTTPError) -> Response:
    """A wrong field of a body is 422, a wrong parameter 400; `fields` names each."""
    places = dict(error.detail or {})
    fields = {
        str(name): _words(what) for found in places.values() for name, what in dict(found).items()
    }
    is_body = not places or bool(places.keys() & {"json", "form", "files"})
    status = error.status_code if is_body else 400
    message = " ".join(f"{name}: {words}" for name, words in fields.items())
    code = "invalid" if status == 422 else "bad_request"  # noqa: PLR2004
    return answer(status, code, "Not valid", message or error.message or "", fields)


def _words(what: object) -> str:
    if isinstance(what, dict):
        return " ".join(_words(each) for each in what.values())
    return " ".join(map(str, what)) if isinstance(what, list) else str(what)


def _specification(spec: Any) -> Any:
    """Every operation names its errors; a body that is described is a body that is required."""
    spec.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    for path in spec.get("paths", {}).values():
        for method, operation in path.items():
            if isinstance(operation, dict):
                _complete(method, operation)
    return spec


def _complete(method: str, operation: dict[str, Any]) -> None:
    if BODY in operation:
        operation["requestBody"] = operation.pop(BODY)
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True
    schema = {"$ref": "#/components/schemas/Error"}
    for status, words in _ERRORS.items():
        if method != "get" or status not in _OF_CHANGES:
            content = {"application/json": {"schema": schema}}
            operation["responses"][str(status)] = {"description": words, "content": content}
