"""Priority that ages: against Kleinrock's formula for one agent."""

from __future__ import annotations

import pytest

import simcc
from simcc.jit import ENABLED

TALK = 60.0  # s
RATES = {"slow": 20.0, "quick": 25.0}  # per hour
MANY = 40 if ENABLED else 10  # replications
SEVERAL = 5.0  # standard errors


def mean_waits(ageing: dict[str, float]) -> dict[str, float]:
    """Mean waits in M/M/1 where the priority of a class grows by its rate per s of waiting.

    L. Kleinrock (1964), A delay dependent queue discipline, Naval Research Logistics Quarterly 11:
    W_p = (W_0 / (1 - rho) - sum over lower i of rho_i W_i (1 - b_i / b_p)) /
    (1 - sum over higher i of rho_i (1 - b_p / b_i)).
    """
    load = {name: rate / 3600 * TALK for name, rate in RATES.items()}
    rho = sum(load.values())
    waits: dict[str, float] = {}
    in_order = sorted(ageing, key=ageing.__getitem__)
    for name in in_order:
        own = ageing[name]
        lower = [one for one in in_order if ageing[one] < own]
        higher = [one for one in in_order if ageing[one] > own]
        above = rho * TALK / (1 - rho)
        above -= sum(load[one] * waits[one] * (1 - ageing[one] / own) for one in lower)
        waits[name] = above / (1 - sum(load[one] * (1 - own / ageing[one]) for one in higher))
    return waits


@pytest.mark.parametrize("times", [1.0, 3.0, 20.0])
def test_waits_of_two_types_whose_priority_ages(times: float, test_seed: int) -> None:
    ageing = {"slow": 1.0, "quick": times}
    kinds = [
        simcc.ContactType(
            name=name,
            arrivals=simcc.PoissonArrivals(rate_per_hour=rate),
            talk_time=simcc.Exponential(mean=TALK),
        )
        for name, rate in RATES.items()
    ]
    staff = simcc.FixedStaff(agents=1)
    of = simcc.Scenario(
        horizon=simcc.Horizon(length="420h", interval="400h", warmup="15h", cooldown="5h"),
        contact_types=kinds,
        agent_groups=[simcc.AgentGroup(name="agent", skills=list(RATES), staff=staff)],
        routing=simcc.Routing(policy=simcc.WeightBased(wait_weight=ageing)),
    )
    table = simcc.simulate(of, replications=MANY, seed=test_seed).summary()
    table = table.set_index(["scope", "metric"])
    for name, wait in mean_waits(ageing).items():
        row = table.loc[f"type:{name}", "mean_wait"]
        assert abs(row.estimate - wait) < SEVERAL * row.std_error
