"""JSON Schema of OCEL 2.0 JSON, written after section 8 of the specification.

Berti et al., OCEL (Object-Centric Event Log) 2.0 Specification, arXiv:2403.01975. Where theirs
leaves open what else there may be, this one allows nothing else, and it knows the types of section
8.1. As in theirs, the values of attributes are strings.
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}


def record(**fields: Any) -> dict[str, Any]:
    """An object with these fields, all of them and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }


def many(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


RELATION = record(objectId=TEXT, qualifier=TEXT)
ATTRIBUTE = record(name=TEXT, type={"enum": ["string", "time", "integer", "float", "boolean"]})
KIND = record(name=TEXT, attributes=many(ATTRIBUTE))
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **record(
        eventTypes=many(KIND),
        objectTypes=many(KIND),
        events=many(
            record(
                id=TEXT,
                type=TEXT,
                time=TIME,
                attributes=many(record(name=TEXT, value=TEXT)),
                relationships=many(RELATION),
            )
        ),
        objects=many(
            record(
                id=TEXT,
                type=TEXT,
                attributes=many(record(name=TEXT, value=TEXT, time=TIME)),
                relationships=many(RELATION),
            )
        ),
    ),
}
