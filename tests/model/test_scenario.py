"""A scenario is frozen, finds its parts, and is the same after a round trip and elsewhere."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from plain import CENTER, REMOVED, center, changed
from pydantic import ValidationError
from scipy import stats

import simcc


@pytest.fixture(scope="module")
def scenario() -> simcc.Scenario:
    return simcc.Scenario.from_dict(center())


def test_places_of_names(scenario: simcc.Scenario) -> None:
    assert [scenario.type_index(one.name) for one in scenario.contact_types] == [0, 1, 2]
    assert [scenario.group_index(one.name) for one in scenario.agent_groups] == [0, 1, 2]
    assert scenario.bot_index("helper") == 0
    with pytest.raises(KeyError, match='did you mean "sales"'):
        scenario.type_index("sale")


def test_defaults() -> None:
    """Those that docs/scenario-file.md promises."""
    small = simcc.Scenario(
        contact_types=[
            simcc.ContactType(
                name="a", talk_time=60, arrivals=simcc.PoissonArrivals(rate_per_hour=1), bot="b"
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["a"], staff=simcc.FixedStaff(agents=1))
        ],
        bots=[simcc.Bot(name="b", session_time=60, contained=0.5)],
    )  # fmt: skip
    assert (small.name, small.lines, small.thresholds) == ("scenario", None, (20.0,))
    horizon, kind, bot = small.horizon, small.contact_types[0], small.bots[0]
    assert (horizon.start.isoformat(), horizon.time_zone) == ("2024-01-01T00:00:00", "UTC")
    assert (horizon.length, horizon.interval, horizon.after) == (86400.0, 1800.0, "drain")
    assert (kind.channel, kind.priority, kind.balking) == ("voice", 1, 0.0)
    assert (kind.patience, kind.after_call_work, kind.queue_capacity) == (None, None, None)
    assert (bot.sessions, bot.when_full, bot.gives_up, bot.escalate_to) == (None, "wait", 0.0, None)
    assert (bot.talk_factor, bot.patience_factor) == (1.0, 1.0)


def test_round_trip(scenario: simcc.Scenario) -> None:
    data = json.loads(json.dumps(scenario.to_dict()))
    again = simcc.Scenario.from_dict(data)
    assert again == scenario
    assert again.to_dict() == data
    assert hash(again) == hash(scenario)
    assert again.hash() == scenario.hash()


def test_every_law_and_staff_survives_a_round_trip() -> None:
    laws = [
        simcc.Constant(value=3),
        simcc.Hyperexponential(probs=[0.5, 0.5], means=[3, 4]),
        simcc.Uniform(low=1, high=2),
        simcc.Sample(values=[3, 1, 2]),
        simcc.ScipyLaw(name="gamma", kwds={"a": 2.0}, loc=3),
        stats.lognorm(0.5, scale=60),
        {"law": "erlang", "k": 2, "mean": "1min"},
    ]
    for law in laws:
        found = simcc.Scenario.from_dict(changed(("contact_types.0.talk_time", law)))
        assert simcc.Scenario.from_dict(found.to_dict()) == found


def test_what_is_built_from_objects_is_what_is_built_from_data(scenario: simcc.Scenario) -> None:
    built = simcc.Scenario(
        **{name: getattr(scenario, name) for name in simcc.Scenario.model_fields}
    )
    assert built == scenario
    assert built.contact_types[0] is scenario.contact_types[0]


def test_the_same_content_has_the_same_hash(scenario: simcc.Scenario) -> None:
    """Order of keys, units and kinds of numbers make no difference; any value does."""
    turned = dict(reversed(center().items()))
    turned["contact_types"][0] = dict(reversed(turned["contact_types"][0].items()))
    turned["horizon"]["length"] = 7200
    turned["thresholds"] = np.array([20, 60])
    assert simcc.Scenario.from_dict(turned).hash() == scenario.hash()
    others = [
        ("contact_types.0.balking", 0.020000001),
        ("name", "centre"),
        ("contact_types.0.patience", REMOVED),
        ("agent_groups.1.staff.shifts.0.breaks", []),
    ]
    hashes = {simcc.Scenario.from_dict(changed(other)).hash() for other in others}
    assert len(hashes | {scenario.hash()}) == 1 + len(others)


def test_the_hash_is_the_same_in_another_process(scenario: simcc.Scenario, tmp_path: Path) -> None:
    path = tmp_path / "center.json"
    path.write_text(json.dumps(CENTER))
    code = (
        "import json, sys, simcc;"
        "print(simcc.Scenario.from_dict(json.load(open(sys.argv[1]))).hash())"
    )
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            capture_output=True,
            text=True,
            check=True,
            env={**__import__("os").environ, "PYTHONHASHSEED": seed},
        )
        assert done.stdout.strip() == scenario.hash()


def test_copies_are_equal(scenario: simcc.Scenario) -> None:
    for again in (pickle.loads(pickle.dumps(scenario)), copy.deepcopy(scenario)):
        assert again == scenario
        assert again.hash() == scenario.hash()


def test_nothing_can_be_changed(scenario: simcc.Scenario) -> None:
    kind = scenario.contact_types[1]
    with pytest.raises(ValidationError, match="frozen"):
        scenario.name = "other"
    with pytest.raises(ValidationError, match="frozen"):
        kind.priority = 3
    for change in (
        lambda: kind.talk_time_by_group.update(night=3),
        lambda: kind.talk_time_by_group.pop("front"),
        lambda: scenario.agent_groups[0].skills.clear(),
        lambda: scenario.routing.type_to_groups.setdefault("a", ()),
    ):
        with pytest.raises(TypeError, match="cannot be changed"):
            change()


def test_replace_checks_again(scenario: simcc.Scenario) -> None:
    assert scenario.replace(name="other").contact_types == scenario.contact_types
    assert simcc.Gamma(mean=60, cv=1).replace(mean="2min") == simcc.Gamma(mean=120, cv=1)
    with pytest.raises(simcc.ScenarioError, match="lines: is 0"):
        scenario.replace(lines=0)
    with pytest.raises(
        simcc.ScenarioError, match='lnes: is not a field here; did you mean "lines"'
    ):
        scenario.replace(lnes=3)
    with pytest.raises(simcc.ScenarioError, match="lines: is 0"):
        scenario.model_copy(update={"lines": 0})
    with pytest.raises(simcc.ScenarioError, match="anybody"):
        scenario.replace(agent_groups=scenario.agent_groups[:1])


@pytest.mark.parametrize(
    "rates",
    [
        [1, 2, 3, 4],
        (1, 2, 3, 4),
        range(1, 5),
        np.arange(1, 5),
        np.arange(1.0, 5.0, dtype=np.float32),
        pd.Series([1, 2, 3, 4]),
    ],
    ids=lambda rates: type(rates).__name__,
)
def test_lists_may_be_arrays(rates: Any) -> None:
    assert simcc.RateArrivals(rates_per_hour=rates).rates_per_hour == (1.0, 2.0, 3.0, 4.0)


def test_sets_and_generators_are_no_lists() -> None:
    for rates in ({1, 2}, (x for x in (1, 2)), {1: 2}, "12"):
        with pytest.raises(simcc.ScenarioError, match="must be a list"):
            simcc.RateArrivals(rates_per_hour=rates)


def test_shows_itself(scenario: simcc.Scenario) -> None:
    assert str(scenario) == "<Scenario 'center': 3 contact types, 3 agent groups, 1 bots, 2h>"
    assert "service, sales, mail" in scenario._repr_html_()
    evil = simcc.Scenario.from_dict(changed(("name", "<script>")))
    assert "<script>" not in evil._repr_html_()
