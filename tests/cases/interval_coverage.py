"""How often the 95 % intervals of ``result.summary()`` hold the true value, on Erlang A."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

import simcc
from simcc.theory import ErlangA, erlang_a

AGENTS, RATE, TALK, PATIENCE = 10, 200.0, 180.0, 120.0
THRESHOLD = 20.0
LEVEL = 0.95
Key = tuple[str, str]  # scope, metric


def scenario() -> simcc.Scenario:
    """Return Erlang A: an hour to settle, two that count, one to finish undisturbed."""
    return simcc.Scenario(
        name="Erlang A",
        horizon=simcc.Horizon(length="4h", interval="1h", warmup="1h", cooldown="1h"),
        contact_types=[
            simcc.ContactType(
                name="voice",
                arrivals=simcc.PoissonArrivals(rate_per_hour=RATE),
                talk_time=simcc.Exponential(mean=TALK),
                patience=simcc.Exponential(mean=PATIENCE),
            )
        ],
        agent_groups=[
            simcc.AgentGroup(name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=AGENTS))
        ],
        thresholds=[THRESHOLD],
    )


def true_values() -> dict[Key, float]:
    """Return the exact values of the metrics that are looked at."""
    exact = erlang_a(AGENTS, RATE, TALK, PATIENCE)
    of_type = {
        "p_wait": exact.p_wait,
        "abandonment": exact.p_abandon,
        "asa": exact.asa,
        "mean_wait": exact.mean_wait_time,
        "mean_wait_abandoned": exact.mean_wait_time_abandoned,
        "mean_queue": exact.mean_queue,
        "wait_p90": _quantile(exact, "handled", 0.9),
        "wait_served_p90": _quantile(exact, "served", 0.9),
    }
    for denominator in ("offered", "served", "excluding_short_abandons", "handled"):
        name = f"service_level_{THRESHOLD:g}s_{denominator}"
        of_type[name] = exact.service_level(THRESHOLD, denominator)  # type: ignore[arg-type]
    return {
        **{("type:voice", name): value for name, value in of_type.items()},
        ("group:agents", "occupancy"): exact.occupancy,
        ("all", "served"): RATE * 2 * exact.p_served,
    }


def _quantile(exact: ErlangA, denominator: str, p: float) -> float:
    """Wait that a share p of the served, or of the served and the abandoned, do not exceed."""
    return float(brentq(lambda x: exact.service_level(x, denominator) - p, 0.0, 3600.0))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Coverage:
    """What the intervals of one metric did: how many held the true value, how wide they were."""

    key: Key
    truth: float
    held: int
    experiments: int
    mean_half_width: float
    bias: float

    @property
    def share(self) -> float:
        """Share of the intervals that hold the true value."""
        return self.held / self.experiments

    @property
    def error(self) -> float:
        """Standard error of the share, were the intervals exact."""
        return float(np.sqrt(LEVEL * (1 - LEVEL) / self.experiments))


def measure(experiments: int, replications: int, seed: int) -> list[Coverage]:
    """Repeat an experiment with fresh seeds and count the intervals that hold the truth."""
    truth = true_values()
    low, high, middle = (np.empty((experiments, len(truth))) for _ in range(3))
    for i, table in enumerate(_summaries(experiments, replications, seed)):
        for j, key in enumerate(truth):
            middle[i, j], low[i, j], high[i, j] = table[key]
    values = np.array(list(truth.values()))
    held = ((low <= values) & (values <= high)).sum(axis=0)
    return [
        Coverage(
            key, value, int(held[j]), experiments,
            float((high[:, j] - low[:, j]).mean() / 2), float(middle[:, j].mean() - value),
        )
        for j, (key, value) in enumerate(truth.items())
    ]  # fmt: skip


def _summaries(
    experiments: int, replications: int, seed: int
) -> Iterator[dict[Key, tuple[float, float, float]]]:
    center = scenario()
    for i in range(experiments):
        result = simcc.simulate(center, replications=replications, seed=seed + i)
        table = result.summary(level=LEVEL)
        columns = (table[name] for name in ("scope", "metric", "estimate", "low", "high"))
        yield {
            (scope, metric): (estimate, low, high)
            for scope, metric, estimate, low, high in zip(*columns, strict=True)
        }


def to_markdown(found: list[Coverage]) -> str:
    """Return the measurement as a table."""
    head = (
        "| scope | metric | exact | coverage | mean half-width |\n| --- | --- | --- | --- | --- |\n"
    )
    return head + "".join(
        f"| {one.key[0]} | `{one.key[1]}` | {one.truth:.6g} | {one.share:.1%} "
        f"| {one.mean_half_width:.3g} |\n"
        for one in found
    )


if __name__ == "__main__":
    print(to_markdown(measure(experiments=2000, replications=20, seed=1)))
