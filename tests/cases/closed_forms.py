"""Cases whose laws are not made of phases, with exact values by formula and quadrature.

Laws are those of SciPy, so nothing here depends on simcc.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from own_models import (
    ONE,
    STEADY_REPLICATIONS,
    THRESHOLD,
    Case,
    day,
    exponential,
    group,
    kind,
    model,
    poisson,
    routing,
    steady,
)
from own_models import steps as steps_of
from scipy import stats
from scipy.integrate import quad

LAWS: dict[str, dict[str, Any]] = {
    "lognormal": {"dist": "lognormal", "mean_s": 100.0, "cv": 1.3},
    "weibull": {"dist": "weibull", "shape": 0.7, "scale_s": 80.0},
    "gamma": {"dist": "gamma", "shape": 2.5, "mean_s": 100.0},
    "erlang": {"dist": "erlang", "k": 2, "mean_s": 90.0},
    "hyperexponential": {
        "dist": "hyperexponential", "probs": [0.3, 0.7], "means_s": [200.0, 50.0]
    },
    "deterministic": {"dist": "deterministic", "value_s": 100.0},
}  # fmt: skip


EXPONENTIAL = {"exponential": exponential(100.0)}


def frozen(law: dict[str, Any]) -> Any:
    """Return a law of one smooth piece as a frozen law of SciPy."""
    if law["dist"] == "lognormal":
        sigma = math.sqrt(math.log(1 + law["cv"] ** 2))
        return stats.lognorm(sigma, scale=law["mean_s"] * math.exp(-(sigma**2) / 2))
    if law["dist"] == "weibull":
        return stats.weibull_min(law["shape"], scale=law["scale_s"])
    shape = {"gamma": "shape", "erlang": "k"}[law["dist"]]
    return stats.gamma(law[shape], scale=law["mean_s"] / law[shape])


def survival(law: dict[str, Any]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the survival function of any law."""
    if law["dist"] == "deterministic":
        return lambda t: np.where(np.asarray(t) < law["value_s"], 1.0, 0.0)
    if law["dist"] == "hyperexponential":
        pairs = list(zip(law["probs"], law["means_s"], strict=True))
        return lambda t: sum(p * np.exp(-np.asarray(t) / m) for p, m in pairs)
    return frozen(law).sf


def moments(law: dict[str, Any]) -> tuple[float, float]:
    """Return the first two moments of a law."""
    if law["dist"] == "deterministic":
        return law["value_s"], law["value_s"] ** 2
    if law["dist"] == "hyperexponential":
        pairs = list(zip(law["probs"], law["means_s"], strict=True))
        return sum(p * m for p, m in pairs), sum(2 * p * m * m for p, m in pairs)
    return frozen(law).mean(), frozen(law).moment(2)


def _with_values(case: Case, rows: dict[str, tuple[float, list[str], Any]]) -> Case:
    return case | {
        "metrics": [
            {"name": name, "exact": value, "num": num, "den": den}
            for name, (value, num, den) in rows.items()
        ]
    }


def one_agent(law: dict[str, Any]) -> Case:
    """M/G/1 without abandonment: Pollaczek and Khinchine."""
    mean, second = moments(law)
    rate = 0.6 / mean
    wait = rate * second / (2 * (1 - 0.6))
    case = steady(
        f"one-agent-{law['dist']}", f"One agent, {law['dist']} handling",
        model([kind("voice", poisson(rate * 3600), law, None)], [group("agents", 1, "voice")], ONE),
        replications=5 * STEADY_REPLICATIONS,
    )  # fmt: skip
    return _with_values(
        case,
        {
            "voice.p_wait": (0.6, ["voice.queued"], ["voice.offered"]),
            "voice.mean_wait_s": (wait, ["voice.wait_sum"], ["voice.offered"]),
            "voice.mean_queue": (rate * wait, ["voice.queue_time"], ["window_s"]),
            "agents.utilisation": (0.6, ["agents.busy_time"], ["agents.staffed_time"]),
        },
    )


def interrupted(law: dict[str, Any]) -> Case:
    """M/M/3 in which contacts of type A set those of B aside.

    A does not notice B; all together are a queue of one type. A contact of A interrupts if it finds
    nobody idle, but fewer than three of its own.
    """
    n, rates = 3, {"A": 40 / 3600, "B": 50 / 3600}
    both = sum(rates.values())
    probs = {name: _probability_of_waiting(n, rate * law["mean_s"])
             for name, rate in {**rates, "both": both}.items()}  # fmt: skip

    def queue(name: str, rate: float) -> float:
        load = rate * law["mean_s"] / n
        return probs[name] * load / (1 - load)

    queues = {"A": queue("A", rates["A"])}
    queues["B"] = queue("both", both) - queues["A"]
    tables = routing({"A": "G", "B": "G"}, {"G": "A B"}) | {"preemption": "resume"}
    case = steady(
        f"interrupted-{law['dist']}", "Two types, one agent group, A interrupts B",
        model([kind(name, poisson(rate * 3600), law, None) for name, rate in rates.items()],
              [group("G", n, "A", "B")], tables),
        replications=2 * STEADY_REPLICATIONS,
    )  # fmt: skip
    return _with_values(
        case,
        {
            "A.p_wait": (probs["A"], ["A.queued"], ["A.offered"]),
            "A.mean_queue": (queues["A"], ["A.queue_time"], ["window_s"]),
            "B.mean_queue": (queues["B"], ["B.queue_time"], ["window_s"]),
            "B.preemptions_per_s": (
                rates["A"] * (probs["both"] - probs["A"]), ["B.preemptions"], ["window_s"]
            ),
            "G.utilisation": (both * law["mean_s"] / n, ["G.busy_time"], ["G.staffed_time"]),
        },
    )  # fmt: skip


def _probability_of_waiting(n: int, load: float) -> float:
    """Erlang C."""
    terms = [load**i / math.factorial(i) for i in range(n)]
    last = load**n / math.factorial(n) / (1 - load / n)
    return last / (sum(terms) + last)


def impatient(law: dict[str, Any]) -> Case:
    """M/M/4+G: Baccelli and Hebuterne (1981), in the form of Zeltyn and Mandelbaum (2005).

    v is the wait of somebody of endless patience; a contact waits min(v, its patience).
    """
    n, rate, handling = 4, 130 / 3600, 120.0
    v, weight, spent = _nodes(law)
    patient = survival(law)(v)
    idle = sum((rate * handling) ** (j - n + 1) / math.factorial(j) for j in range(n))
    idle *= math.factorial(n - 1)
    density = rate * np.exp(rate * spent - n * v / handling)
    density /= idle + float(weight @ density)

    def mean(values: np.ndarray) -> float:
        return float(weight @ (density * values))

    p_wait, served = mean(np.ones_like(v)), 1 - mean(1 - patient)
    soon = v <= THRESHOLD
    at_once = 1 - p_wait
    served_soon = at_once + mean(patient * soon)
    gone_soon = mean(1 - np.where(soon, patient, survival(law)(THRESHOLD)))
    case = steady(
        f"patience-{law['dist']}", f"Four agents, {law['dist']} patience",
        model([kind("voice", poisson(rate * 3600), exponential(handling), law)],
              [group("agents", n, "voice")], ONE),
    )  # fmt: skip
    offered = ["voice.offered"]
    return _with_values(
        case,
        {
            "voice.p_wait": (p_wait, ["voice.queued"], offered),
            "voice.p_abandon": (1 - served, ["voice.abandoned"], offered),
            "voice.mean_wait_s": (mean(spent), ["voice.wait_sum"], offered),
            "voice.mean_wait_served_s": (
                mean(v * patient) / served, ["voice.wait_served_sum"], ["voice.served"]),
            "voice.sl_20_offered": (served_soon, ["voice.served_le_20"], offered),
            "voice.sl_20_handled": (
                served_soon + gone_soon, ["voice.served_le_20", "voice.abandoned_le_20"], offered),
            "agents.utilisation": (
                rate * served * handling / n, ["agents.busy_time"], ["agents.staffed_time"]),
        },
    )  # fmt: skip


def _nodes(law: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes v and weights of a quadrature, and the mean of min(v, patience).

    Panels are narrow near 0 and have edges where something jumps.
    """
    edges = np.concatenate([[0.0], np.geomspace(1e-6, 10, 60), np.arange(15, 6001, 5.0)])
    edges = np.union1d(edges, [THRESHOLD, *moments(law)[:1]])
    x, w = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2
    v, weight = edges[:-1, None] + half * (1 + x), half * w
    alive = survival(law)
    inside = (v - edges[:-1, None])[..., None] / 2  # from the edge of the panel to each node
    partial = (inside * w * alive(edges[:-1, None, None] + inside * (1 + x))).sum(axis=-1)
    whole = np.concatenate([[0.0], np.cumsum((weight * alive(v)).sum(axis=1))[:-1]])
    return v.ravel(), weight.ravel(), (whole[:, None] + partial).ravel()


def many_agents(law: dict[str, Any]) -> Case:
    """Nobody ever waits: M(t)/G/infinity on a day that starts empty.

    Somebody who arrives at u is busy in [a, b) for L(b - u) - L(a - u) seconds on average, where
    L(x) is the mean of min(x, handling).
    """
    edges, rates = [0.0, 600.0, 1200.0, 1800.0], [240, 60, 150]
    day_of = model(
        [kind("voice", steps_of(edges, rates), law, None)], [group("agents", 60, "voice")], ONE
    )
    alive, jump = survival(law), law.get("value_s")

    def area(x: float) -> float:  # integral of L over [0, x]
        if x <= 0:
            return 0.0
        points = [jump] if jump is not None and jump < x else None
        return float(quad(lambda t: (x - t) * alive(t), 0, x, points=points, limit=200)[0])

    rows = {}
    for k, (a, b) in enumerate(pairwise(edges)):
        total = sum(
            rate / 3600 * (area(b - c) - area(b - d) - area(a - c) + area(a - d))
            for rate, (c, d) in zip(rates, pairwise(edges), strict=True)
        )
        rows[f"agents.mean_busy@{k}"] = (total / (b - a), [f"agents.busy_time@{k}"], b - a)
    case = day(f"many-agents-{law['dist']}", f"Nobody waits, {law['dist']} handling", day_of, edges)
    return _with_values(case, rows)


CASES = {
    "own-one-agent": (one_agent, LAWS),
    "own-interrupted": (interrupted, EXPONENTIAL),
    "own-patience": (impatient, LAWS),
    "own-many-agents": (many_agents, ("lognormal", "weibull", "deterministic")),
}


def names() -> list[str]:
    """Return the names of the cases of this module."""
    return [f"{family}-{law}" for family, (_, laws) in CASES.items() for law in laws]


def case(name: str) -> Case:
    """Return a case with its exact values."""
    family, _, law = name.rpartition("-")
    return CASES[family][0]((LAWS | EXPONENTIAL)[law])
