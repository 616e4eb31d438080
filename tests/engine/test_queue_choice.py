"""Contacts that choose a queue: against exact chains, by hand, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from markov import Chain

import simcc
from simcc.jit import ENABLED

HOUR = 3600.0
RATE, MEAN, PATIENCE = 70.0, 240.0, 400.0
AGENTS, SPEED = (2, 3), (2.0, 0.5)  # north, south
LINES = 10
MANY, LENGTH, WARMUP = (60 if ENABLED else 10), 110.0, 10.0
SEVERAL = 5.0  # standard errors

Sites = tuple[int, int]  # contacts at each: waiting and talking


def waiting(site: int, sites: Sites) -> int:
    return max(sites[site] - AGENTS[site], 0)


def shortest_delay(site: int, sites: Sites) -> float:
    return (waiting(site, sites) + 1) * MEAN / (AGENTS[site] * SPEED[site])


def shortest_queue(site: int, sites: Sites) -> float:
    return waiting(site, sites)


WAYS: dict[str, Callable[[int, Sites], float]] = {
    "queue_length": shortest_delay,
    "fewest_waiting": shortest_queue,
}


def steps_of(wait: Callable[[int, Sites], float]) -> Callable[[Sites], Iterator[Any]]:
    """Transitions: rates per hour and states."""

    def chosen(sites: Sites) -> int:
        idle = [AGENTS[site] - sites[site] for site in (0, 1)]
        if max(idle) > 0:
            return 0 if idle[0] >= idle[1] else 1
        return 0 if wait(0, sites) <= wait(1, sites) else 1

    def moved(sites: Sites, site: int, by: int) -> Sites:
        return (sites[0] + by, sites[1]) if site == 0 else (sites[0], sites[1] + by)

    def step(sites: Sites) -> Iterator[Any]:
        if sum(sites) < LINES:
            yield RATE, moved(sites, chosen(sites), 1)
        for site in (0, 1):
            busy = min(sites[site], AGENTS[site])
            rate = busy * SPEED[site] * HOUR / MEAN + waiting(site, sites) * HOUR / PATIENCE
            if rate > 0:
                yield rate, moved(sites, site, -1)

    return step


def center(among: tuple[str, ...], by: Any, arrivals: float = RATE, **more: Any) -> simcc.Scenario:
    """Calls go to the north or to the south."""
    law = simcc.Exponential(mean=MEAN)

    def kind(name: str, rate: float | None) -> simcc.ContactType:
        comes = None if rate is None else simcc.PoissonArrivals(rate_per_hour=rate)
        patience = simcc.Exponential(mean=PATIENCE)
        return simcc.ContactType(name=name, arrivals=comes, talk_time=law, patience=patience)

    sites = zip(("north", "south"), AGENTS, SPEED, strict=True)
    fields: dict[str, Any] = {
        "horizon": simcc.Horizon(
            length=LENGTH * HOUR, interval=(LENGTH - WARMUP) * HOUR, warmup=WARMUP * HOUR
        ),
        "contact_types": [kind("calls", arrivals), kind("north", None), kind("south", None)],
        "agent_groups": [
            simcc.AgentGroup(name=name, skills={name: speed}, staff=simcc.FixedStaff(agents=n))
            for name, n, speed in sites
        ],
        "routing": simcc.Routing(
            queue_choice={"calls": simcc.QueueChoice(among=among, by=by)} if among else {}
        ),
        "lines": LINES,
    }
    return simcc.Scenario(**fields | more)


def exact(by: str) -> dict[tuple[str, str], float]:
    """Blocking, and occupancy and mean queue by site."""
    chain = Chain((0, 0), steps_of(WAYS[by]))
    found = {("all", "blocking"): chain.mean(lambda sites: sum(sites) == LINES)}
    for site, name in enumerate(("north", "south")):
        busy = chain.mean(lambda sites, site=site: min(sites[site], AGENTS[site]))
        found[f"group:{name}", "occupancy"] = busy / AGENTS[site]
        found[f"type:{name}", "mean_queue"] = chain.mean(
            lambda sites, site=site: waiting(site, sites)
        )
    return found


@pytest.mark.parametrize("by", sorted(WAYS))
def test_steady_state(by: str, test_seed: int) -> None:
    table = simcc.simulate(
        center(("north", "south"), by), replications=MANY, seed=test_seed
    ).summary()
    found = table.set_index(["scope", "metric"])
    for key, value in exact(by).items():
        row = found.loc[key]
        assert row["std_error"] < 0.3 * value  # it can fail
        assert abs(row["estimate"] - value) < SEVERAL * row["std_error"], key


def test_the_chains_tell_the_ways_apart() -> None:
    """The slow site's queue is much shorter where its speed counts."""
    delay, length = (
        exact(by)["type:south", "mean_queue"] for by in ("queue_length", "fewest_waiting")
    )
    assert abs(delay / length - 1) > 0.5


def contacts_of(by: str, hours: dict[str, Any], arrivals: list[float]) -> Any:
    """The log of calls of 100 s that arrive at these instants."""
    times = simcc.TraceArrivals(times=arrivals)
    law = simcc.Constant(value=100.0)
    scenario = simcc.Scenario(
        horizon=simcc.Horizon(length=1000, interval=1000),
        contact_types=[
            simcc.ContactType(name="calls", arrivals=times, talk_time=law),
            simcc.ContactType(name="north", talk_time=law, hours=hours.get("north")),
            simcc.ContactType(name="south", talk_time=law, hours=hours.get("south")),
        ],
        agent_groups=[
            simcc.AgentGroup(name=name, skills=[name], staff=simcc.FixedStaff(agents=1))
            for name in ("north", "south")
        ],
        routing=simcc.Routing(
            queue_choice={"calls": simcc.QueueChoice(among=["north", "south"], by=by)}
        ),
    )
    return simcc.simulate(scenario, replications=1, seed=0, record="contacts").contacts()


def queues(log: Any) -> str:
    return "".join(str(name)[0] for name in log["queue_type"])


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        # north and south busy until 100 and 110; those who wait count
        ("fewest_waiting", "nsnsns"),
        ("queue_length", "nsnsns"),
        # the heads have waited 0 and 0, 10 and 0, 20 and 10, 30 and 20 s
        ("head_of_line", "nsnsss"),
        # nobody has waited yet, so that all estimates are 0: the first in the list
        ("last_answered", "nsnnnn"),
    ],
)
def test_by_hand(by: str, expected: str) -> None:
    log = contacts_of(by, {}, [0.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    assert queues(log) == expected


def test_the_site_with_more_idle_agents_comes_first() -> None:
    three = center(("north", "south"), "queue_length", arrivals=6.0)
    log = simcc.simulate(three, replications=2, seed=3, record="contacts").contacts()
    first = log.groupby("replication").head(1)
    assert set(first["queue_type"]) == {"south"}  # three agents are idle there, two in the north


def test_a_closed_queue_comes_last() -> None:
    hours = {"north": simcc.Hours(open=[(0, 15)], outside="turned_away")}
    assert queues(contacts_of("fewest_waiting", hours, [0.0, 10.0, 20.0, 30.0])) == "nsss"


def test_the_same_customers_however_they_choose(test_seed: int) -> None:
    logs = [
        simcc.simulate(
            center(("north", "south"), by), replications=1, seed=test_seed, record="contacts"
        ).contacts()
        for by in sorted(WAYS)
    ]
    works = []
    for log in logs:
        speed = log["queue_type"].map(dict(zip(("north", "south"), SPEED, strict=True)))
        works.append((log["left_at"] - log["answered_at"]) * speed.astype(float))
    np.testing.assert_array_equal(logs[0]["arrived_at"], logs[1]["arrived_at"])
    both = works[0].notna() & works[1].notna()
    np.testing.assert_allclose(works[0][both], works[1][both], rtol=1e-6, atol=1e-6)
    assert (logs[0]["queue_type"] != logs[1]["queue_type"])[both].sum() > 100


REFUSED = [
    (("north", "nrth"), ["among[1]", '"nrth"', "no contact type"]),
    (("north", "north"), ["among[1]", '"north"', "already"]),
]


@pytest.mark.parametrize(("among", "words"), REFUSED)
def test_wrong_queues_are_refused(among: tuple[str, ...], words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError, match="queue_choice") as found:
        center(among, "queue_length")
    assert all(word in str(found.value) for word in words), str(found.value)


def test_one_queue_is_no_choice() -> None:
    with pytest.raises(simcc.ScenarioError, match="at least 2"):
        simcc.QueueChoice(among=["north"])


def test_what_does_not_fit_is_refused() -> None:
    good = center(("north", "south"), "queue_length")
    law = simcc.Exponential(mean=MEAN)
    two = {name: simcc.QueueChoice(among=["north", "south"]) for name in ("calls", "north")}
    chain = good.routing.replace(queue_choice=two)
    by_group = good.contact_types[1].replace(talk_time=None, talk_time_by_group={"north": law})
    skilled = good.agent_groups[0].replace(skills={"north": 1.0, "calls": 1.0})
    no_talk = good.contact_types[0].replace(talk_time=None)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"routing": chain}, ["calls.among[0]", '"north"', "chooses a queue itself"]),
        (
            {"contact_types": [good.contact_types[0], by_group, good.contact_types[2]]},
            ["calls.among[0]", '"north"', "talk times by group"],
        ),
        ({"agent_groups": [skilled, good.agent_groups[1]]}, ["north", "skills", '"calls"']),
        (
            {"contact_types": [no_talk, *good.contact_types[1:]]},
            ["calls", "talk_time", "missing"],
        ),
        ({"routing": simcc.Routing()}, ['"calls"', "cannot be served"]),
    ]
    for change, words in cases:
        with pytest.raises(simcc.ScenarioError) as found:
            good.replace(**change)
        assert all(word in str(found.value) for word in words), str(found.value)
