"""Opening hours: by hand, against theory, and by bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simcc

HOUR = 3600.0
SEVERAL = 5.0  # standard errors


def center(times: list[float], hours: Any, **fields: Any) -> simcc.Scenario:
    """One agent, contacts of 100 s."""
    kind = simcc.ContactType(
        name="voice",
        arrivals=simcc.TraceArrivals(times=times),
        talk_time=100,
        hours=hours,
        **fields,
    )
    return simcc.Scenario(
        horizon=simcc.Horizon(length="2h", interval="1h"),
        contact_types=[kind],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["voice"], staff=simcc.FixedStaff(agents=1))
        ],
    )


def log_of(scenario: simcc.Scenario) -> Any:
    return simcc.simulate(scenario, replications=1, seed=1, record="contacts").contacts()


def test_who_comes_outside_is_turned_away() -> None:
    hours = simcc.Hours(open=[(100, 500), (600, 700)])
    log = log_of(center([0, 99, 100, 499, 500, 550, 600, 700], hours))
    assert log["outcome"].tolist() == [
        "closed", "closed", "served", "served", "closed", "closed", "served", "closed",
    ]  # fmt: skip
    assert log["left_at"][4] == 500


def test_who_waits_at_closing_is_served() -> None:
    log = log_of(center([0, 10, 20, 130], simcc.Hours(open=[(0, 120)])))
    assert log["answered_at"].tolist()[:3] == [0, 100, 200]
    assert log["outcome"].tolist() == ["served", "served", "served", "closed"]


def test_who_waits_at_closing_is_sent_away_in_order_and_may_come_back() -> None:
    again = simcc.FollowUp(when="closed", probability=1, delay=1000, at_most=1)
    hours = simcc.Hours(open=[(0, 120), (1000, 1200)], at_closing="sent_away")
    scenario = center([0, 10, 20, 30, 120], hours, follow_ups=[again])
    log = log_of(scenario)
    assert log["outcome"].tolist()[:5] == ["served", "served", "closed", "closed", "closed"]
    assert log["left_at"].tolist()[2:5] == [120, 120, 120]
    assert log["outcome"].tolist()[5:] == ["served", "closed", "closed"]
    assert log["left_at"].tolist()[5:] == [1220, 1200, 1200]
    result = simcc.simulate(scenario, replications=1, seed=1)
    table = result.summary().set_index(["scope", "metric"])["estimate"]
    assert table["all", "closed"] == table["all", "blocked"] == 5
    assert table["all", "mean_queue"] * 7200 == 90 + 100 + 90 + 80 + 80


def test_mail_waits_for_the_morning() -> None:
    hours = simcc.Hours(open=[(300, 450), (600, 900)], outside="waits")
    log = log_of(center([0, 10, 20, 500], hours))
    assert log["answered_at"].tolist() == [300, 400, 600, 700]


def test_a_closed_queue_leaves_agents_to_others() -> None:
    scenario = center([0, 10], simcc.Hours(open=[(1000, 2000)], outside="waits"))
    other = simcc.ContactType(
        name="other", arrivals=simcc.TraceArrivals(times=[20]), talk_time=50, priority=5
    )
    group = simcc.AgentGroup(name="g", skills=["voice", "other"], staff=simcc.FixedStaff(agents=1))
    log = log_of(
        scenario.replace(contact_types=[*scenario.contact_types, other], agent_groups=[group])
    )
    assert log["answered_at"].tolist() == [1000, 1100, 20]


def test_the_backlog_of_the_night(test_seed: int) -> None:
    """At every hour before the opening as many wait as have come: a Poisson number."""
    rate = 6.0
    scenario = center([], simcc.Hours(open=[("8h", "24h")], outside="waits"))
    kind = scenario.contact_types[0].replace(
        arrivals=simcc.PoissonArrivals(rate_per_hour=rate), deadline="8h"
    )
    scenario = scenario.replace(
        contact_types=[kind], horizon=simcc.Horizon(length="24h", interval="1h")
    )
    result = simcc.simulate(scenario, replications=400, seed=test_seed)
    at_start = result.sums.by_type("queue_at_start")[:, :, 0]
    ages = result.sums.by_type("age_at_start")[:, :, 0]
    for hour in (1, 4, 7):
        mean = rate * hour
        assert abs(at_start[:, hour].mean() - mean) <= SEVERAL * np.sqrt(mean / 400)
        age = ages[:, hour].sum() / at_start[:, hour].sum()
        # ages of Poisson arrivals are uniform
        error = hour * HOUR / np.sqrt(12 * at_start[:, hour].sum())
        assert abs(age - hour * HOUR / 2) <= SEVERAL * error


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ({"open": []}, "open"),
        ({"open": [(100, 100)]}, "must end after its start"),
        ({"open": [(0, 100), (100, 200)]}, "must be after the one before it"),
        ({"open": [(-1, 100)]}, "open"),
        ({"open": [(0, 100)], "outside": "waits", "at_closing": "sent_away"}, "at_closing"),
        ({"open": [(0, 100)], "outside": "lost"}, "outside"),
    ],
)
def test_bad_input(hours: dict[str, Any], message: str) -> None:
    with pytest.raises(simcc.ScenarioError) as error:
        center([], hours)
    assert message in str(error.value)


def test_who_was_answered_is_not_sent_away() -> None:
    hours = simcc.Hours(open=[(0, 100)], at_closing="sent_away")
    with pytest.raises(simcc.ScenarioError, match="who was answered is not sent away"):
        center([], hours, interruption=simcc.Interruption(by=["x"]))
