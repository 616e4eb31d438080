"""How often the interval of a breaking point holds the true one."""

from __future__ import annotations

import erlang_centers
from promises import CONFIDENCE, Promise
from scipy.optimize import brentq

import simcc

AGENTS, SHARE = 7, 0.75


def true_point() -> float:
    """By how many percent the volume must rise for the target to break, from Erlang A."""

    def margin(percent: float) -> float:
        rate = erlang_centers.RATE * (1 + percent / 100)
        return erlang_centers.exact(AGENTS, rate).service_level(20) - SHARE

    return float(brentq(margin, 0, 100))


def coverage(experiments: int, seed: int) -> Promise:
    """Breaking points of the volume, each with a seed of its own; effort is the mean width."""
    true, kept, width = true_point(), 0, 0.0
    scenario = erlang_centers.center(AGENTS).replace(targets=[simcc.Target(share=SHARE, within=20)])
    for e in range(experiments):
        point = simcc.breaking_point(
            scenario, simcc.VolumeShock(percent=10), tolerance=1.0, replications=80, seed=seed + e
        )
        kept += point.low <= true <= point.high
        width += point.high - point.low
    return Promise("breaking point", CONFIDENCE, int(kept), experiments, width / experiments)
