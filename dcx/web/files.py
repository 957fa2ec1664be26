"""Files to download."""

from flask import Response


def as_file(name: str, media_type: str, body: bytes) -> Response:
    """A file that the browser keeps, never shows as a page of ours."""
    response = Response(body, mimetype=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
