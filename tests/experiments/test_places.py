"""Values at places of a scenario, so that every parameter of every policy can be tuned."""

from __future__ import annotations

from typing import Any

import pytest

import simcc
from simcc.errors import ScenarioError, SimulationError
from simcc.model.policies import PUBLISHED

DESIGN = simcc.instances.n_design()
VALUES: dict[str, dict[str, Any]] = {  # a value for each field of each policy, by its place
    "static_priority": {"priority.a": 2.0, "priority.b.g2": 3.0},
    "weight_based": {"wait_weight.a": 2.0, "idle_weight.b.g2": 0.5, "constant.a.g1": 30.0},
    "queue_ratio": {"queue_share.a": 3.0, "idle_share.g1": 2.0},
    "generalised_c_mu": {"cost.a": 4.0, "exponent": 1.5},
    "max_weight": {"weight.b": 4.0, "exponent": 2.0},
    "random": {"weight.g1": 0.2, "among": "groups"},
}


@pytest.mark.parametrize("policy", PUBLISHED, ids=lambda one: one.__name__)
def test_every_parameter_of_every_policy_has_a_place(policy: Any) -> None:
    values = VALUES.get(policy().kind, {})
    assert {place.split(".")[0] for place in values} == set(policy.model_fields) - {"kind"}
    scenario = DESIGN.replace(routing=simcc.Routing(policy=policy()))
    changed = simcc.with_values(scenario, {f"routing.policy.{k}": x for k, x in values.items()})
    for place, value in values.items():
        found: Any = changed.routing.policy
        for key in place.split("."):
            found = found[key] if isinstance(found, dict) else getattr(found, key)
        assert found in (value, {"*": value})  # of every group
    assert changed.replace(routing=scenario.routing) == scenario


def test_places_in_lists_tables_and_laws() -> None:
    changed = simcc.with_values(
        DESIGN,
        {
            "contact_types.a.patience.mean": 100.0,
            "contact_types.a.balking": 0.1,
            "agent_groups.g2.skills.a": 0.9,
            "agent_groups.g2.staff": simcc.FixedStaff(agents=9),
            "thresholds.0": 30.0,
        },
    )
    kind, group = changed.contact_types[0], changed.agent_groups[1]
    assert (kind.patience.mean(), kind.balking) == (100.0, 0.1)
    assert (group.skills, group.staff.agents) == ({"b": 1.0, "a": 0.9}, 9)
    assert changed.thresholds == (30.0,)
    assert simcc.with_values(DESIGN, {}) == DESIGN


def test_changes_of_one_part_are_made_at_once() -> None:
    """Each alone would be refused: 10 to 20 s becomes 30 to 40 s."""
    kind = DESIGN.contact_types[0].replace(talk_time=simcc.Uniform(low=10, high=20))
    one = DESIGN.replace(contact_types=[kind, DESIGN.contact_types[1]])
    place = "contact_types.a.talk_time"
    changed = simcc.with_values(one, {f"{place}.low": 30.0, f"{place}.high": 40.0})
    assert changed.contact_types[0].talk_time == simcc.Uniform(low=30, high=40)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (3, "values is 3"),
        ({3: 1}, "the place 3 must be names"),
        ({"a..b": 1}, "must be names"),
        ({"agents": 1}, 'a scenario has no "agents"'),
        ({"agent_groups.g3.staff.agents": 1}, '"agent_groups" has no "g3"'),
        ({"agent_groups.g1.staff.agent": 1}, 'did you mean "agents"'),
        ({"routing.policy.exponent": 1}, '"routing.policy" is None'),
        ({"agent_groups.g1.skills.a.x": 1}, '"agent_groups.g1.skills.a" is 1.0'),
    ],
)
def test_places_that_are_not_there(values: Any, words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        simcc.with_values(DESIGN, values)


def test_values_that_are_not_allowed() -> None:
    with pytest.raises(ScenarioError, match="agents"):
        simcc.with_values(DESIGN, {"agent_groups.g1.staff.agents": -1})
    with pytest.raises(SimulationError, match="scenario is 3"):
        simcc.with_values(3, {})  # type: ignore[arg-type]
