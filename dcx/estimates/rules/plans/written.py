"""What the configuration of a plan says about its resources: which attributes were written, and
which resources they refer to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Written:
    """The expressions of one resource; None where the plan brings no configuration of it."""

    expressions: Mapping[str, Any] | None = None

    def leaves_out(self, key: str) -> bool:
        """Is it certain that nobody wrote this attribute?"""
        return self.expressions is not None and key not in self.expressions

    def may_leave_out(self, key: str) -> bool:
        """Is it not known that somebody wrote this attribute?"""
        return key not in (self.expressions or {})

    def referred(self, key: str) -> tuple[str, ...]:
        """The addresses within its module that an attribute is made from."""
        expression = (self.expressions or {}).get(key)
        references = expression.get("references") if isinstance(expression, Mapping) else None
        if not isinstance(references, list):
            return ()
        return tuple(each for each in references if isinstance(each, str))


@dataclass(frozen=True, slots=True)
class Configuration:
    """The expressions of every resource by (module without its keys, "type.name")."""

    found: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)

    def of(self, module: str, name: str) -> Written:
        return Written(self.found.get((plain_module(module), name)))


def read_configuration(given: Any) -> Configuration:
    """The `configuration` of a plan; whatever is not as Terraform writes it is passed over."""
    root = given.get("root_module") if isinstance(given, Mapping) else None
    return Configuration(dict(_resources(root, "", 0)))


def plain_module(address: str) -> str:
    """`module.a["x"].module.b[0]` is `module.a.module.b`: what was written once for all of them."""
    kept, depth, is_text = [], 0, False
    for place, sign in enumerate(address):
        if sign == '"' and depth and address[place - 1] != "\\":
            is_text = not is_text
        if sign == "[" and not is_text:
            depth += 1
        if not depth:
            kept.append(sign)
        if sign == "]" and not is_text:
            depth -= 1
    return "".join(kept)


def _resources(
    module: Any, address: str, depth: int
) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    if not isinstance(module, Mapping) or depth > _DEEPEST:
        return
    for each in _list(module.get("resources")):
        expressions = each.get("expressions")
        if isinstance(expressions, Mapping):
            yield (address, str(each.get("address"))), expressions
    calls = module.get("module_calls")
    for name, call in calls.items() if isinstance(calls, Mapping) else ():
        if isinstance(call, Mapping):
            inner = f"{address}.module.{name}" if address else f"module.{name}"
            yield from _resources(call.get("module"), inner, depth + 1)


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
