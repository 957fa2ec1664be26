"""Does an answer look as the published specification says? The part of JSON Schema it uses."""

from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "integer": (int,), "null": (type(None),),
    "number": (int, float), "boolean": (bool,),
}  # fmt: skip


def schema_of(spec: Any, path: str, method: str, status: int) -> Any:
    """The schema of an answer of an operation."""
    answer = spec["paths"][path][method]["responses"][str(status)]
    return answer["content"]["application/json"]["schema"]


def faults(spec: Any, schema: Any, value: Any, place: str = "answer") -> list[str]:
    """Where a value does not fit a schema; keys that the schema does not name are faults too."""
    schema = _resolved(spec, schema)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not isinstance(value, tuple(kind for name in kinds for kind in KINDS[name])):
        return [f"{place} is {value!r}, not {kinds}"]
    if isinstance(value, dict):
        return _object_faults(spec, schema, value, place)
    if isinstance(value, list):
        return [
            fault
            for number, item in enumerate(value)
            for fault in faults(spec, schema["items"], item, f"{place}[{number}]")
        ]
    return []


def _object_faults(spec: Any, schema: Any, value: dict[str, Any], place: str) -> list[str]:
    found = [f"{place} lacks {name}" for name in schema.get("required", []) if name not in value]
    for name, each in value.items():
        more = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        if more is None:
            found.append(f"{place} has {name}, which is not specified")
        else:
            found += faults(spec, more, each, f"{place}.{name}")
    return found


def _resolved(spec: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema
