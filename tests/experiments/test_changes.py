"""Changes of a scenario: what they say, and to the same customers."""

from __future__ import annotations

from typing import Any

import erlang_centers
import numpy as np
import pytest

import simcc
from simcc.errors import ScenarioError, SimulationError
from simcc.experiments.changes import (
    more_agents,
    more_containment,
    scaled_handle_time,
    scaled_patience,
    scaled_volume,
)

CENTER = erlang_centers.center(6)


def contacts(scenario: simcc.Scenario) -> Any:
    return simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()


def test_more_volume_is_the_same_customers_closer_together() -> None:
    now, more = contacts(CENTER), contacts(scaled_volume(CENTER, 1.25))
    n = len(now)
    assert len(more) > n
    np.testing.assert_allclose(more["arrived_at"][:n], now["arrived_at"] / 1.25, rtol=1e-9)
    both = now["answered_at"].notna() & more["answered_at"][:n].notna()
    talks = [(one["left_at"] - one["answered_at"])[:n][both] for one in (now, more)]
    np.testing.assert_allclose(talks[1], talks[0], atol=1e-6)


def test_longer_talks_and_less_patience_of_the_same_customers() -> None:
    now = contacts(CENTER)
    longer, less = contacts(scaled_handle_time(CENTER, 1.1)), contacts(scaled_patience(CENTER, 0.5))
    np.testing.assert_array_equal(now["arrived_at"], longer["arrived_at"])
    np.testing.assert_array_equal(now["arrived_at"], less["arrived_at"])
    both = now["answered_at"].notna() & longer["answered_at"].notna()
    talks = [(one["left_at"] - one["answered_at"])[both] for one in (now, longer)]
    np.testing.assert_allclose(talks[1], 1.1 * talks[0], atol=1e-6)
    gone = (now["outcome"] == "abandoned") & (less["outcome"] == "abandoned")
    assert gone.any()
    waits = [(one["left_at"] - one["offered_at"])[gone] for one in (now, less)]
    np.testing.assert_allclose(waits[1], 0.5 * waits[0], atol=1e-6)


def test_arrivals_of_every_kind_are_scaled() -> None:
    kinds = [
        simcc.RateArrivals(rates_per_hour=[10, 20, 30, 0, 10, 10]),
        simcc.LinearRateArrivals(times=[0, "3h"], rates_per_hour=[10, 20]),
        simcc.MarkovArrivals(rates_per_hour=[10, 50], phase_means=["10min", "5min"]),
    ]
    for arrivals in kinds:
        one = simcc.with_values(CENTER, {"contact_types.voice.arrivals": arrivals})
        scaled = scaled_volume(one, 1.1).contact_types[0].arrivals
        expected = tuple(1.1 * x for x in arrivals.rates_per_hour)
        assert scaled == arrivals.replace(rates_per_hour=expected)
    real = simcc.TraceArrivals(times=[10, 20])
    one = simcc.with_values(CENTER, {"contact_types.voice.arrivals": real})
    with pytest.raises(SimulationError, match="real instants"):
        simcc.sensitivity(one, [simcc.Volume()], replications=2)


def test_only_one_type_and_every_way_to_say_talk_time() -> None:
    design = simcc.instances.n_design()
    kind = design.contact_types[0].replace(
        talk_time=None, talk_time_by_group={"g1": 60, "g2": 90}, after_call_work=30
    )
    design = design.replace(contact_types=[kind, design.contact_types[1]])
    changed = scaled_handle_time(design, 1.5, "a")
    assert changed.contact_types[1] == design.contact_types[1]
    found = changed.contact_types[0]
    assert [law.mean() for law in found.talk_time_by_group.values()] == [90.0, 135.0]
    assert found.after_call_work.mean() == 45.0
    laws = [60, 120, 180, 60, 60, 60]
    one = CENTER.contact_types[0].replace(talk_time=None, talk_time_by_interval=laws)
    changed = scaled_handle_time(CENTER.replace(contact_types=[one]), 2.0)
    means = [law.mean() for law in changed.contact_types[0].talk_time_by_interval]
    assert means == [2.0 * x for x in laws]


def staffed(staff: Any) -> simcc.Scenario:
    return simcc.with_values(CENTER, {"agent_groups.agents.staff": staff})


def test_agents_come_and_go_only_when_any_are_planned() -> None:
    def staff(scenario: simcc.Scenario, number: int) -> Any:
        return more_agents(scenario, "agents", number).agent_groups[0].staff

    assert staff(CENTER, 2) == simcc.FixedStaff(agents=8)
    counts = simcc.HeadCounts(counts=[0, 3, 5, 5, 3, 0], after_last=0)
    assert staff(staffed(counts), 1).counts == (0, 4, 6, 6, 4, 0)
    assert staff(staffed(counts), -1).counts == (0, 2, 4, 4, 2, 0)
    assert staff(staffed(counts.replace(after_last=2)), 1).after_last == 3
    hours = {"long": 3, "short": 1, "middle": 2}
    roster = simcc.Roster(
        shifts=[simcc.Shift(agent=name, start=0, end=3600 * n) for name, n in hours.items()]
    )
    more, fewer = (staff(staffed(roster), number) for number in (2, -1))
    assert [(x.agent, x.end) for x in more.shifts[3:]] == [
        ("middle +1", 7200.0),
        ("middle +2", 7200.0),
    ]
    assert [x.agent for x in fewer.shifts] == ["long", "short"]
    assert len(staff(staffed(roster), -2).shifts) == 1
    with pytest.raises(ScenarioError):
        staff(staffed(roster), -3)
    with pytest.raises(ScenarioError):
        staff(CENTER, -7)


def test_containment_of_all_types() -> None:
    bot = simcc.Bot(
        name="helper", session_time=60, contained=0.3, gives_up=0.1,
        by_type={"voice": {"contained": 0.5}},
    )  # fmt: skip
    one = CENTER.replace(bots=[bot], contact_types=[CENTER.contact_types[0].replace(bot="helper")])
    changed = more_containment(one, 0.1, "helper").bots[0]
    assert changed.contained == pytest.approx(0.4)
    assert changed.by_type["voice"].contained == pytest.approx(0.6)
    with pytest.raises(ScenarioError):
        more_containment(one, 0.5, "helper")
