"""Reference instances: they run, their arguments are checked, and published results are met."""

from __future__ import annotations

import math
from typing import Any

import numba
import pytest

import simcc
from simcc import instances
from simcc.counter_draws import uniform_at
from simcc.jit import ENABLED

DESIGNS = ("v_design", "n_design", "x_design", "w_design", "m_design")
MANY = 2000 if ENABLED else 40  # days
SEVERAL = 4.5  # standard errors of the difference


@pytest.mark.parametrize("name", instances.names())
def test_every_instance_runs(name: str) -> None:
    of = getattr(instances, name)()
    result = simcc.simulate(of, replications=2, seed=1)
    assert float(result.sums.total("arrivals").sum()) > 0
    assert getattr(instances, name)() == of


@pytest.mark.parametrize("name", DESIGNS)
def test_every_design_takes_a_policy_and_lines(name: str) -> None:
    of = getattr(instances, name)(policy="round_robin", lines=9, length="30min", patience=None)
    assert of.routing.policy == simcc.RoundRobin()
    assert (of.lines, of.horizon.length, of.horizon.interval) == (9, 1800.0, 1800.0)
    assert all(kind.patience is None for kind in of.contact_types)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rates_per_hour": (1, 2, 3)}, ["rates_per_hour", "3 entries", "2", "'a', 'b'"]),
        ({"agents": (4,)}, ["agents", "1 entries", "2", "'g1', 'g2'"]),
        ({"talk_times": ("3min",)}, ["talk_times", "1 entries", "2"]),
    ],
)
def test_wrong_numbers_of_entries_are_refused(given: Any, words: list[str]) -> None:
    with pytest.raises(simcc.SimulationError) as caught:
        instances.n_design(**given)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("given", "word"),
    [({"agents": (4, -1)}, "agents"), ({"away_speed": 0}, "skills"), ({"patience": -3}, "mean")],
)
def test_wrong_values_are_refused(given: Any, word: str) -> None:
    with pytest.raises(simcc.ScenarioError, match=word):
        instances.n_design(**given)


# ---------------------------------------------------------------------- published results


def agree(of: simcc.Scenario, published: dict[Any, tuple[float, float]], seed: int) -> None:
    """Means of the scenario's days equal the published means, given with their standard errors."""
    table = simcc.simulate(of, replications=MANY, seed=seed).summary()
    table = table.set_index(["scope", "metric"])
    for key, (value, error) in published.items():
        row = table.loc[key]
        both = math.hypot(row.std_error, error)
        assert abs(row.estimate - value) < SEVERAL * both, (key, value, row.estimate, both)


def a_day(mean: float, deviation: float) -> tuple[float, float]:
    """Mean of one of the five days of a week and its standard error, of 1000 weeks."""
    return mean / 5, deviation / 5 / math.sqrt(1000)


def test_telethon_as_published(test_seed: int) -> None:
    """Listing Telethon.res: served, and gone without by themselves (abandoned, messages)."""
    published = {
        ("all", "served"): a_day(963.109, 27.984),
        ("all", "abandoned"): a_day(31.820 + 4.960, 10.437 + 2.973),
        ("all", "closed"): a_day(0.280, 0.718),
    }
    agree(instances.telethon(), published, test_seed)


def as_in_the_original(
    type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state
):  # fmt: skip
    """Ranks for savings and checking; calls about the balance go to any idle agent."""
    if wait > 0.0:  # an agent is free: the own type first, then the longest wait
        return wait + params[0] * (type == group)
    if type < 2:
        return params[0] * (type == group)
    u = uniform_at(state[0], state[1] * 2 + group)
    return math.log(1.0 - u) / n_idle[group]


def count(type, group, wait, idle, queue_lengths, n_idle, n_busy, params, state):
    state[1] += 1.0


def test_bank_as_published(test_seed: int) -> None:
    """Listing Bank.res, with the original's rule for the balance as a policy with memory."""
    form = numba.njit if ENABLED else lambda function: function
    policy = simcc.CustomPolicy(
        score=form(as_in_the_original), params=[1e6], state=[0, 0], update=form(count), random=True
    )
    of = instances.bank()
    published = {
        ("type:savings", "abandoned"): a_day(0.017, 0.129),
        ("type:checking", "abandoned"): a_day(0.161, 0.501),
        ("type:balance", "abandoned"): a_day(5.357, 5.133),
        ("type:checking", "blocked"): a_day(0.756 + 0.006, 1.172 + 0.077),
        ("type:balance", "blocked"): a_day(1.826 + 0.017, 2.245 + 0.157),
        ("group:savings specialists", "occupancy"): (0.25353, 0.0116 / math.sqrt(1000)),
        ("group:checking specialists", "occupancy"): (0.43093, 0.0127 / math.sqrt(1000)),
    }
    agree(of.replace(routing=simcc.Routing(policy=policy)), published, test_seed)
