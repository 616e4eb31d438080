"""Expected counters of a Markov case, and from them the exact values of its metrics.

Contact counters belong to the interval of arrival: each interval's contacts are followed on into
the later ones, across the changes of staff, and after the last edge until nobody waits.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from chain_center import Center
from chains import Chain, Moves, chains_of, solver, step_between, uniformise
from counters import thresholds_of, value
from scipy.special import roots_genlaguerre

EDGE_NODES = 12  # of the quadrature over arrivals less than a threshold before an edge
FACTOR_NODES = 16  # of the quadrature over a day factor
MOST_LOST = 1e-9  # share of contacts that the cap on the queue may lose
Counts = dict[str, float]


def exact_values(case: dict[str, Any], cap: int = 40) -> Counts:
    """Return the exact value of every metric of a case, by name.

    Parameters
    ----------
    case : dict
    cap : int
        Most waiting in each class in the chain.
    """
    found = expected_counters(case, cap)
    return {one["name"]: value(one, found) for one in case["metrics"]}


def expected_counters(case: dict[str, Any], cap: int = 40) -> Counts:
    """Return the expectation of every counter of a replication."""
    if case["regime"]["kind"] == "steady_state":
        return _steady(case, cap)
    factors = [(one["arrivals"] or {}).get("day_factor") for one in case["model"]["types"]]
    factor = next((one for one in factors if one), None)
    return _transient(case, cap) if factor is None else _mixed(case, cap, factor["cv"])


def _steady(case: dict[str, Any], cap: int) -> Counts:
    center = Center(case["model"], 0, [0.0, math.inf], cap)
    chain = Chain(center, [center.empty()])
    at = chain.steady()
    sums = Sums(thresholds_of(case))
    sums.add("window_s", None, 1.0)
    sums.count(chain, at, None)
    for c, of in enumerate(center.classes):
        tagged, joining = chain.tagged[c], at @ chain.tagged[c].joins
        if not joining.sum():
            continue
        spent = tagged.total(joining)
        sums.leave(of.type, None, spent, tagged.total(spent), tagged.served, tagged.abandons)
        again = tagged.total(at @ tagged.repeats)
        Repeats(sums).leave(of.type, None, again, again, tagged.served, tagged.abandons)
        for x in sums.thresholds:
            _, time = uniformise(joining, tagged.generator, x)
            sums.within(of.type, None, x, time @ tagged.served, time @ tagged.abandons)
    window = case["regime"]["horizon_s"]
    return {name: mean * window for name, mean in sums.finish().items()}


def _mixed(case: dict[str, Any], cap: int, cv: float) -> Counts:
    """Mean over a gamma factor of mean 1, the same for all types."""
    shape = 1 / cv**2
    at, weight = roots_genlaguerre(FACTOR_NODES, shape - 1)
    found: Counts = defaultdict(float)
    for x, w in zip(at / shape, weight / math.gamma(shape), strict=True):
        if w > 1e-14:
            one = case | {"model": case["model"] | {"factor": x}}
            for name, mean in _transient(one, cap).items():
                found[name] += w * mean
    return found


def _transient(case: dict[str, Any], cap: int) -> Counts:
    edges = case["regime"]["interval_edges_s"]
    center = Center(case["model"], 0, edges, cap)
    day = Day.of(center)
    sums = Sums(thresholds_of(case))
    at = np.zeros(len(day.chains[0]))
    at[0] = 1.0
    for k, (chain, length) in enumerate(zip(day.chains, day.lengths, strict=False)):
        end, time = uniformise(at, chain.generator, length)
        sums.add("window_s", k, length)
        sums.count(chain, time, k)
        for c, of in enumerate(center.classes):
            tagged = chain.tagged[c]
            if tagged.joins.nnz:
                _follow(day, sums, k, c, of.type, at, tagged.joins)
                if tagged.repeats.nnz:
                    _follow(day, Repeats(sums), k, c, of.type, at, tagged.repeats)
                for x in sums.thresholds:
                    _within(day, sums, k, c, of.type, x, at)
        at = end @ day.changes[k].matrix(len(chain), len(day.chains[k + 1]))
    if center.bot:
        _from_bot_at_end(day, sums, at)
    return sums.finish()


def _from_bot_at_end(day: Day, sums: Sums, at: np.ndarray) -> None:
    """Add those who are at the bot when arrivals stop; they belong to no interval in particular.

    The published words leave open to which one, so cases ask for their totals only.
    """
    chain = day.chains[-1]
    moving = chain.generator.diagonal() < 0  # the empty center stays as it is
    inside = chain.generator[moving][:, moving]
    time = np.zeros(len(chain))
    time[moving] = solver((-inside).T.tocsc())(at[moving])
    sums.count_events(chain, time, None)
    for c, of in enumerate(chain.center.classes):
        tagged, joining = chain.tagged[c], time @ chain.tagged[c].joins
        spent = tagged.total(joining)
        sums.leave(of.type, None, spent, tagged.total(spent), tagged.served, tagged.abandons)
        for x in sums.thresholds:
            _, spent = uniformise(joining, tagged.generator, x)
            sums.within(of.type, None, x, spent @ tagged.served, spent @ tagged.abandons)


@dataclass(frozen=True)
class Day:
    """The chains of the intervals and of what follows, and the changes between them."""

    lengths: list[float]
    chains: list[Chain]
    changes: list[Moves]

    @classmethod
    def of(cls, center: Center) -> Day:
        """Build those of a case."""
        edges = center.edges
        chains = chains_of(center, len(edges) - 1)
        return cls(
            [b - a for a, b in pairwise(edges)],
            chains,
            [step_between(a, b) for a, b in pairwise(chains)],
        )

    def change(self, k: int, c: int) -> tuple[sp.csr_matrix, np.ndarray]:
        """How the waiting contacts of class c go over from interval k: on, or served at once."""
        before, after = self.chains[k].waiting(c), self.chains[k + 1].waiting(c)
        matrix, served, _ = self.changes[k].tagged(c, before, after)
        return matrix, served


def _follow(
    day: Day, sums: Sums | Repeats, k: int, c: int, t: str, at: np.ndarray, joins: sp.csr_matrix
) -> None:
    """Add what becomes of those of class c who begin to wait in interval k."""
    chain, tagged = day.chains[k], day.chains[k].tagged[c]
    n, m = len(chain), len(tagged.served)
    both = sp.bmat(
        [
            [chain.generator, joins, None],
            [None, tagged.generator, sp.identity(m)],
            [None, None, tagged.generator],
        ]
    ).tocsr()  # the last block is the number waiting times how long they have waited
    end, time = uniformise(np.concatenate([at, np.zeros(2 * m)]), both, day.lengths[k])
    sums.leave(t, k, time[n : n + m], time[n + m :], tagged.served, tagged.abandons)
    here, age = end[n : n + m], end[n + m :]
    for j in range(k + 1, len(day.chains)):
        matrix, served = day.change(j - 1, c)
        sums.add(f"{t}.served", k, here @ served)
        sums.add(f"{t}.wait_served_sum", k, age @ served)
        here, age = here @ matrix, age @ matrix
        tagged, m = day.chains[j].tagged[c], matrix.shape[1]
        if j == len(day.lengths):
            spent = tagged.total(here)
            aged = tagged.total(age + spent)
        else:
            both = sp.bmat([[tagged.generator, sp.identity(m)], [None, tagged.generator]]).tocsr()
            end, time = uniformise(np.concatenate([here, age]), both, day.lengths[j])
            here, age, spent, aged = end[:m], end[m:], time[:m], time[m:]
        sums.leave(t, k, spent, aged, tagged.served, tagged.abandons)


def _within(day: Day, sums: Sums, k: int, c: int, t: str, x: float, at: np.ndarray) -> None:
    """Add those of class c who arrive in interval k and leave the queue within x seconds."""
    chain, tagged = day.chains[k], day.chains[k].tagged[c]
    after = day.chains[k + 1].tagged[c]
    matrix, at_once = day.change(k, c)
    near, time = uniformise(at, chain.generator, day.lengths[k] - x)
    _, spent = uniformise(time @ tagged.joins, tagged.generator, x)
    served, abandoned = spent @ tagged.served, spent @ tagged.abandons
    nodes, weights = np.polynomial.legendre.leggauss(EDGE_NODES)
    for left, w in zip(x * (1 + nodes) / 2, x * weights / 2, strict=True):  # s before the edge
        there, _ = uniformise(near, chain.generator, x - left)
        here, spent = uniformise(w * (there @ tagged.joins), tagged.generator, left)
        _, later = uniformise(here @ matrix, after.generator, x - left)
        served += spent @ tagged.served + here @ at_once + later @ after.served
        abandoned += spent @ tagged.abandons + later @ after.abandons
    sums.within(t, k, x, served, abandoned)


class Sums:
    """Expected counters, added up by interval and for the whole run.

    Parameters
    ----------
    thresholds : list of float
    """

    def __init__(self, thresholds: list[float]) -> None:
        self.thresholds = thresholds
        self.found: Counts = defaultdict(float)

    def add(self, name: str, k: int | None, mean: float) -> None:
        """Add to a counter; k is the interval, None in a steady state."""
        self.found[name] += float(mean)
        if k is not None:
            self.found[f"{name}@{k}"] += float(mean)

    def count(self, chain: Chain, time: np.ndarray, k: int | None) -> None:
        """Add what is counted at once, and the time integrals; `time` is spent in each state."""
        for t in chain.center.types:
            for name in WAITS + tuple(name for names in NAMES.values() for name in names):
                self.add(name.format(t=t), k, 0.0)  # also what never happens
            for x in self.thresholds:
                self.within(t, k, x, 0.0, 0.0)
        for name, level in chain.levels.items():
            self.add(name, k, time @ level)
        self.count_events(chain, time, k)

    def count_events(self, chain: Chain, time: np.ndarray, k: int | None) -> None:
        """Add what is counted at once, without the time integrals."""
        for (what, t), rate in chain.counts.items():
            mean = float(time @ rate)
            for name in NAMES[what]:
                self.add(name.format(t=t), k, mean)
            if what == "answered_at_once":
                for x in self.thresholds:
                    self.within(t, k, x, mean, 0.0)
            if what == "balked":
                for x in self.thresholds:
                    self.within(t, k, x, 0.0, mean)

    def leave(
        self, t: str, k: int | None, spent: np.ndarray, aged: np.ndarray,
        served: np.ndarray, abandons: np.ndarray,
    ) -> None:  # fmt: skip
        """Add those who leave the queue: time spent in each tagged state, and that times wait."""
        self.add(f"{t}.served", k, spent @ served)
        self.add(f"{t}.abandoned", k, spent @ abandons)
        self.add(f"{t}.wait_served_sum", k, aged @ served)
        self.add(f"{t}.wait_abandoned_sum", k, aged @ abandons)

    def within(self, t: str, k: int | None, x: float, served: float, abandoned: float) -> None:
        """Add those who leave the queue within x seconds."""
        self.add(f"{t}.served_le_{x:g}", k, served)
        self.add(f"{t}.abandoned_le_{x:g}", k, abandoned)

    def finish(self) -> Counts:
        """Return the counters; refuse those of a chain that is cut too short."""
        if self.found["lost"] > MOST_LOST * self.found["all"]:
            raise ValueError(f"the cap loses {self.found['lost'] / self.found['all']:.2g}")
        for name in list(self.found):
            if "wait_served_sum" in name:
                both = self.found[name] + self.found[name.replace("served", "abandoned")]
                self.found[name.replace("served_", "")] = both
            if "_repeat" in name:
                first = self.found[name.replace("_repeat", "")] - self.found[name]
                self.found[name.replace("repeat", "first")] = first
        return self.found


class Repeats:
    """Takes what :class:`Sums` takes, of second and later attempts: those who abandon.

    Parameters
    ----------
    sums : Sums
        Where they are added.
    """

    def __init__(self, sums: Sums) -> None:
        self.sums = sums

    def add(self, name: str, k: int | None, mean: float) -> None:
        """Leave out those who are served as the number of agents changes."""

    def leave(
        self, t: str, k: int | None, spent: np.ndarray, aged: np.ndarray,
        served: np.ndarray, abandons: np.ndarray,
    ) -> None:  # fmt: skip
        """Add those who give up."""
        self.sums.add(f"{t}.abandoned_repeat", k, spent @ abandons)


WAITS = ("{t}.served", "{t}.abandoned", "{t}.wait_served_sum", "{t}.wait_abandoned_sum")
NAMES = {
    "offered": ("{t}.offered", "all"),
    "fresh": ("{t}.fresh",),
    "offered_repeat": ("{t}.offered_repeat",),
    "balked_repeat": ("{t}.abandoned_repeat",),
    "blocked": ("{t}.blocked",),
    "queued": ("{t}.queued",),
    "answered_at_once": ("{t}.served",),
    "answered_later": (),
    "balked": ("{t}.abandoned", "{t}.abandoned_evt"),
    "abandoned": ("{t}.abandoned_evt",),
    "bot_offered": ("bot.offered",),
    "bot_full": ("bot.full",),
    "lost_by_cap": ("lost",),
}
