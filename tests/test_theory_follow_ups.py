"""Customers who come back, against what is exact where everybody is answered at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import simcc

RATE, TALK, AGENTS = 120.0, 180.0, 120  # 6 erlang of first contacts: nobody ever waits
MOST_ERRORS = 4.5  # standard errors; by chance once in 150,000


def center(**voice: Any) -> simcc.Scenario:
    """Long against talk times and delays; the first hours are left out."""
    kind = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=RATE),
        talk_time=simcc.Exponential(mean=TALK),
        **voice,
    )
    return simcc.Scenario(
        horizon=simcc.Horizon(length="16h", interval="1h", warmup="4h"),
        contact_types=[kind],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["voice"], staff=simcc.FixedStaff(agents=AGENTS))
        ],
    )


def back(when: Any, probability: Any, **more: Any) -> simcc.FollowUp:
    delay = simcc.Exponential(mean="3min")
    return simcc.FollowUp(when=when, probability=probability, delay=delay, **more)


def check(scenario: simcc.Scenario, expected: dict[str, float], smallest: float = 0.02) -> None:
    """Every estimate is near its exact value, and is precise enough to tell."""
    summary = simcc.simulate(scenario, replications=60, seed=5).summary()
    found = summary[summary["scope"] == "all"].set_index("metric")
    assert found.loc["p_wait", "estimate"] == 0
    for name, exact in expected.items():
        estimate, error = found.loc[name, ["estimate", "std_error"]]
        assert 0 < error < smallest * exact, (name, error)
        assert abs(estimate - exact) < MOST_ERRORS * error, (name, estimate, exact, error)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
def test_coming_back_again_and_again(p: float) -> None:
    """A geometric number of contacts: 1 / (1 - p) on average, and so much more work."""
    check(
        center(follow_ups=[back("served", p)]),
        {
            "contacts_per_issue": 1 / (1 - p),
            "repeat_share": p,
            "mean_busy": RATE * TALK / 3600 / (1 - p),
            "first_contact_resolution": 1 - p,
        },
    )


def test_probabilities_by_attempt_and_at_most() -> None:
    """1 + 0.6 + 0.6 * 0.3, then 0.3 again, and no more."""
    contacts = 1 + 0.6 + 0.6 * 0.3 + 0.6 * 0.3 * 0.3
    scenario = center(follow_ups=[back("served", [0.6, 0.3], at_most=3)])
    check(scenario, {"contacts_per_issue": contacts, "repeat_share": 1 - 1 / contacts})


def test_first_contact_resolution_is_what_was_put_in_and_no_more() -> None:
    """r at each attempt; of the others, p come back."""
    r, p = 0.7, 0.6
    scenario = center(resolution=r, follow_ups=[back("unresolved", p)])
    # of an issue: resolved now, or it comes back and the same holds again
    exact = {
        "first_contact_resolution": r,
        "resolution": r / (1 - (1 - r) * p),
        "contacts_per_issue": 1 / (1 - (1 - r) * p),
    }
    long = scenario.replace(
        horizon=scenario.horizon.replace(cooldown="4h")  # what began in the window is over by then
    )
    check(long, exact)


def test_transfers_to_the_same_queue() -> None:
    """Every talk is followed by another with probability t, at a factor of the work."""
    t, factor = 0.3, 0.5
    transfer = simcc.Transfer(to="voice", probability=t, talk_factor=factor)
    talks = RATE / (1 - t)
    check(
        center(transfers=[transfer]),
        {"transfers": t, "mean_busy": (RATE + (talks - RATE) * factor) * TALK / 3600},
    )


def test_who_comes_back_does_so_after_the_delay() -> None:
    """The law of the delay, from the end of one contact to the next."""
    law = simcc.Gamma(mean=600, cv=0.5)
    follow_up = simcc.FollowUp(when="served", probability=0.5, delay=law)
    log = simcc.simulate(
        center(follow_ups=[follow_up]), replications=4, seed=5, record="contacts"
    ).contacts()
    log = log.sort_values(["replication", "issue", "attempt"])
    returns = log["attempt"].to_numpy()[1:] > 1
    delay = (log["arrived_at"].to_numpy()[1:] - log["left_at"].to_numpy()[:-1])[returns]
    assert len(delay) > 5000
    u = np.sort(1 - law.sf(delay))
    n = len(u)
    # late returns are cut off by the end of the horizon: some 10 min of 16 h
    distance = np.abs(u - (np.arange(n) + 0.5) / n).max()
    assert distance < 1.95 / np.sqrt(n) + 0.01


def test_the_number_of_attempts_is_geometric() -> None:
    p = 0.5
    result = simcc.simulate(
        center(follow_ups=[back("served", p)]), replications=10, seed=5, record="contacts"
    )
    journeys = result.journeys()
    early = journeys[journeys["first_at"] < 8 * 3600]  # these are over, but for one in a million
    n = len(early)
    assert n > 9000
    for attempts in range(1, 7):
        share = (early["attempts"] >= attempts).mean()
        exact = p ** (attempts - 1)
        error = np.sqrt(exact * (1 - exact) / n)
        assert abs(share - exact) <= MOST_ERRORS * error
