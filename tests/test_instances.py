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
from simcc.metrics import service_level_parts

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


# Three types and two groups in three periods of two hours: the example SimpleMSK of the same
# library. Patience and talk depend on the period, so that a type is a type for each period here.
RATES = {"0": (4.2, 5.3, 3.2), "1": (5.1, 4.3, 4.8), "2": (6.3, 5.2, 4.8)}  # per min
ENDS, GIVES_UP = (0.5, 0.6, 0.4), (0.3, 0.4, 0.2)  # per min
BUSYNESS = 28.7  # shape of the gamma factor
PERIODS = range(3)


def three_types(routing: dict[str, Any]) -> simcc.Scenario:
    def kind(name: str, period: int) -> simcc.ContactType:
        rates = [60 * RATES[name][p] * (p == period) for p in PERIODS]
        busyness = simcc.Busyness(cv=1 / math.sqrt(BUSYNESS), shared="day")
        return simcc.ContactType(
            name=f"{name}.{period}",
            arrivals=simcc.RateArrivals(rates_per_hour=rates, busyness=busyness),
            talk_time=simcc.Exponential(mean=60 / ENDS[period]),
            patience=simcc.Exponential(mean=60 / GIVES_UP[period]),
        )

    def skills(names: str) -> list[str]:
        return [f"{name}.{period}" for name in names for period in PERIODS]

    def group(name: str, of: str, counts: list[int]) -> simcc.AgentGroup:
        staff = simcc.HeadCounts(counts=counts)
        return simcc.AgentGroup(name=name, skills=skills(of), staff=staff)

    return simcc.Scenario(
        horizon=simcc.Horizon(length="6h", interval="2h"),
        contact_types=[kind(name, period) for name in RATES for period in PERIODS],
        agent_groups=[group("g0", "01", [12, 18, 9]), group("g1", "12", [15, 20, 11])],
        routing=simcc.Routing(
            type_to_groups={
                f"{name}.{period}": options
                for name, options in routing["type_to_groups"].items()
                for period in PERIODS
            },
            group_to_types={
                group: [
                    simcc.TypeOption(type=f"{name}.{period}", rank=rank)
                    for name, rank in ranks.items()
                    for period in PERIODS
                ]
                for group, ranks in routing["group_to_types"].items()
            },
        ),
        thresholds=["20s"],
    )


def option(group: str, rank: int = 1, after: float = 0.0) -> simcc.GroupOption:
    return simcc.GroupOption(group=group, rank=rank, after=after)


LONGEST_WAIT = {
    "type_to_groups": {"1": [option("g0"), option("g1", 2)]},
    "group_to_types": {"g0": {"0": 1, "1": 1}, "g1": {"1": 1, "2": 1}},
}
# there a free agent takes the last type of its list that somebody waits of
OVERFLOW = {
    "type_to_groups": {"1": [option("g0"), option("g1", 2, after=12.0)]},
    "group_to_types": {"g0": {"0": 1, "1": 2}, "g1": {"1": 1, "2": 2}},
}
# listings SimpleMSK.res and SimpleMSKWithRerouting.res: mean and standard deviation over 1000 days
# of contacts served, abandoned, and answered within 20 s by type and period
PUBLISHED = {
    "longest wait": (
        LONGEST_WAIT,
        {
            "served": (4297.305, 437.605),
            "abandoned": (910.335, 551.164),
            "0.0": (170.154, 93.722),
            "0.1": (599.334, 83.392),
            "0.2": (15.490, 27.520),
            "1.0": (262.936, 134.377),
            "1.1": (511.648, 86.571),
            "1.2": (34.697, 55.230),
            "2.0": (259.806, 155.150),
            "2.1": (613.732, 99.046),
            "2.2": (24.888, 44.327),
        },
    ),
    "overflow": (
        OVERFLOW,
        {
            "served": (4274.426, 433.840),
            "abandoned": (933.214, 554.096),
            "0.0": (298.745, 30.117),
            "0.1": (595.270, 82.484),
            "0.2": (106.823, 29.504),
            "1.0": (383.203, 50.558),
            "1.1": (504.090, 82.433),
            "1.2": (121.441, 61.286),
            "2.0": (239.008, 158.435),
            "2.1": (611.550, 97.645),
            "2.2": (22.298, 42.372),
        },
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_three_types_as_published(name: str, test_seed: int) -> None:
    routing, published = PUBLISHED[name]
    of = three_types(routing)
    result = simcc.simulate(of, replications=MANY, seed=test_seed)
    within, _ = service_level_parts(20.0, "offered")
    found = {
        kind.name: sum(result.sums.by_type(part)[..., k].sum(axis=1) for part in within)
        for k, kind in enumerate(of.contact_types)
    }
    for outcome in ("served", "abandoned"):
        found[outcome] = result.sums.by_type(outcome).sum(axis=(1, 2))
    for key, (mean, deviation) in published.items():
        error = math.hypot(found[key].std() / math.sqrt(MANY), deviation / math.sqrt(1000))
        assert abs(found[key].mean() - mean) < SEVERAL * error, (key, mean, found[key].mean())
