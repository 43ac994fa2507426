"""JSON Schema (2020-12) of what comes and goes: from a form's fields and their limits, from a TypedDict's types."""

from collections.abc import Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict
from uuid import UUID

from webapp.forms import Form

Text = Any  # str, or a lazy translation of one
Json = dict[str, Any]
TYPES: dict[Any, dict[str, str]] = {
    Any: {},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    NoneType: {"type": "null"},
}


def schema_of(kind: Any, shapes: dict[str, Json], words: Mapping[str, Text]) -> Json:
    """The JSON Schema of a type; that of a TypedDict is put among the shapes, and referred to."""
    if kind in TYPES:
        return dict(TYPES[kind])
    if get_origin(kind) is dict:
        return {"type": "object"}
    if get_origin(kind) is list:
        return {"type": "array", "items": schema_of(get_args(kind)[0], shapes, words)}
    if isinstance(kind, UnionType):
        alternatives = [schema_of(each, shapes, words) for each in get_args(kind)]
        return alternatives[0] | {"type": [each["type"] for each in alternatives]}
    assert is_typeddict(kind), f"no schema for {kind}"
    name = kind.__name__.removesuffix("JSON")
    if name not in shapes:
        shapes[name] = {}  # it may hold one of its kind
        hints = get_type_hints(kind)
        shapes[name] = {
            "type": "object",
            "properties": {
                key: described(schema_of(hint, shapes, words), words.get(key)) for key, hint in hints.items()
            },
            "required": [key for key in hints if key in kind.__required_keys__],
        }
    return {"$ref": f"#/components/schemas/{name}"}


def form_schema(form: type[Form], words: Mapping[str, Text]) -> Json:
    """The JSON Schema of what a form reads, from its fields' own limits."""
    fields = {name: field for name, field in form(blank=True)._fields.items() if name not in form.of_pages}
    return {
        "type": "object",
        "properties": {name: described(_field_schema(field, words), words.get(name)) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if getattr(field, "is_required", False)],
        "additionalProperties": False,
    }


def _field_schema(field: Any, words: Mapping[str, Text]) -> Json:
    schema = dict(getattr(field, "schema", TYPES[str]))
    return schema | {"items": form_schema(field.form, words)} if "form" in vars(type(field)) else schema


def described(schema: Json, words: Text | None) -> Json:
    return schema | {"description": str(words)} if words else schema
