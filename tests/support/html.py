"""Every HTML answer in every test is checked by the rules of the house."""

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
SELF_CLOSED = {"rect", "line", "polyline", "polygon", "circle", "path", "use"}
VERBS = {"hx-get", "hx-post", "hx-put", "hx-delete"}


class Checked(FlaskClient):
    """Reads every HTML answer as a strict reader would, each in a context of its own."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        is_page = response.mimetype == "text/html" and response.status_code // 100 != 3
        if is_page and response.data:
            is_mail = "sandbox" in response.headers["Content-Security-Policy"]
            faults = faults_of(response.get_data(as_text=True), allows_style=is_mail)
            assert not faults, f"{args[0] if args else kwargs}: {faults}"
        return response


def faults_of(html: str, *, allows_style: bool = False) -> list[str]:
    """What is wrong with a page or fragment, one sentence each; only mails carry their styles."""
    reader = _Reader(allows_style=allows_style)
    reader.feed(html)
    reader.close()
    return reader.faults + [f"<{tag}> is not closed" for tag in reader.open_tags]


class _Reader(HTMLParser):
    def __init__(self, *, allows_style: bool) -> None:
        super().__init__()
        self._allows_style = allows_style
        self.faults: list[str] = []
        self.open_tags: list[str] = []
        self._ids: set[str] = set()
        self._labelled: set[str] = set()
        self._form_is_safe: bool | None = None
        self._is_foreign = False
        self._inputs: list[tuple[str | None, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open_tags.append(tag)
        self._check(tag, given)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open_tags or self.open_tags[-1] != tag:
            self.faults.append(f"</{tag}> closes nothing")
        else:
            self.open_tags.pop()
        if tag == "form" and self._form_is_safe is False:
            self.faults.append("a POST form lacks its CSRF token")
        if tag == "form":
            self._form_is_safe, self._is_foreign = None, False

    def close(self) -> None:
        super().close()
        self.faults += [
            f"the input {name} has no label"
            for identity, name in self._inputs
            if identity is None or identity not in self._labelled
        ]

    def _check(self, tag: str, given: dict[str, str | None]) -> None:
        identity = given.get("id")
        if identity and identity in self._ids:
            self.faults.append(f"the id {identity} stands twice")
        if identity:
            self._ids.add(identity)
        if tag == "label" and given.get("for"):
            self._labelled.add(str(given["for"]))
        has_style = "style" in given or tag == "style"
        if any(name.startswith("on") for name in given) or (has_style and not self._allows_style):
            self.faults.append(f"<{tag}> has inline style or script")
        if tag == "script" and "src" not in given:
            self.faults.append("a script is inline")
        if tag == "a" and VERBS & given.keys() and "href" not in given:
            self.faults.append("a link with hx-get has no href")
        if tag == "button" and "type" not in given:
            self.faults.append("a button has no type")
        self._check_form(tag, given)

    def _check_form(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "form" and (given.get("method") or "get").lower() == "post":
            self._form_is_safe = _is_elsewhere(given)
            self._is_foreign = self._form_is_safe
        if given.get("name") == "csrf_token":
            self._form_is_safe = True
            if self._is_foreign:
                self.faults.append("a form that leads elsewhere gives the CSRF token away")
        is_shown = tag in {"input", "select", "textarea"} and given.get("type") != "hidden"
        if is_shown and "aria-label" not in given:
            self._inputs.append((given.get("id"), str(given.get("name"))))


def _is_elsewhere(given: dict[str, str | None]) -> bool:
    """Does a form lead to another site?"""
    return (given.get("action") or "").startswith(("http://", "https://"))
