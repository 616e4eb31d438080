"""Absence and outages: head counts by hand, and nobody serves who is not there."""

from __future__ import annotations

import centers
import numpy as np
import pytest
from centers import HOUR

import simcc
from simcc.errors import ScenarioError
from simcc.shocks.staffing import absent


def staff_of(scenario: simcc.Scenario, name: str) -> object:
    return scenario.agent_groups[scenario.group_index(name)].staff


def group(staff: object, name: str = "agents") -> simcc.AgentGroup:
    return simcc.AgentGroup(name=name, skills=["voice"], staff=staff)


def with_staff(staff: object) -> simcc.Scenario:
    return centers.one_type().replace(agent_groups=[group(staff)])


def test_one_group_rounds_to_the_nearest() -> None:
    for n in (1, 3, 10):
        for percent in range(0, 101, 7):
            share = n * percent / 100
            assert abs(absent(n, percent / 100, 0.5) - share) <= 0.5


def test_small_groups_together_lose_the_share() -> None:
    """Each alone would round to nobody."""
    groups = [group(simcc.FixedStaff(agents=4), f"group {i}") for i in range(50)]
    scenario = centers.one_type().replace(agent_groups=groups)
    for percent in (5, 10, 30, 77):
        found = simcc.Absence(percent=percent).apply(scenario)
        left = sum(one.staff.agents for one in found.agent_groups)
        assert abs(200 * (1 - percent / 100) - left) < 3


def test_absence_by_hand() -> None:
    found = simcc.Absence(percent=50, groups=["fixed"]).apply(centers.mixed())
    assert staff_of(found, "fixed") == simcc.FixedStaff(agents=3)
    assert staff_of(found, "counts") == staff_of(centers.mixed(), "counts")
    found = simcc.Absence(percent=40, groups=["counts"]).apply(centers.mixed())
    counts = staff_of(found, "counts")
    assert counts.counts == (2, 2, 3, 3, 2, 2, 2, 1)
    assert counts.edges is None
    window = simcc.Absence(percent=50, groups=["fixed"], start="1h", duration="30min")
    assert staff_of(window.apply(centers.mixed()), "fixed") == simcc.HeadCounts(
        counts=[6, 3], edges=[0, HOUR, 1.5 * HOUR], after_last=6
    )
    window = simcc.Absence(percent=100, groups=["counts"], start="45min", duration="30min")
    assert staff_of(window.apply(centers.mixed()), "counts") == simcc.HeadCounts(
        counts=[3, 4, 0, 0, 5, 5, 4, 3, 3, 2],
        edges=[0, 1800, 2700, 3600, 4500, 5400, 7200, 9000, 10800, 12600, 14400],
        after_last=2,
    )


def test_a_larger_absence_contains_a_smaller_one() -> None:
    gone_before: set[str] = set()
    everybody = {shift.agent for shift in centers.ROSTER.shifts}
    for percent in (0, 10, 30, 50, 70, 100):
        staff = staff_of(
            simcc.Absence(percent=percent, groups=["roster"]).apply(centers.mixed()), "roster"
        )
        left = {shift.agent for shift in getattr(staff, "shifts", ())}
        gone = everybody - left
        assert gone_before <= gone
        assert len(gone) == absent(5, percent / 100, 0.5)
        gone_before = gone
    assert staff == simcc.FixedStaff(agents=0)


def test_which_agents_are_absent_is_drawn() -> None:
    missing = set()
    for draw in range(20):
        shock = simcc.Absence(percent=20, groups=["roster"], draw=draw)
        staff = staff_of(shock.apply(centers.mixed()), "roster")
        missing |= {s.agent for s in centers.ROSTER.shifts} - {s.agent for s in staff.shifts}
    assert len(missing) == 5


def test_an_outage_cuts_shifts_and_their_breaks() -> None:
    shock = simcc.GroupOutage(groups=["roster"], start="1h", duration="65min")
    shifts = staff_of(shock.apply(centers.mixed()), "roster").shifts
    mine = [shift for shift in shifts if shift.agent == "agent 0"]
    assert [(one.start, one.end, one.breaks) for one in mine] == [
        (0.0, HOUR, ()),
        (7500.0, 4 * HOUR, ((7500.0, 8100.0),)),
    ]


@pytest.mark.parametrize("staff", [
    simcc.FixedStaff(agents=5), simcc.HeadCounts(counts=[5] * 8), centers.ROSTER,
], ids=lambda staff: staff.kind)  # fmt: skip
def test_nobody_answers_during_an_outage(staff: object) -> None:
    base = with_staff(staff)
    found = simcc.GroupOutage(groups=["agents"], start="1h", duration="45min").apply(base)
    run = {"replications": 20, "seed": 1, "record": "contacts"}
    log, before = (simcc.simulate(one, **run).contacts() for one in (found, base))
    answered = log["answered_at"].dropna()
    inside = (answered >= HOUR) & (answered < HOUR + 2700)
    assert not inside.any()
    assert (answered >= HOUR + 2700).sum() > 100
    old = before["answered_at"].dropna()
    assert ((old >= HOUR) & (old < HOUR + 2700)).sum() > 100
    early = log[log["arrived_at"] < 0.8 * HOUR], before[before["arrived_at"] < 0.8 * HOUR]
    np.testing.assert_array_equal(*(one["arrived_at"] for one in early))


def test_nobody_of_the_type_is_answered_during_a_skill_outage() -> None:
    shock = simcc.SkillOutage(types=["linear"], start="1h", duration="45min")
    result = simcc.simulate(
        shock.apply(centers.mixed()), replications=20, seed=1, record="contacts"
    ).contacts()
    answered = result.dropna(subset=["answered_at"])
    inside = (answered["answered_at"] >= HOUR) & (answered["answered_at"] < HOUR + 2700)
    during = set(answered[inside]["contact_type"])
    assert "linear" not in during
    assert len(during) > 3
    assert "linear" in set(answered["contact_type"])
    waits = answered["answered_at"] - answered["offered_at"]
    assert waits[answered["contact_type"] == "linear"].max() > 60


def test_a_skill_outage_of_own_hours() -> None:
    hours = simcc.Hours(open=[("1h", "2h"), ("3h", "4h")], outside="waits")
    shock = simcc.SkillOutage(types=["voice"], start="90min", duration="2h")
    found = shock.apply(centers.one_type(hours=hours)).contact_types[0].hours
    assert found.open == ((HOUR, 1.5 * HOUR), (3.5 * HOUR, 4 * HOUR))
    all_day = simcc.SkillOutage(types=["voice"], start=0, duration="4h")
    assert all_day.apply(centers.one_type(hours=hours)).contact_types[0].hours.open[0][0] > 1e9


def test_a_bot_that_is_out_contains_nobody(test_seed: int) -> None:
    """Inside the window nobody, outside exactly those whom it contained before."""
    shock = simcc.BotOutage(start="1h", duration="1h")
    run = {"replications": 10, "seed": test_seed, "record": "contacts"}
    base = simcc.simulate(centers.mixed(), **run).contacts()
    log = simcc.simulate(shock.apply(centers.mixed()), **run).contacts()
    assert base["arrived_at"].equals(log["arrived_at"])
    at_bot = base["contact_type"].isin(["poisson", "rates"])
    inside = at_bot & (log["arrived_at"] >= HOUR) & (log["arrived_at"] < 2 * HOUR)
    assert (base[inside]["outcome"] == "contained").sum() > 50
    assert not (log[inside]["outcome"] == "contained").any()
    contained = [(one[at_bot & ~inside]["outcome"] == "contained") for one in (base, log)]
    assert contained[0].equals(contained[1])


def test_less_containment_by_hand() -> None:
    curve = simcc.FactorsByTime(times=["1h", "3h"], factors=[1.0, 0.5])
    bot = centers.mixed().bots[0].replace(contained_by_time=curve)
    found = simcc.ContainmentDrop(percent=20).apply(centers.mixed(bots=[bot])).bots[0]
    assert found.contained_by_time.times == (HOUR, 3 * HOUR)
    assert found.contained_by_time.factors == (0.8, 0.4)
    found = simcc.ContainmentDrop(percent=50, start="2h", duration="30min").apply(
        centers.mixed(bots=[bot])
    )
    times = np.array([0.5, 1.99, 2.01, 2.49, 2.51, 3.0]) * HOUR
    points = found.bots[0].contained_by_time
    factors = np.interp(times, points.times, points.factors)
    old = np.interp(times, curve.times, curve.factors)
    np.testing.assert_allclose(factors, old * [1, 1, 0.5, 0.5, 1, 1])


def test_hours_outside_which_customers_are_turned_away() -> None:
    hours = simcc.Hours(open=[("0h", "4h")])
    with pytest.raises(ScenarioError, match=r'hours\.outside: is "turned_away"; must be "waits"'):
        simcc.SkillOutage(types=["voice"], start=0, duration=60).apply(
            centers.one_type(hours=hours)
        )
