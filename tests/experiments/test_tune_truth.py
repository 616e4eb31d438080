"""Tuning finds optima that are known, and says honestly what they are worth."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import erlang_centers
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

import simcc
from simcc.theory import erlang_a

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from markov import Chain

HOURS = 2.0  # that count in a center of three hours
SEVERAL = 5.0  # standard errors


def figures(tuning: simcc.Tuning) -> pd.DataFrame:
    return tuning.summary().set_index("figure")


def center(values: dict[str, Any]) -> simcc.Scenario:
    return erlang_centers.center(values["agents"])


# ------------------------------------------------------------------------- optima that are known


def test_the_number_of_agents_that_costs_least_is_erlangs(test_seed: int) -> None:
    def exact(agents: int) -> float:
        p = erlang_centers.exact(agents).p_abandon
        return HOURS * (30 * agents + 20 * erlang_centers.RATE * p)

    found = simcc.tune(
        center, {"agents": simcc.Integer(2, 12)}, {"staff_cost": 1.0, "abandoned": 20.0},
        goal="min", budget=1200, seed=test_seed, fresh_replications=60, start={"agents": 4},
    )  # fmt: skip
    best = min(range(2, 13), key=exact)
    # a neighbour may only be chosen if the two are as good as equal
    slack = SEVERAL * figures(found).loc["objective, search", "std_error"]
    assert exact(found.best["agents"]) <= exact(best) + slack
    assert len(found.trials()) == 11
    assert exact(4) > exact(best) + slack, "the start is clearly worse"
    row = figures(found).loc["objective, fresh"]
    assert abs(row["estimate"] - exact(found.best["agents"])) < SEVERAL * row["std_error"]
    gain = figures(found).loc["gain"]
    assert (
        abs(gain["estimate"] - exact(4) + exact(found.best["agents"])) < SEVERAL * gain["std_error"]
    )


def test_the_cheapest_that_meets_a_service_level_is_erlangs(test_seed: int) -> None:
    levels = {n: erlang_centers.exact(n).served_within(20) for n in range(3, 11)}
    bound = (levels[6] + levels[7]) / 2
    found = simcc.tune(
        center, {"agents": simcc.Integer(3, 10)}, "staff_cost", budget=1500, seed=test_seed,
        constraints=[simcc.AtLeast("service_level_20s_offered", bound)],
    )  # fmt: skip
    table = found.trials().set_index("agents")
    level = found.results["tuned"].summary().set_index(["scope", "metric"])
    error = level.loc[("all", "service_level_20s_offered"), "std_error"]
    assert (levels[7] - levels[6]) / 2 > SEVERAL * error, "the bound tells the two apart"
    assert found.best == {"agents": 7}
    assert found.feasible
    assert table["feasible"].tolist() == [n >= 7 for n in table.index]


def speedy(values: dict[str, Any]) -> simcc.Scenario:
    """Agents who work faster cost more, with the square of the speed."""
    speed = values["speed"]
    one = erlang_centers.center(5)
    group = one.agent_groups[0].replace(skills={"voice": speed}, cost_per_hour=20 * speed**2)
    return one.replace(agent_groups=[group])


def test_the_best_speed_is_that_of_the_formula(test_seed: int) -> None:
    pytest.importorskip("optuna")

    def exact(speed: float) -> float:
        p = erlang_a(5, erlang_centers.RATE, erlang_centers.TALK / speed, 120).p_abandon
        return HOURS * (5 * 20 * speed**2 + erlang_centers.RATE * 10 * p)

    found = simcc.tune(
        speedy, {"speed": simcc.Continuous(0.5, 2.0)}, {"staff_cost": 1.0, "abandoned": 10.0},
        goal="min", budget=2000, seed=test_seed, start={"speed": 2.0}, fresh_replications=100,
    )  # fmt: skip
    best = minimize_scalar(exact, bounds=(0.5, 2.0), method="bounded")
    assert 0.6 < best.x < 1.9, "the optimum is inside"
    slack = SEVERAL * figures(found).loc["objective, search", "std_error"]
    assert exact(found.best["speed"]) <= best.fun + slack
    assert exact(2.0) > best.fun + 3 * slack
    row = figures(found).loc["gain"]
    truth = exact(2.0) - exact(found.best["speed"])
    assert abs(row["estimate"] - truth) < SEVERAL * row["std_error"]


RATES, AGENTS, LINES, TALK, WAIT = (30.0, 60.0), 5, 14, 180.0, 60.0  # per h; s


def reserved(values: dict[str, Any]) -> simcc.Scenario:
    """Type b takes an agent only if some are idle."""
    kinds = [
        simcc.ContactType(
            name=name, arrivals=simcc.PoissonArrivals(rate_per_hour=rate), priority=place,
            talk_time=simcc.Exponential(mean=TALK), patience=simcc.Exponential(mean=WAIT),
        )
        for place, (name, rate) in enumerate(zip("ab", RATES, strict=True), start=1)
    ]  # fmt: skip
    group = simcc.AgentGroup(name="g", skills=["a", "b"], staff=simcc.FixedStaff(agents=AGENTS))
    needs = {"a": 1, "b": values["threshold"]}
    return simcc.Scenario(
        horizon=simcc.Horizon(length="22h", interval="1h", warmup="1h", cooldown="1h"),
        contact_types=kinds, agent_groups=[group], lines=LINES,
        routing=simcc.Routing(
            type_to_groups={
                name: [simcc.GroupOption(group="g", idle_needed=n)] for name, n in needs.items()
            },
            group_to_types={
                "g": [simcc.TypeOption(type=name, rank=i) for i, name in enumerate("ab")]
            },
        ),
    )  # fmt: skip


def served_in_chain(threshold: int) -> tuple[float, float]:
    """Contacts of each type served per hour, exactly."""
    mu, theta = 3600 / TALK, 3600 / WAIT

    def step(state: tuple[int, int, int]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        busy, a, b = state
        if busy + a + b < LINES:
            yield RATES[0], (busy + 1, a, b) if busy < AGENTS else (busy, a + 1, b)
            free = AGENTS - busy >= threshold
            yield RATES[1], (busy + 1, a, b) if free else (busy, a, b + 1)
        if a:
            yield a * theta, (busy, a - 1, b)
        if b:
            yield b * theta, (busy, a, b - 1)
        if not busy:
            return
        idle = AGENTS - busy + 1
        after = (busy - 1, a, b)
        if a:
            after = (busy, a - 1, b)
        elif b and idle >= threshold:
            after = (busy, a, b - 1)
        yield busy * mu, after

    chain = Chain((0, 0, 0), step)
    full = chain.mean(lambda s: sum(s) == LINES)
    waiting = [chain.mean(lambda s, i=i: s[i]) for i in (1, 2)]
    a, b = (rate * (1 - full) - theta * q for rate, q in zip(RATES, waiting, strict=True))
    return a, b


def test_the_best_reservation_is_that_of_the_exact_chain(test_seed: int) -> None:
    def exact(threshold: int) -> float:
        a, b = served_in_chain(threshold)
        return 20 * (6 * a + b)

    best = max(range(1, 6), key=exact)
    assert best in (2, 3, 4), "inside, so that it has to be found"
    found = simcc.tune(
        reserved, {"threshold": simcc.Integer(1, 5)},
        {("served", "type:a"): 6.0, ("served", "type:b"): 1.0},
        goal="max", budget=1000, seed=test_seed, fresh_replications=100,
    )  # fmt: skip
    slack = SEVERAL * figures(found).loc["objective, search", "std_error"]
    assert exact(found.best["threshold"]) >= exact(best) - slack
    assert min(exact(t) for t in range(1, 6)) < exact(best) - slack, "some are clearly worse"
    row = figures(found).loc["objective, fresh"]
    assert abs(row["estimate"] - exact(found.best["threshold"])) < SEVERAL * row["std_error"]


# ------------------------------------------------------------------------------------- optimism

STATIONS = 6


def helped(values: dict[str, Any]) -> simcc.Scenario:
    """Stations that are alike; one of them has few agents. Which one does not matter."""
    names = [f"s{i}" for i in range(STATIONS)]
    kinds = [
        simcc.ContactType(
            name=name, arrivals=simcc.PoissonArrivals(rate_per_hour=45),
            talk_time=simcc.Exponential(mean=180), patience=simcc.Exponential(mean=120),
        )
        for name in names
    ]  # fmt: skip
    groups = [
        simcc.AgentGroup(
            name=name,
            skills=[name],
            staff=simcc.FixedStaff(agents=3 if i == values["station"] else 20),
        )
        for i, name in enumerate(names)
    ]
    horizon = simcc.Horizon(length="90min", interval="30min", warmup="30min")
    return simcc.Scenario(horizon=horizon, contact_types=kinds, agent_groups=groups)


def expected_to_abandon() -> float:
    """In the hour that counts; of contacts by their arrival, so what comes later counts too."""
    few, many = (erlang_a(n, 45, 180, 120).p_abandon for n in (3, 20))
    return 45 * (few + (STATIONS - 1) * many)


def optimisms(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Optimism and fresh estimate of many searches."""
    rows = []
    for i in range(n):
        found = figures(
            simcc.tune(
                helped, {"station": simcc.Integer(0, STATIONS - 1)}, "abandoned", budget=24,
                first_stage=2, fresh_replications=4, seed=1000 * (seed % 10**6) + i,
            )
        )  # fmt: skip
        rows.append([found.loc[row, "estimate"] for row in ("optimism", "objective, fresh")])
    return np.array(rows).T


def check_optimism(n: int, seed: int) -> None:
    optimism, fresh = optimisms(n, seed)
    z = optimism.mean() / (optimism.std(ddof=1) / math.sqrt(n))
    assert z > 2.5, "the best of equals has been lucky"
    off = fresh.mean() - expected_to_abandon()
    assert abs(off) < SEVERAL * fresh.std(ddof=1) / math.sqrt(n)


def test_the_search_is_optimistic_and_the_fresh_estimate_is_not(test_seed: int) -> None:
    check_optimism(100, test_seed)


@pytest.mark.slow
def test_optimism_at_length(test_seed: int) -> None:
    check_optimism(1500, test_seed)


def test_alike_candidates_have_no_optimism_without_noise() -> None:
    """Nobody comes in: search and fresh estimates are the same."""
    one = erlang_centers.center(3, rate=0.0)
    place = "agent_groups.agents.staff.agents"
    found = figures(simcc.tune(one, {place: simcc.Integer(2, 4)}, "staff_cost", budget=60, seed=1))
    assert found.loc["optimism", ["estimate", "low", "high"]].tolist() == [0.0, 0.0, 0.0]
    assert found.loc["gain", "estimate"] == found.loc["start, fresh", "estimate"] / 3
