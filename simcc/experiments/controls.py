"""Control variates: what comes in on a day, whose mean is known before anything is simulated."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import numpy as np

from simcc.arrivals_sampling import HOUR, rate_function
from simcc.buffers import Buffers
from simcc.engine.setup import Setup
from simcc.errors import SimulationError
from simcc.estimation import Floats
from simcc.model import ContactType, Horizon, MarkovArrivals, Scenario, TraceArrivals
from simcc.model.messages import shown, suggestion
from simcc.streams import Streams
from simcc.workload import queue_of

KINDS = ("arrivals", "offered_work")


@dataclass(frozen=True, eq=False)
class Control:
    """A control variate.

    Attributes
    ----------
    name : str
    values : float64 array, shape (R,)
        Of each replication.
    mean : float
        Their exact expectation.
    """

    name: str
    values: Floats
    mean: float


def controls(
    scenario: Scenario, seed: int, replications: range, wanted: Collection[str] | None
) -> list[Control]:
    """Return the controls of some replications, drawn again from their streams.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    replications : range
    wanted : collection of str, optional
        "arrivals" or "offered_work" of the whole center, or "arrivals:TYPE" of one type; by default
        those of the center whose mean is known.

    Raises
    ------
    SimulationError
        If there is no such control, or its mean is not known exactly, or it never varies.
    """
    names = _checked(scenario, wanted)
    arrivals, work = expectations(scenario)
    drawn = dict(zip(KINDS, _drawn(scenario, seed, replications), strict=True))
    found = []
    for name in names:
        kind, types = _of(scenario, name)
        mean = {"arrivals": arrivals, "offered_work": work}[kind]
        values = drawn[kind][:, types].sum(axis=1)
        found.append(Control(name, values, float(mean[types].sum())))
    if not any(one.values.std() > 0 for one in found):
        raise SimulationError(f"controls: {', '.join(names)} never vary, so they control nothing")
    return found


def _checked(scenario: Scenario, wanted: Collection[str] | None) -> list[str]:
    """Names of the controls; SimulationError unless their means are known."""
    if wanted is None:
        known = not any(_unknown_work(scenario, k) for k in _coming(scenario))
        return list(KINDS if known else KINDS[:1])
    if isinstance(wanted, str) or not isinstance(wanted, Collection) or not wanted:
        raise SimulationError(f"controls is {shown(wanted)}; it must be a list of names")
    for name in wanted:
        kind, types = _of(scenario, name)
        for k in types if kind == "offered_work" else []:
            if why := _unknown_work(scenario, k):
                of = scenario.contact_types[k].name
                raise SimulationError(
                    f'controls: the mean of "{name}" is not known: {why} ("{of}")'
                )
    return list(dict.fromkeys(wanted))


def _coming(scenario: Scenario) -> list[int]:
    """Types that come in by themselves."""
    return [k for k, kind in enumerate(scenario.contact_types) if kind.arrivals is not None]


def _of(scenario: Scenario, name: str) -> tuple[str, list[int]]:
    """Kind of a control and the types that it is about."""
    coming = _coming(scenario)
    names = [scenario.contact_types[k].name for k in coming]
    allowed = [*KINDS, *(f"{kind}:{one}" for kind in KINDS for one in names)]
    if name not in allowed:
        raise SimulationError(
            f"controls: there is no {shown(name)}; {suggestion(str(name), allowed)}"
        )
    kind, _, of = str(name).partition(":")
    return kind, [coming[names.index(of)]] if of else coming


def _unknown_work(scenario: Scenario, k: int) -> str:
    """Why the mean work of contacts of a type is not known; empty if it is."""
    queue = scenario.contact_types[queue_of(scenario, k)]
    if queue.talk_time_by_group:
        return "talk time depends on who serves"
    if queue.talk_time is None and queue.talk_time_by_interval is None:
        return "there is no talk time"
    return ""


# ------------------------------------------------------------------------------------ means


def expectations(scenario: Scenario) -> tuple[Floats, Floats]:
    """Return what is expected to come in during the window, of each type.

    Returns
    -------
    arrivals : float64 array, shape (types,)
        Contacts that come in by themselves.
    work : float64 array, shape (types,)
        Their talk and after-call work at speed 1 (s), the talk of those who give up included.
    """
    kinds, horizon = scenario.contact_types, scenario.horizon
    numbers, work = np.zeros(len(kinds)), np.zeros(len(kinds))
    first, last = horizon.window
    inside = np.arange(np.ceil(first / horizon.interval), np.ceil(last / horizon.interval))
    edges = np.unique([first, *(inside * horizon.interval), last])
    interval = (edges[:-1] / horizon.interval).astype(np.int64)
    for k in _coming(scenario):
        expected = expected_arrivals(kinds[k], horizon, edges)
        queue = kinds[queue_of(scenario, k)]
        wrap = queue.after_call_work.mean() if queue.after_call_work else 0.0
        numbers[k] = expected.sum()
        work[k] = expected @ (_mean_talk(queue)[np.minimum(interval, _last(queue))] + wrap)
    return numbers, work


def _laws(queue: ContactType) -> tuple[Floats, Floats]:
    """Mean talk time and scale by interval, as far as they differ."""
    one = [queue.talk_time] if queue.talk_time is not None else []
    means = [law.mean() for law in queue.talk_time_by_interval or one] or [0.0]
    return np.array(means), np.array(queue.talk_scale_by_interval or [1.0], np.float64)


def _last(queue: ContactType) -> int:
    return max(map(len, _laws(queue))) - 1


def _mean_talk(queue: ContactType) -> Floats:
    means, scale = _laws(queue)
    n = _last(queue) + 1
    return np.asarray(np.resize(means, n) * np.resize(scale, n))


def expected_arrivals(kind: ContactType, horizon: Horizon, edges: Floats) -> Floats:
    """Return how many contacts of a type are expected between edges (s), one number fewer."""
    arrivals = kind.arrivals
    if isinstance(arrivals, TraceArrivals):
        times = np.asarray(arrivals.times, np.float64)
        return np.diff(np.searchsorted(times, edges, side="left")).astype(np.float64)
    if isinstance(arrivals, MarkovArrivals):
        return np.diff(_expected_of_phases(arrivals, edges))
    rates = rate_function(arrivals, horizon)
    assert rates is not None
    cut = rates.cut(edges)
    numbers = np.diff(cut.edges) * (cut.left + cut.right) / 2
    place = np.searchsorted(edges, cut.edges[:-1], side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1)
    return np.asarray(np.bincount(place[inside], numbers[inside], len(edges) - 1), np.float64)


def _expected_of_phases(arrivals: MarkovArrivals, until: Floats) -> Floats:
    """Expected number up to some instants of a process that begins in its first phase.

    With phases that last m and m' on average, the first one holds at t with the probability
    ``m / (m + m') + m' / (m + m') exp(-t (1 / m + 1 / m'))``.
    """
    mean, other = arrivals.phase_means
    rate, other_rate = (x / HOUR for x in arrivals.rates_per_hour)
    share, speed = mean / (mean + other), 1 / mean + 1 / other
    in_first = share * until + (1 - share) * -np.expm1(-speed * until) / speed
    return np.asarray(other_rate * until + (rate - other_rate) * in_first)


# ----------------------------------------------------------------------------------- values


def _drawn(scenario: Scenario, seed: int, replications: range) -> tuple[Floats, Floats]:
    """Arrivals and work of each replication by type, shape (R, types)."""
    setup, streams, take = Setup(scenario), Streams(seed), Buffers().take
    first, last = scenario.horizon.window
    n_types = len(scenario.contact_types)
    numbers, sums = (np.zeros((len(replications), n_types)) for _ in range(2))
    for place, r in enumerate(replications):
        work = setup.workload.sample(streams, r, setup.laws, take)
        n = len(work) - work.n_calls
        arrived = work.arrived_at[:n]
        begin, end = np.searchsorted(arrived, [first, last], side="left")
        count = partial(np.bincount, work.contact_type[begin:end], minlength=n_types)
        numbers[place] = count()
        sums[place] = count(weights=(work.talk_time + work.wrap_time)[begin:end])
    return numbers, sums
