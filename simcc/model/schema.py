"""JSON Schema of scenario files, for editors: the scenario's own, and the shortcuts of files."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import CallableSchema

from simcc.model.laws import LAWS
from simcc.model.policies import PUBLISHED
from simcc.model.scenario import Scenario

ARRIVALS = ("Poisson", "Rate", "LinearRate", "Trace", "Markov")
_PARAMETER = re.compile(r"^([a-z_, ]+) : .*\n((?:    .*\n)*)", re.MULTILINE)
_TABLE = {"type": "string", "description": "A CSV table in the folder of this file or below."}
_COLUMN = {"type": "string", "description": "A column of the table."}
_NO_DATE = {"type": ["array", "boolean", "null", "number", "object"]}


class _Generator(GenerateJsonSchema):
    def callable_schema(self, schema: CallableSchema) -> JsonSchemaValue:
        return {"not": {}}  # a file cannot name a Python function


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file.

    It knows every field, its type and its limits, and whatever a file may write instead of a
    table of fields; how the parts fit together is checked by :func:`simcc.load` only.

    Examples
    --------
    >>> json_schema()["properties"]["lines"]["description"]
    'Contacts in the system (queue and service, all types) at most; more are blocked.'
    """
    schema = Scenario.model_json_schema(schema_generator=_Generator)
    parts = schema["$defs"]
    for part in (schema, *parts.values()):
        _describe(part)
    laws = [_with_law_or_kind(parts[law.__name__]) for law in LAWS]
    parts["Law"] = {"anyOf": [*laws, *_law_shortcuts()]}
    arrivals = [{"$ref": f"#/$defs/{name}Arrivals"} for name in ARRIVALS]
    parts["Arrivals"] = {"anyOf": [*arrivals, *_arrival_shortcuts(parts["RateArrivals"])]}
    unions = {"Constant": "Law", "PoissonArrivals": "Arrivals"}
    schema = _with_named_unions(schema, unions)
    parts = schema["$defs"]
    for law in LAWS:
        del parts[law.__name__]
    _allow_one_alone(parts["FollowUp"]["properties"], "when", "probability")
    _allow_staff_shortcuts(parts)
    _allow_policy_shortcuts(parts)
    parts["Horizon"]["properties"]["start"] |= {"not": _NO_DATE}
    del parts["Horizon"]["properties"]["start"]["type"]  # TOML has dates of its own
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _describe(part: dict[str, Any]) -> None:
    """Give the fields the descriptions that the docstring has for them."""
    text = inspect.cleandoc(part.get("description", ""))
    part["description"] = text.split("\n\n")[0].replace("\n", " ")
    properties = part.get("properties", {})
    for field in properties.values():
        field.pop("title", None)
    for names, description in _PARAMETER.findall(text + "\n"):
        for name in names.split(", "):
            if name in properties and description:
                properties[name]["description"] = " ".join(description.split())


def _with_law_or_kind(law: dict[str, Any]) -> dict[str, Any]:
    """A law whose name is given by ``law`` or by ``kind``."""
    properties = dict(law["properties"])
    name = {"const": properties.pop("kind")["const"]}
    named = [{"required": ["law"]}, {"required": ["kind"]}]
    return {**law, "properties": {"law": name, "kind": name, **properties}, "oneOf": named}


def _law_shortcuts() -> list[dict[str, Any]]:
    tail = {"enum": ["exponential", "last", "never"]}
    return [
        {"type": "number", "minimum": 0, "description": "Constant, in seconds."},
        {"type": "string", "description": 'Constant, such as "3min".'},
        _closed({"law": {"const": "sample"}, "sample": _TABLE, "column": _COLUMN}, "sample column"),
        _closed({"law": {"const": "survival"}, "survival": _TABLE, "tail": tail}, "survival"),
    ]


def _arrival_shortcuts(rates: Mapping[str, Any]) -> list[dict[str, Any]]:
    busyness = rates["properties"]["busyness"]
    kinds = [{"const": "rates"}, {"const": "trace"}]
    return [
        _closed({"kind": kinds[0], "csv": _TABLE, "busyness": busyness}, "csv"),
        _closed({"kind": kinds[1], "times_csv": _TABLE, "column": _COLUMN}, "times_csv column"),
    ]


def _closed(properties: dict[str, Any], required: str) -> dict[str, Any]:
    """A table of these fields and no others."""
    fields = {"properties": properties, "required": required.split()}
    return {"type": "object", "additionalProperties": False, **fields}


def _with_named_unions(schema: Any, unions: Mapping[str, str]) -> Any:
    """The schema with references in place of unions, known by their first member."""
    if isinstance(schema, list):
        return [_with_named_unions(one, unions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    members = schema.get("oneOf", [{}])
    first = members[0].get("$ref", "").removeprefix("#/$defs/")
    if first in unions:
        return {"$ref": f"#/$defs/{unions[first]}"}
    return {name: _with_named_unions(one, unions) for name, one in schema.items()}


def _allow_one_alone(fields: dict[str, Any], *names: str) -> None:
    """One word or number instead of a list of it."""
    for name in names:
        description = fields[name].pop("description")
        either = [fields[name]["items"], fields[name]]
        fields[name] = {"anyOf": either, "description": description}


def _allow_staff_shortcuts(parts: dict[str, Any]) -> None:
    group, heads = parts["AgentGroup"], parts["HeadCounts"]
    fields, names = group["properties"], {"type": "array", "items": {"type": "string"}}
    fields["skills"] = {
        "anyOf": [{**names, "minItems": 1, "uniqueItems": True}, fields["skills"]],
        "description": fields["skills"].pop("description"),
    }
    kept = {name: heads["properties"][name] for name in ("kind", "after_last", "decrease")}
    fields["agents"] = {
        "anyOf": [
            parts["FixedStaff"]["properties"]["agents"],
            heads["properties"]["counts"],
            {"$ref": "#/$defs/HeadCounts"},
            _closed({**kept, "csv": _TABLE}, "csv"),
        ],
        "description": "A number, one per interval of the horizon, or a table of head counts.",
    }
    fields["roster"] = _TABLE
    group["required"].remove("staff")
    group["oneOf"] = [{"required": [name]} for name in ("agents", "roster", "staff")]


def _allow_policy_shortcuts(parts: dict[str, Any]) -> None:
    """A policy by its name alone, and a number for every group."""
    del parts["CustomPolicy"]
    kinds = [parts[one.__name__] for one in PUBLISHED]
    for kind in kinds:
        kind["required"] = ["kind"]
        for field in kind["properties"].values():
            of_type = field.get("additionalProperties", {})
            if of_type.get("type") == "object":
                field["additionalProperties"] = {"anyOf": [{"type": "number"}, of_type]}
    names = [kind["properties"]["kind"]["const"] for kind in kinds]
    policy = parts["Routing"]["properties"]["policy"]
    tables = [{"$ref": f"#/$defs/{kind['title']}"} for kind in kinds]
    policy["anyOf"] = [{"enum": names}, *tables, {"type": "null"}]
