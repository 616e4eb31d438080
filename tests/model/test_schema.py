"""The JSON Schema accepts what files may say and refuses what they may not."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from plain import REMOVED, center, changed

import simcc

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    found = simcc.json_schema()
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


@pytest.mark.parametrize("name", ["real_center", "mixed_center"])
def test_it_accepts_the_packaged_scenarios(
    name: str, schema: jsonschema.Draft202012Validator
) -> None:
    path = ROOT / "simcc" / "examples" / name / f"{name}.toml"
    schema.validate(tomllib.loads(path.read_text()))


def test_it_accepts_the_example_of_the_docs(schema: jsonschema.Draft202012Validator) -> None:
    page = (ROOT / "docs" / "scenario-file.md").read_text()
    schema.validate(tomllib.loads(page.split("```toml\n")[1].split("```")[0]))


def test_it_accepts_what_results_write(schema: jsonschema.Draft202012Validator) -> None:
    schema.validate(simcc.Scenario.from_dict(center()).to_dict())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("contact_types.0.arrivals", {"rate_per_hour": 60}),
        ("contact_types.0.arrivals", {"rates_per_hour": [1, 2]}),
        ("contact_types.0.arrivals", {"times": [1, 2]}),
        ("contact_types.0.arrivals", {"csv": "volumes.csv", "busyness": {"cv": 0.1}}),
        ("contact_types.0.arrivals", {"times_csv": "x.csv", "column": "s"}),
        ("contact_types.0.arrivals", {"kind": "markov", "rates_per_hour": [1, 2], "phase_means": [3, 4]}),
        ("contact_types.0.talk_time", 180),
        ("contact_types.0.talk_time", "3min"),
        ("contact_types.0.talk_time", {"sample": "x.csv", "column": "s"}),
        ("contact_types.0.talk_time", {"law": "sample", "values": [1, 2]}),
        ("contact_types.0.patience", {"survival": "x.csv"}),
        ("contact_types.0.patience", {"survival": "x.csv", "tail": "never"}),
        ("contact_types.0.talk_time", {"law": "uniform", "low": 1, "high": "3min"}),
        ("contact_types.0.follow_ups", []),
        ("contact_types.0.follow_ups.0.when", "abandoned"),
        ("contact_types.0.follow_ups.0.when", ["contained", "gave_up", "bot_lost"]),
        ("contact_types.0.follow_ups.0.probability", 0.5),
        ("contact_types.0.follow_ups.0.probability", [0.5, 1, 0]),
        ("contact_types.0.follow_ups.0.delay", "3min"),
        ("contact_types.0.follow_ups.0.delay", {"sample": "x.csv", "column": "s"}),
        ("contact_types.0.follow_ups.0.delay", {"law": "gamma", "mean": "3min", "cv": 1}),
        ("contact_types.0.transfers", [{"to": "sales", "probability": 1}]),
        ("contact_types.0.resolution", 1),
        ("bots.0.solves", 0),
        ("bots.0.cost_per_session", 0),
        ("contact_types.0.complaint", True),
        ("contact_types.0.sale", {"probability": 1, "value": 0}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": 12, "cost_per_hour": 30, "overtime_factor": 0}),
        ("satisfaction", {}),
        ("bots.0.by_type", {"service": {"contained": 0.5, "session_time": "1min"}}),
        ("bots.0.contained_by_time", {"times": [0, "1h"], "factors": [1, 0.5]}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": 12}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": [1, 2]}),
        ("agent_groups.0", {"name": "g", "skills": {"a": 1.1}, "agents": {"csv": "heads.csv", "after_last": 3}}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": {"counts": [1], "edges": [0, 9], "decrease": "named"}}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "roster": "roster.csv"}),
        ("routing", {"policy": "longest_wait"}),
        ("routing", {"policy": {"kind": "weight_based", "wait_weight": {"a": 2, "b": {"g": 1}}}}),
        ("routing", {"policy": "least_loaded"}),
        ("routing", {"policy": {"kind": "queue_ratio", "queue_share": {"a": 2}, "idle_share": {"g": 1}}}),
        ("routing", {"policy": {"kind": "max_weight", "exponent": 0.5}}),
        ("routing", {"policy": {"kind": "random", "among": "groups", "weight": {"g": 2}}}),
    ],
)  # fmt: skip
def test_it_accepts(schema: jsonschema.Draft202012Validator, path: str, value: Any) -> None:
    schema.validate(changed((path, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("horizn", {}),
        ("horizon.lenght", 1),
        ("horizon.start", 5),
        ("horizon.after", "end"),
        ("contact_types", []),
        ("contact_types.0.patiense", 3),
        ("contact_types.0.balking", 1.2),
        ("contact_types.0.arrivals", {"rate_per_hour": -60}),
        ("contact_types.0.arrivals", {"rate_per_hour": 60, "rates_per_hour": [1]}),
        ("contact_types.0.arrivals", {"csv": 3}),
        ("contact_types.0.arrivals", {"csv": "a.csv", "column": "s"}),
        ("contact_types.0.arrivals", {"times_csv": "a.csv"}),
        ("contact_types.0.talk_time", -3),
        ("contact_types.0.talk_time", True),
        ("contact_types.0.talk_time", [1, 2]),
        ("contact_types.0.talk_time", {"law": "gamma", "mean": 3}),
        ("contact_types.0.talk_time", {"law": "gama", "mean": 3, "cv": 1}),
        ("contact_types.0.talk_time", {"law": "gamma", "kind": "gamma", "mean": 3, "cv": 1}),
        ("contact_types.0.talk_time", {"mean": 3, "cv": 1}),
        ("contact_types.0.talk_time", {"sample": "x.csv"}),
        ("contact_types.0.patience", {"survival": "x.csv", "tail": "linear"}),
        ("contact_types.0.follow_ups", {"when": "served", "probability": 0.5, "delay": 60}),
        ("contact_types.0.follow_ups.0.when", "hung_up"),
        ("contact_types.0.follow_ups.0.when", []),
        ("contact_types.0.follow_ups.0.when", REMOVED),
        ("contact_types.0.follow_ups.0.probability", 1.2),
        ("contact_types.0.follow_ups.0.probability", []),
        ("contact_types.0.follow_ups.0.probability", "often"),
        ("contact_types.0.follow_ups.0.probability", REMOVED),
        ("contact_types.0.follow_ups.0.delay", -3),
        ("contact_types.0.follow_ups.0.delay", {"survival": 3}),
        ("contact_types.0.follow_ups.0.delay", REMOVED),
        ("contact_types.0.follow_ups.0.at_most", 0),
        ("contact_types.0.follow_ups.0.patience_factor", 0),
        ("contact_types.0.follow_ups.1.probability_by_group", {"front": 2}),
        ("contact_types.0.follow_ups.1.typ", "sales"),
        ("contact_types.0.transfers.0.to", REMOVED),
        ("contact_types.0.transfers.0.probability", [0.5, 0.2]),
        ("contact_types.0.transfers.0.talk_factor", -1),
        ("contact_types.0.resolution", 1.2),
        ("contact_types.0.resolution_by_group", {"front": -0.1}),
        ("bots.0.solves", 2),
        ("bots.0.cost_per_minute", -1),
        ("contact_types.0.complaint", "yes"),
        ("contact_types.0.sale", {"probability": 0.1}),
        ("contact_types.0.sale", {"probability": 2, "value": 5}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": 3, "cost_per_hour": -1}),
        ("satisfaction", {"base": 2}),
        ("bots.0.by_type", {"service": {"containd": 0.5}}),
        ("bots.0.contained_by_sessions", {"sessions": [0.5], "factors": [1]}),
        ("agent_groups.0", {"name": "g", "skills": ["a"]}),
        ("agent_groups.0", {"name": "g", "skills": [], "agents": 3}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": 3, "roster": "r.csv"}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": 1.5}),
        ("agent_groups.0", {"name": "g", "skills": ["a"], "agents": {"csv": "a.csv", "counts": [1]}}),
        ("routing", {"policy": "shortest"}),
        ("routing", {"policy": {"kind": "queue_ratio", "queue_share": {"a": {"g": 1}}}}),
        ("routing", {"policy": {"kind": "generalised_c_mu", "exponent": 0}}),
        ("routing", {"policy": {"kind": "random", "among": "people"}}),
        ("routing", {"policy": {"kind": "custom", "score": "os.system"}}),
        ("routing.type_to_groups.service.0.rnk", 1),
    ],
)  # fmt: skip
def test_it_refuses(schema: jsonschema.Draft202012Validator, path: str, value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        schema.validate(changed((path, value)))


def test_fields_are_described(schema: jsonschema.Draft202012Validator) -> None:
    """An editor shows a word on every field of the parts that people write."""
    parts = schema.schema["$defs"]
    silent = {("Horizon", "length"), ("ContactType", "name"), ("AgentGroup", "name")}
    silent |= {("FollowUp", "probability"), ("Transfer", "probability")}
    parts_written = ("Horizon", "ContactType", "FollowUp", "Transfer", "Bot", "AgentGroup")
    for part in (*parts_written, "HeadCounts"):
        for name, field in parts[part]["properties"].items():
            if name not in ("kind", "name", "session_time") and (part, name) not in silent:
                assert "description" in field or "$ref" in field, (part, name)


def test_it_is_a_fresh_copy_each_time(schema: jsonschema.Draft202012Validator) -> None:
    before = copy.deepcopy(simcc.json_schema())
    simcc.json_schema()["$defs"].clear()
    assert simcc.json_schema() == before
