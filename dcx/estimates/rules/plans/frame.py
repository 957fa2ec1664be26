"""The frame of a plan: the file read, its version, its changes, and what it says of itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dcx.estimates.errors import AskRefusedError

MOST_BYTES = 20 * 1024 * 1024
TOO_LARGE = "Plans of up to 20 MB are read. Plan fewer modules at once."
MOST_CHANGES = 20_000
LONGEST_ADDRESS = 300
HOW = "Make it with: terraform plan -out=plan.out, then terraform show -json plan.out > plan.json"
_ACTIONS = {
    ("no-op",): "no-op",
    ("create",): "create",
    ("read",): "read",
    ("update",): "update",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("forget",): "forget",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of resource_changes. `before` and `after` are raw: to be read and then dropped.

    `action` is '' for one that is not known here.
    """

    address: str
    module: str
    mode: str
    kind: str
    name: str
    provider: str
    action: str
    change: Mapping[str, Any]

    def side(self, name: str) -> Mapping[str, Any] | None:
        found = self.change.get(name)
        return found if isinstance(found, Mapping) else None


@dataclass(frozen=True, slots=True)
class Frame:
    """A plan as Terraform wrote it. `warnings` say why it may not be the whole."""

    changes: tuple[Change, ...]
    warnings: tuple[str, ...]
    configuration: Any


def refused(words: str) -> AskRefusedError:
    return AskRefusedError({"plan": words})


def read_file(sent: bytes) -> Any:
    """The JSON of a file, in UTF-8 or in the UTF-16 of PowerShell; AskRefusedError says what else
    it seems to be. Nothing of its content is ever repeated.
    """
    if not sent.strip():
        raise refused(f"The file is empty. {HOW}")
    if sent.startswith(b"PK\x03\x04"):
        raise refused(f"This is the plan as Terraform keeps it, not as JSON. {HOW}")
    try:
        return json.loads(sent, parse_constant=_no_constant)
    except RecursionError:
        raise refused("The file is nested too deeply to be a plan.") from None
    except ValueError:
        raise refused(_not_json(sent)) from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _not_json(sent: bytes) -> str:
    if b'"@level"' in sent[:2_000]:
        return f"This is the log of terraform plan -json, not the plan. {HOW}"
    if sent.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{":
        return f"The JSON of this file is cut off or broken. {HOW}"
    return f"This is not JSON. {HOW}"


def read_frame(given: Any) -> Frame:
    """The changes of a plan; AskRefusedError where it is none, or of a version not known here."""
    if not isinstance(given, Mapping):
        raise refused(f"A plan is a JSON object. {HOW}")
    _require_version(given)
    changes = given.get("resource_changes")
    if changes is None and "values" in given and "planned_values" not in given:
        raise refused(f"This is a state, not a plan. {HOW}")
    entries = [] if changes is None else changes
    if not isinstance(entries, list):
        raise refused(f"resource_changes is not a list. {HOW}")
    if len(entries) > MOST_CHANGES:
        raise refused(f"At most {MOST_CHANGES} resources are read at once, not {len(entries)}.")
    found = tuple(_change(each, place) for place, each in enumerate(entries))
    _require_once(entries)
    return Frame(found, tuple(_warnings(given)), given.get("configuration"))


def _require_version(given: Mapping[str, Any]) -> None:
    version = given.get("format_version")
    if not isinstance(version, str):
        raise refused(f"It has no format_version, so it is no plan. {HOW}")
    if version.split(".")[0] != "1":
        shown = version if version.isascii() and version.replace(".", "").isdigit() else "unknown"
        raise refused(f"Plans of format 1 are read here, not of format {shown[:20]}.")


def _change(entry: Any, place: int) -> Change:
    change = entry.get("change") if isinstance(entry, Mapping) else None
    if not isinstance(change, Mapping) or not _is_texts(change.get("actions")):
        raise refused(f"resource_changes.{place} is no change of a resource.")
    texts = {key: entry.get(key) for key in ("address", "type", "name")}
    if not all(isinstance(text, str) and text for text in texts.values()):
        raise refused(f"resource_changes.{place} lacks an address, a type or a name.")
    deposed = " (deposed)" if entry.get("deposed") else ""
    return Change(
        address=printable(f"{texts['address']}{deposed}"),
        module=printable(str(entry.get("module_address") or "")),
        mode=str(entry.get("mode", "managed")),
        kind=printable(texts["type"]),
        name=printable(texts["name"]),
        provider=printable(str(entry.get("provider_name") or "")),
        action=_ACTIONS.get(tuple(change["actions"]), ""),
        change=change,
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def printable(text: str) -> str:
    """What a page, a file and a log can show: other signs become U+FFFD, long texts end early."""
    shown = text if text.isprintable() else "".join(
        sign if sign.isprintable() else "\ufffd" for sign in text
    )  # fmt: skip
    return shown if len(shown) <= LONGEST_ADDRESS else f"{shown[: LONGEST_ADDRESS - 1]}…"


def _require_once(entries: list[Any]) -> None:
    """What was deposed has the address of its successor, and may be there more than once."""
    seen = set()
    for entry in entries:
        address = entry["address"]
        if address in seen and not entry.get("deposed"):
            raise refused(f"{printable(address)} is twice in the plan. {HOW}")
        seen.add(address)


def _warnings(given: Mapping[str, Any]) -> Iterator[str]:
    if given.get("errored") is True:
        yield "Terraform met an error while it planned: what came after it is missing here."
    if given.get("complete") is False:
        yield (
            "The plan is not the whole: it was made for some resources only, or puts some off."
            " The others are not counted."
        )
