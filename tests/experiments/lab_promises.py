"""How often intervals of sensitivities, tuning and shaken days hold the truth, from Erlang A."""

from __future__ import annotations

from collections.abc import Callable

import erlang_centers
from promises import CONFIDENCE, Promise
from scipy import integrate, stats

import simcc

AGENTS, DAYS = 6, 40
METRIC = "abandonment"
VOLUME = 0.1  # standard deviation of a shaken day's volume
HOURS = 2.0  # of a center's day that count


def lost(
    agents: int = AGENTS, rate: float = 1.0, talk: float = 1.0, patience: float = 1.0
) -> float:
    """The share that abandons, where rates and times are multiplied."""
    of = erlang_centers
    return simcc.theory.erlang_a(
        agents, of.RATE * rate, of.TALK * talk, of.PATIENCE * patience
    ).p_abandon


def sensitivities(experiments: int, seed: int) -> list[Promise]:
    """Intervals of derivatives, by factor; effort is the mean half-width."""
    step = 0.05
    truth: dict[str, tuple[simcc.experiments.factors.Factor, float]] = {
        "head count": (simcc.HeadCount("agents"), (lost(AGENTS + 1) - lost(AGENTS - 1)) / 2),
        "volume": (simcc.Volume(), _slope(lambda x: lost(rate=x), step)),
        "handle time": (simcc.HandleTime(), _slope(lambda x: lost(talk=x), step)),
        "patience": (simcc.Patience(step=step), _slope(lambda x: lost(patience=x), step)),
    }
    kept, width = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0.0)
    for e in range(experiments):
        found = simcc.sensitivity(
            erlang_centers.center(AGENTS), [one for one, _ in truth.values()], replications=DAYS,
            seed=seed + e, metrics=[METRIC],
        ).table()  # fmt: skip
        rows = found[found["scope"] == "all"]
        for (name, (_, true)), row in zip(truth.items(), rows.itertuples(), strict=True):
            kept[name] += bool(row.low <= true <= row.high)
            width[name] += float(row.high - row.low) / 2
    return [
        Promise(f"sensitivity to {name}", CONFIDENCE, kept[name], experiments, wide / experiments)
        for name, wide in width.items()
    ]


def _slope(value: Callable[[float], float], step: float) -> float:
    """The change per 1 % of a factor, by the difference that is also simulated."""
    return (value(1 + step) - value(1 - step)) / (2 * step) * 0.01


def fresh_estimates(experiments: int, seed: int) -> Promise:
    """What tuning says of its choice on fresh days; effort is the mean half-width."""

    def exact(agents: int) -> float:
        return HOURS * (30 * agents + 20 * erlang_centers.RATE * lost(agents))

    kept, width = 0, 0.0
    for e in range(experiments):
        found = simcc.tune(
            lambda values: erlang_centers.center(values["agents"]), {"agents": simcc.Integer(4, 9)},
            {"staff_cost": 1.0, "abandoned": 20.0}, goal="min", budget=120, fresh_replications=DAYS,
            seed=seed + e,
        )  # fmt: skip
        row = found.summary().set_index("figure").loc["objective, fresh"]
        kept += bool(row["low"] <= exact(found.best["agents"]) <= row["high"])
        width += float(row["high"] - row["low"]) / 2
    return Promise("fresh estimate of tuning", CONFIDENCE, kept, experiments, width / experiments)


def mixture() -> float:
    """The share that abandons where the volume of a day is normal around its mean."""

    def part(z: float, what: Callable[[float], float]) -> float:
        rate = 1 + VOLUME * z
        return float(rate * what(rate) * stats.norm.pdf(z))

    above = integrate.quad(part, -6, 6, args=(lambda rate: lost(rate=rate),))[0]
    return float(above / integrate.quad(part, -6, 6, args=(lambda rate: 1.0,))[0])


def shaken_days(experiments: int, seed: int) -> Promise:
    """Intervals of a metric over days of random volume; effort is the mean half-width."""
    true, kept, width = mixture(), 0, 0.0
    shocks = [simcc.VolumeShock(percent=100 * VOLUME)]
    for e in range(experiments):
        found = simcc.shake(
            erlang_centers.center(AGENTS), shocks, replications=DAYS, seed=seed + e,
            metrics=[METRIC], targets=[],
        ).table()  # fmt: skip
        row = found.iloc[0]
        kept += bool(row["after_low"] <= true <= row["after_high"])
        width += float(row["after_high"] - row["after_low"]) / 2
    return Promise("shaken days", CONFIDENCE, kept, experiments, width / experiments)
