"""The JSON API's manners: errors in one shape, bearer keys in the specification."""

from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from werkzeug.wrappers import Response

from dcx.web.doors import Who, open_to
from dcx.web.errors import answer


def start_api(app: APIFlask) -> None:
    """Publish the specification at /api/v1/openapi.json and answer validation errors as the
    contract says.
    """
    app.title, app.version = "DCX", "1"
    app.error_processor(_error)
    app.spec_processor(_specification)
    app.security_schemes = {"key": {"type": "http", "scheme": "bearer"}}
    spec_view = app.view_functions.get("openapi.spec")
    if spec_view is not None:
        app.view_functions["openapi.spec"] = open_to(Who.ANYONE)(spec_view)


def _error(error: HTTPError) -> Response:
    fields = {str(name): str(what) for name, what in dict(error.detail or {}).items()}
    return answer(error.status_code, "invalid", "Not valid", error.message or "", fields)


def _specification(spec: Any) -> Any:
    """A body that is described is a body that is required."""
    for path in spec.get("paths", {}).values():
        for operation in path.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return spec
