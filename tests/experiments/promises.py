"""How often what experiments promise comes true, where the truth is known."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import erlang_centers
import numpy as np
import pandas as pd

import simcc
from simcc.experiments.daily import DailySource
from simcc.experiments.hands import prepare
from simcc.experiments.selection import Selection, Source, kim_nelson, ocba
from simcc.metrics import Counters
from simcc.result.tables import summary_rows
from simcc.theory import erlang_a, erlang_c

CONFIDENCE = 0.95
Floats = np.ndarray


@dataclass(frozen=True)
class Promise:
    """How often something came true, and what it took on average."""

    what: str
    promised: float
    kept: int
    experiments: int
    effort: float

    @property
    def share(self) -> float:
        """Of the experiments in which it came true."""
        return self.kept / self.experiments

    @property
    def error(self) -> float:
        """Standard error of the share, were it as promised."""
        return float(np.sqrt(self.promised * (1 - self.promised) / self.experiments))


# ------------------------------------------------------------------- selection, normal observations


def normal_source(
    random: np.random.Generator, means: Floats, scatter: Floats, common: float
) -> Source:
    """Normal observations; a share ``common`` of each variance is the luck of the replication."""
    k = len(means)
    seen = np.empty((0, k))

    def observe(system: int, first: int, count: int) -> Floats:
        nonlocal seen
        while len(seen) < first + count:
            n = max(100, len(seen))
            luck = np.sqrt(common) * random.standard_normal((n, 1))
            own = np.sqrt(1 - common) * random.standard_normal((n, k))
            seen = np.concatenate([seen, means + scatter * (luck + own)])
        return seen[first : first + count, system]

    return observe


@dataclass(frozen=True)
class Case:
    """Systems of which the last is best by at least ``delta``."""

    name: str
    means: Floats
    scatter: Floats
    common: float
    delta: float


def selection_cases() -> list[Case]:
    """Least favourable means (all others ``delta`` below the best), and kinder ones."""
    two, five = np.array([0.0, 0.5]), np.array([0, 0, 0, 0, 0.5])
    close = 0.25  # where much luck is common, so that the first stage does not settle it
    spread = np.array([0.5, 1.0, 2.0, 1.0, 1.5])
    return [
        Case("2 systems, independent", two, np.ones(2), 0.0, 0.5),
        Case("2 systems, correlation 0.8", close * two / 0.5, np.ones(2), 0.8, close),
        Case("5 systems, independent", five, np.ones(5), 0.0, 0.5),
        Case("5 systems, correlation 0.8", close * five / 0.5, np.ones(5), 0.8, close),
        Case("5 systems, unequal variances", five, spread, 0.0, 0.5),
        Case("5 systems, means 0.5 apart", np.arange(5) / 2, np.ones(5), 0.0, 0.5),
    ]


def selections(
    case: Case, select: Callable[[Source, int], Selection], experiments: int, seed: int
) -> tuple[int, float]:
    """Return how often the last system was selected, and the mean replications of all."""
    random = np.random.default_rng(seed)
    kept, effort = 0, 0
    for _ in range(experiments):
        source = normal_source(random, case.means, case.scatter, case.common)
        found = select(source, len(case.means))
        kept += found.best == len(case.means) - 1
        effort += int(found.replications.sum())
    return kept, effort / experiments


def correct_selections(experiments: int, seed: int) -> list[Promise]:
    """KN on normal observations."""
    found = []
    for case in selection_cases():
        select = partial(kim_nelson, delta=case.delta, confidence=CONFIDENCE)
        kept, effort = selections(case, select, experiments, seed)
        found.append(Promise(case.name, CONFIDENCE, kept, experiments, effort))
    return found


def budget_case() -> Case:
    """Ten systems with means 1 apart and a standard deviation of 6, as in Chen et al. (2000)."""
    return Case("10 systems, N(i, 36)", np.arange(10.0), np.full(10, 6.0), 0.0, 1.0)


def equal_shares(source: Source, systems: int, *, budget: int) -> Selection:
    """The best mean of as many replications of each."""
    values = np.stack([source(i, 0, budget // systems) for i in range(systems)])
    n = np.full(systems, budget // systems)
    mean = values.mean(axis=1)
    return Selection(int(mean.argmax()), n, 0 * n, mean, values.std(axis=1, ddof=1), False)


def budgets(
    experiments: int, seed: int, budgets: Sequence[int] = (500, 1000, 2000)
) -> list[Promise]:
    """OCBA beside equal shares of the same budget."""
    found = []
    for budget in budgets:
        for name, select in (("equal shares", equal_shares), ("OCBA", ocba)):
            kept, effort = selections(
                budget_case(), partial(select, budget=budget), experiments, seed
            )
            found.append(Promise(f"{name}, {budget}", np.nan, kept, experiments, effort))
    return found


# ------------------------------------------------------------------------ selection, small centers


def talking(talk: float) -> simcc.Scenario:
    """Six agents whose talks take so long on average; whoever needs longest loses most."""
    center = erlang_centers.center(6)
    voice = center.contact_types[0].replace(talk_time=simcc.Exponential(mean=talk))
    return center.replace(contact_types=[voice])


TALKS = {"own customers": (180.0, 180.0, 180.0, 172.0), "same customers": (180, 180, 180, 179)}


def losses(talks: Sequence[float]) -> Floats:
    """Exact shares that abandon in centers with such talks."""
    exact = (erlang_a(6, erlang_centers.RATE, x, erlang_centers.PATIENCE) for x in talks)
    return np.array([one.p_abandon for one in exact])


def rankings(experiments: int, seed: int) -> list[Promise]:
    """Four centers by abandonment, three of them equal, with the exact difference as delta.

    With own customers the four have seeds of their own; with the same it is ``simcc.rank``.
    """
    found = []
    for customers, talks in TALKS.items():
        loss = losses(talks)
        delta = float(loss[0] - loss[-1])
        scenarios = {f"center {i}": talking(talk) for i, talk in enumerate(talks)}
        kept, effort = 0, 0
        for e in range(experiments):
            if customers == "same customers":
                ranking = simcc.rank(scenarios, "abandonment", delta=delta, seed=seed + e)
                kept += ranking.selected == "center 3"
                effort += int(ranking.table()["replications"].sum())
            else:
                own = independent(scenarios, seed + 4 * e)
                selection = kim_nelson(own, len(scenarios), delta=delta, confidence=CONFIDENCE)
                kept += selection.best == 3
                effort += int(selection.replications.sum())
        name = f"4 Erlang A centers, {customers}"
        found.append(Promise(name, CONFIDENCE, kept, experiments, effort / experiments))
    return found


def independent(scenarios: dict[str, simcc.Scenario], seed: int) -> Source:
    """Days of each scenario from a seed of its own; the smallest share that abandons is best."""
    sources = [
        DailySource(prepare({name: one}, seed + i), "abandonment", "all", -1.0)
        for i, (name, one) in enumerate(scenarios.items())
    ]
    return lambda system, first, count: sources[system](0, first, count)


# ---------------------------------------------------------------------------------- intervals


AGENTS = (5, 6, 7, 8)
METRICS = ("service_level_20s_offered", "asa", "abandonment", "occupancy")
SIZE = 20  # replications of an experiment


def exact_values(agents: int) -> dict[str, float]:
    """Exact figures of a center."""
    of = erlang_centers.exact(agents)
    return {
        "service_level_20s_offered": of.service_level(20),
        "asa": of.asa,
        "abandonment": of.p_abandon,
        "occupancy": of.occupancy,
    }


def part_of(result: simcc.Result, replications: slice) -> simcc.Result:
    """Return a result of some of its replications; quantiles of waits are those of all."""
    sums = {
        field.name: getattr(result.sums, field.name)[replications]
        for field in dataclasses.fields(Counters)
        if field.name not in ("layout", "waits", "interval_waits")
    }
    return simcc.Result(result.scenario, dataclasses.replace(result.sums, **sums), seed=0)


def comparisons(
    experiments: int, seed: int
) -> Iterator[tuple[str, simcc.Comparison, dict[str, dict[str, float]]]]:
    """Experiments with four centers by both methods, with the exact figures of the centers."""
    results = {
        f"{n}": simcc.simulate(
            erlang_centers.center(n), replications=experiments * SIZE, seed=seed, workers=2
        )
        for n in AGENTS
    }
    exact = {f"{n}": exact_values(n) for n in AGENTS}
    for e in range(experiments):
        mine = {
            name: part_of(one, slice(e * SIZE, (e + 1) * SIZE)) for name, one in results.items()
        }
        for method in ("bonferroni", "tukey"):
            yield method, simcc.Comparison(mine, metrics=METRICS, method=method), exact  # type: ignore[arg-type]


def all_differences(experiments: int, seed: int) -> list[Promise]:
    """Whether all six intervals of four centers hold at once."""
    kept: Counter[tuple[str, str]] = Counter()
    widths: Counter[tuple[str, str]] = Counter()
    for method, comparison, exact in comparisons(experiments, seed):
        table = comparison.summary()
        for metric, rows in table[table["scope"] == "all"].groupby("metric", sort=False):
            pairs = zip(rows["scenario"], rows["against"], strict=True)
            true = np.array([exact[a][metric] - exact[b][metric] for a, b in pairs])
            kept[method, metric] += _all_hold(rows, true)
            widths[method, metric] += float((rows["high"] - rows["low"]).mean() / 2)
    return _promises(kept, widths, experiments)


def against_the_best(experiments: int, seed: int) -> list[Promise]:
    """Whether all four intervals of four centers against the best of the others hold at once."""
    kept: Counter[tuple[str, str]] = Counter()
    widths: Counter[tuple[str, str]] = Counter()
    for method, comparison, exact in comparisons(experiments, seed):
        table = comparison.with_the_best()
        for metric, rows in table[table["scope"] == "all"].groupby("metric", sort=False):
            best = max if metric.startswith("service_level") else min
            of = {name: one[metric] for name, one in exact.items()}
            true = np.array(
                [of[name] - best(of[x] for x in of if x != name) for name in rows["scenario"]]
            )
            kept[method, metric] += _all_hold(rows, true)
            widths[method, metric] += float((rows["high"] - rows["low"]).mean() / 2)
    return _promises(kept, widths, experiments)


def _all_hold(rows: pd.DataFrame, true: Floats) -> bool:
    return bool(((rows["low"].to_numpy() <= true) & (true <= rows["high"].to_numpy())).all())


def _promises(kept: Counter[Any], widths: Counter[Any], experiments: int) -> list[Promise]:
    return [
        Promise(f"`{m}`, {method}", CONFIDENCE, kept[method, m], experiments, width / experiments)
        for method in ("bonferroni", "tukey")
        for (of, m), width in widths.items()
        if of == method
    ]


def until_precise(experiments: int, seed: int) -> Iterator[Promise]:
    """``simulate_until`` on Erlang A, and beside it the same number of replications, fixed."""
    center = erlang_centers.center(6)
    for metric, first, half_width, relative in (
        ("asa", 5, 0.15, True),
        ("asa", 20, 0.15, True),
        ("asa", 20, 0.075, True),
        ("service_level_20s_offered", 20, 0.02, False),
    ):
        until = partial(
            simcc.simulate_until, center, metric, half_width=half_width, relative=relative,
            first=first,
        )  # fmt: skip
        width = f"{100 * half_width:g} %" + (" of it" if relative else "")
        found = _held(f"`{metric}`, {width}, first {first}", until, metric, experiments, seed)
        yield found
        fixed = partial(simcc.simulate, center, replications=round(found.effort))
        yield _held(f"`{metric}`, fixed", fixed, metric, experiments, seed)


def _held(
    what: str, run: Callable[..., simcc.Result], metric: str, experiments: int, seed: int
) -> Promise:
    """How often the interval of a metric holds its exact value, and the mean replications."""
    kept, effort, exact = 0, 0, exact_values(6)[metric]
    for e in range(experiments):
        result = run(seed=seed + e)
        rows = summary_rows(result.scenario, result.sums, CONFIDENCE, ("all",), {metric})
        kept += rows[0][3] <= exact <= rows[0][4]
        effort += result.replications
    return Promise(what, CONFIDENCE, int(kept), experiments, effort / experiments)


def steady_states(experiments: int, seed: int) -> Iterator[Promise]:
    """``steady_state`` on Erlang A and on Erlang C; effort is the mean warm-up in hours."""
    patient = erlang_centers.center(6)
    voice = patient.contact_types[0].replace(patience=None)
    waits = patient.replace(contact_types=[voice])
    asa = erlang_c(6, erlang_centers.RATE, erlang_centers.TALK).asa
    cases = [("Erlang A", patient, m, exact_values(6)[m], "20d", None) for m in METRICS]
    cases += [
        ("Erlang C", waits, "asa", asa, length, warmup)
        for length in ("20d", "80d")
        for warmup in (None, "6h")
    ]
    for name, center, metric, exact, length, warmup in cases:
        kept, effort = 0, 0.0
        for e in range(experiments):
            found = simcc.steady_state(center, metric, length=length, warmup=warmup, seed=seed + e)
            kept += found.low <= exact <= found.high
            effort += found.warmup / 3600
        how = "MSER-5" if warmup is None else f"warm-up of {warmup.removesuffix('h')} h given"
        what = f"{name}, `{metric}`, {length.removesuffix('d')} days, {how}"
        yield Promise(what, CONFIDENCE, int(kept), experiments, effort / experiments)
