"""Erlang B, C and A against exact cases, high-precision sums and brute-force Markov chains."""

import json
import math
from pathlib import Path
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from simcc.theory import erlang_a, erlang_b, erlang_c, erlangs

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "public_cases.json"
# The cases print 12 significant digits.
PRINTED = 1e-11
DENOMINATORS = ("offered", "served", "handled", "excluding_short_abandons")


def load_case(name):
    """Return one exact case by its id, or skip where the file is not there."""
    if not CASES.exists():
        pytest.skip(f"exact cases are not at {CASES}")
    cases = json.loads(CASES.read_text())["cases"]
    return next(case for case in cases if case["id"] == name)


def solve_case(case):
    """Return the formula's answer for a case of one contact type and one agent group."""
    model = case["model"]
    [contact], [group] = model["types"], model["groups"]
    stream = (
        group["agents"],
        contact["arrivals"]["rate_per_hour"],
        contact["service"]["mean_s"],
    )
    if contact["patience"]:
        return erlang_a(*stream, contact["patience"]["mean_s"], model["lines"])
    return erlang_b(*stream) if model["lines"] == group["agents"] else erlang_c(*stream)


FIGURES = {
    "voice.offered_per_s": lambda q: q.rate_per_hour / 3600,
    "voice.p_wait": lambda q: q.p_wait,
    "voice.p_block": lambda q: q.p_block,
    "voice.p_abandon": lambda q: q.p_abandon,
    "voice.mean_wait_s": lambda q: getattr(q, "mean_wait_time", None) or q.asa,
    "voice.mean_wait_served_s": lambda q: q.asa,
    "voice.mean_wait_abandoned_s": lambda q: q.mean_wait_time_abandoned,
    "voice.mean_queue": lambda q: q.mean_queue,
    "agents.utilisation": lambda q: q.occupancy,
}


def figure(queue, metric):
    """Return the figure that a case calls `metric`."""
    if metric in FIGURES:
        return FIGURES[metric](queue)
    time, denominator = metric.removeprefix("voice.sl_").split("_", 1)
    if not hasattr(queue, "p_abandon"):
        return queue.service_level(float(time))
    denominator = denominator.replace("excl_short", "excluding_short")  # the cases' own word
    return queue.service_level(float(time), denominator)


@pytest.mark.parametrize(
    "name",
    [
        "anchor-erlang-b",
        "anchor-erlang-c",
        "anchor-erlang-a",
        "anchor-erlang-a-finite",
        "anchor-lognormal-loss",
    ],
)
def test_exact_cases(name):
    """Every metric of the single-queue cases, to the last printed digit."""
    case = load_case(name)
    queue = solve_case(case)
    for metric in case["metrics"]:
        expected = pytest.approx(metric["exact"], rel=PRINTED)
        assert figure(queue, metric["name"]) == expected, metric["name"]


def test_published_erlang_c():
    """The figures printed in the READMEs of pyworkforce and of the R package ErlangC."""
    queue = erlang_c(agents=14, rate_per_hour=200, mean_service_time=180)
    assert queue.p_wait == pytest.approx(0.1741319335950498, rel=1e-13)
    assert queue.service_level(20) == pytest.approx(0.8883500191794669, rel=1e-13)
    assert queue.asa == pytest.approx(7.83593701177724, rel=1e-13)
    assert queue.occupancy == pytest.approx(0.7142857142857143, rel=1e-13)


def test_published_erlang_a():
    """Figures quoted for the example of Garnett, Mandelbaum & Reiman (2002), as rounded there."""
    queue = erlang_a(50, rate_per_hour=2880, mean_service_time=60, mean_patience_time=120)
    assert round(queue.p_abandon, 3) == 0.031
    assert round(queue.mean_wait_time, 1) == 3.7
    assert round(queue.mean_queue) == 3
    assert round(queue.occupancy, 2) == 0.93


def high_precision_loss(agents, load):
    """Return Erlang B as the textbook ratio of sums, with 60 digits."""
    with mpmath.workdps(60):
        terms = [mpmath.mpf(1)]
        for k in range(1, agents + 1):
            terms.append(terms[-1] * mpmath.mpf(load) / k)
        return terms[-1] / mpmath.fsum(terms)


@pytest.mark.parametrize(
    ("agents", "rate"), [(1, 1.0), (7, 50.0), (100, 2500.0), (500, 5900.0), (900, 3000.0)]
)
def test_erlang_b_and_c_against_direct_sums(agents, rate):
    """Small and large systems, the last with blocking far below anything practical."""
    load = erlangs(rate, 300)
    exact = high_precision_loss(agents, load)
    # Each of the n steps of the recursion may round twice.
    rel = 4e-16 * agents + 1e-15
    loss = erlang_b(agents, rate, 300)
    assert loss.p_block == pytest.approx(float(exact), rel=rel)
    assert loss.occupancy == pytest.approx(float(load * (1 - exact) / agents), rel=rel)
    if load < agents:
        p_wait = agents * exact / (agents - load * (1 - exact))
        queue = erlang_c(agents, rate, 300)
        assert queue.p_wait == pytest.approx(float(p_wait), rel=rel)
        assert queue.asa == pytest.approx(float(p_wait * 300 / (agents - load)), rel=rel)


def high_precision_erlang_a(agents, load, ratio):
    """Return P(wait), mean queue and P(abandon) of M/M/n+M from its state sums, with 60 digits."""
    with mpmath.workdps(60):
        load, ratio = mpmath.mpf(load), mpmath.mpf(ratio)
        below, weight = mpmath.mpf(0), mpmath.mpf(1)
        for k in range(1, agents + 1):
            below += weight
            weight *= load / k
        busy, queue, j = weight, mpmath.mpf(0), 0
        while True:
            j += 1
            weight *= load / (agents + j * ratio)
            busy += weight
            queue += j * weight
            if weight * j < queue * mpmath.mpf(10) ** -40 and load < agents + j * ratio:
                break
        total = below + busy
        return float(busy / total), float(queue / total), float(ratio * queue / total / load)


@pytest.mark.parametrize(
    ("agents", "load", "ratio"),
    [
        (1, 0.01, 1.0),
        (10, 40.0, 0.05),
        (50, 48.0, 0.5),
        (100, 110.0, 0.02),
        (100, 99.0, 1e-4),
        (300, 100.0, 1.0),
        (400, 600.0, 0.05),
    ],
)
def test_erlang_a_against_direct_sums(agents, load, ratio):
    """From nearly idle to fifty percent overload, where weights leave the range of doubles."""
    p_wait, mean_queue, p_abandon = high_precision_erlang_a(agents, load, ratio)
    queue = erlang_a(agents, load * 3600 / 60, 60, 60 / ratio)
    # Logarithms of weights up to some hundreds are rounded to about 1e-13.
    assert queue.p_wait == pytest.approx(p_wait, rel=1e-11)
    assert queue.mean_queue == pytest.approx(mean_queue, rel=1e-11)
    assert queue.p_abandon == pytest.approx(p_abandon, rel=1e-11)


def stationary(rates):
    """Return the stationary law of a Markov chain from its transition rates.

    Elimination of Grassmann, Taksar & Heyman (1985): nothing is subtracted, so that even the
    rarest states have all their digits.
    """
    left = rates.copy()
    for k in range(len(rates) - 1, 0, -1):
        left[:k, k] /= left[k, :k].sum()
        left[:k, :k] += np.outer(left[:k, k], left[k, :k])
    p = np.ones(len(rates))
    for k in range(1, len(rates)):
        p[k] = p[:k] @ left[:k, k]
    return p / p.sum()


def brute_force(agents, rate_per_hour, service, patience, room, times):
    """Solve M/M/n/N+M by linear algebra: the chain of states, then that of a tagged contact."""
    rate, mu, theta = rate_per_hour / 3600, 1 / service, 1 / patience
    generator = np.zeros((room + 1, room + 1))
    for k in range(room):
        generator[k, k + 1] = rate
        generator[k + 1, k] = min(k + 1, agents) * mu + max(k + 1 - agents, 0) * theta
    p = stationary(generator)
    waiting = np.maximum(np.arange(room + 1) - agents, 0)
    result = SimpleNamespace(
        p_block=p[-1],
        p_wait=p[agents:-1].sum(),
        mean_queue=p @ waiting,
        p_abandon=theta * (p @ waiting) / rate,
        occupancy=p @ np.minimum(np.arange(room + 1), agents) / agents,
    )
    # Tagged contact: the number ahead of it falls to 0, then it is served; or it gives up.
    size = room - agents
    tagged = np.zeros((size + 2, size + 2))
    for ahead in range(size):
        onward = size if ahead == 0 else ahead - 1
        tagged[ahead, onward] = agents * mu + ahead * theta
        tagged[ahead, size + 1] = theta
    tagged -= np.diag(tagged.sum(axis=1))
    found = p[agents:room]
    stay = -tagged[:size, :size]
    served, left = (np.linalg.solve(stay, tagged[:size, size + i]) for i in (0, 1))
    at_once = p[:agents].sum()
    result.p_served = at_once + found @ served
    result.asa = found @ np.linalg.solve(stay, served) / result.p_served
    result.mean_wait_time_abandoned = found @ np.linalg.solve(stay, left) / (found @ left)
    result.mean_wait_time = found @ np.linalg.solve(stay, served + left) / (1 - p[-1])
    moves = [found @ expm(tagged * t)[:size] for t in times]
    result.served_within = [at_once + row[size] for row in moves]
    result.abandoned_within = [row[size + 1] for row in moves]
    return result


TIMES = (0.0, 5.0, 20.0, 120.0)


def assert_same(queue, exact):
    """Compare every figure and every service level with the linear algebra."""
    for name in ("p_block", "p_wait", "mean_queue", "p_abandon", "occupancy", "p_served", "asa"):
        assert getattr(queue, name) == pytest.approx(getattr(exact, name), rel=1e-10)
    for name in ("mean_wait_time", "mean_wait_time_abandoned"):
        assert getattr(queue, name) == pytest.approx(getattr(exact, name), rel=1e-10)
    for time, served, left in zip(TIMES, exact.served_within, exact.abandoned_within, strict=True):
        assert queue.served_within(time) == pytest.approx(served, abs=1e-10)
        assert queue.abandoned_within(time) == pytest.approx(left, abs=1e-10)
        levels = (served, served / exact.p_served, served + left, served / (1 - left))
        for denominator, level in zip(DENOMINATORS, levels, strict=True):
            assert queue.service_level(time, denominator) == pytest.approx(level, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    agents=st.integers(1, 12),
    places=st.integers(1, 25),
    load_per_agent=st.floats(0.2, 3.0),
    service=st.floats(20.0, 900.0),
    patience=st.floats(10.0, 5000.0),
)
def test_finite_room_against_brute_force(agents, places, load_per_agent, service, patience):
    """Any small M/M/n/N+M: state chain by linear solve, waits by matrix exponential."""
    rate = load_per_agent * agents * 3600 / service
    room = agents + places
    queue = erlang_a(agents, rate, service, patience, room)
    assert_same(queue, brute_force(agents, rate, service, patience, room, TIMES))


def test_unlimited_room_against_brute_force():
    """A room far larger than any queue that occurs stands in for no limit."""
    queue = erlang_a(20, 450, 180, 90)
    assert queue.p_block == 0
    assert_same(queue, brute_force(20, 450, 180, 90, 120, TIMES))


@pytest.mark.parametrize("room", [12, 40])
def test_no_abandonment_in_a_finite_room(room):
    """M/M/n/N, overloaded: infinite patience against a patience too long to matter."""
    queue = erlang_a(10, 300, 180, math.inf, room)
    exact = brute_force(10, 300, 180, 1e12, room, TIMES)
    assert queue.p_abandon == 0
    assert math.isnan(queue.mean_wait_time_abandoned)
    for name in ("p_block", "p_wait", "asa", "mean_queue", "occupancy", "mean_wait_time"):
        assert getattr(queue, name) == pytest.approx(getattr(exact, name), rel=1e-8)
    for time, served in zip(TIMES, exact.served_within, strict=True):
        assert queue.served_within(time) == pytest.approx(served, abs=1e-9)


STREAMS = {
    "rate": st.floats(1.0, 3000.0),
    "service": st.floats(10.0, 1000.0),
    "patience": st.floats(5.0, 1e5),
}


@settings(max_examples=100, deadline=None)
@given(agents=st.integers(1, 300), places=st.none() | st.integers(0, 50), **STREAMS)
def test_erlang_a_balances(agents, places, rate, service, patience):
    """Outcomes, computed one by one, add up to the offered contacts; Little's law; late limits."""
    queue = erlang_a(agents, rate, service, patience, None if places is None else agents + places)
    assert queue.p_served + queue.p_abandon + queue.p_block == pytest.approx(1, abs=1e-10)
    entered = rate / 3600 * (1 - queue.p_block)
    assert queue.mean_queue == pytest.approx(entered * queue.mean_wait_time, rel=1e-8, abs=1e-12)
    late = 1e3 * (patience + service)
    assert queue.served_within(late) == pytest.approx(queue.p_served, abs=1e-10)
    assert queue.abandoned_within(late) == pytest.approx(queue.p_abandon, abs=1e-10)
    assert queue.served_within(0) == queue.p_immediate
    assert queue.p_immediate + queue.p_wait + queue.p_block == pytest.approx(1, abs=1e-12)
    for denominator in DENOMINATORS:
        levels = [queue.service_level(t, denominator) for t in (0, 1, 10, 30, 100, 1000)]
        assert np.diff(levels).min() >= -1e-12
        assert 0 <= levels[0] <= levels[-1] <= 1


@settings(max_examples=60, deadline=None)
@given(agents=st.integers(1, 100), **STREAMS)
def test_one_more_agent_helps(agents, rate, service, patience):
    """Blocking, abandonment, waits and service levels all improve with every agent."""
    few, more = (erlang_a(n, rate, service, patience) for n in (agents, agents + 1))
    slack = 1e-11
    for name in ("p_wait", "p_abandon", "occupancy"):
        assert getattr(more, name) <= getattr(few, name) + slack
    assert more.asa <= few.asa * (1 + slack)
    for denominator in DENOMINATORS:
        assert more.service_level(20, denominator) >= few.service_level(20, denominator) - slack
    loss = [erlang_b(n, rate, service).p_block for n in (agents, agents + 1)]
    assert loss[1] < loss[0] or loss == [0, 0]
    if agents > erlangs(rate, service) * 1.001:
        few, more = (erlang_c(n, rate, service) for n in (agents, agents + 1))
        assert more.p_wait <= few.p_wait
        assert more.asa <= few.asa
        assert more.service_level(20) >= few.service_level(20)


@settings(max_examples=60, deadline=None)
@given(agents=st.integers(1, 200), busy=st.floats(0.05, 0.98), service=st.floats(10.0, 1000.0))
def test_limits_of_erlang_a(agents, busy, service):
    """Endless patience gives Erlang C, no places to wait Erlang B."""
    rate = busy * agents * 3600 / service
    endless, c = erlang_a(agents, rate, service, math.inf), erlang_c(agents, rate, service)
    # Somebody gives up with a probability of the order of wait / patience, here below 1e-8.
    patient = erlang_a(agents, rate, service, 1e14)
    for queue, rel in ((endless, 1e-10), (patient, 1e-7)):
        for name in ("p_wait", "asa", "mean_queue", "occupancy"):
            assert getattr(queue, name) == pytest.approx(getattr(c, name), rel=rel, abs=1e-290)
        assert queue.service_level(30) == pytest.approx(c.service_level(30), abs=1e-8)
    full, b = erlang_a(agents, rate, service, 60.0, room=agents), erlang_b(agents, rate, service)
    assert full.p_block == pytest.approx(b.p_block, rel=1e-11, abs=1e-290)
    assert full.occupancy == pytest.approx(b.occupancy, rel=1e-12)
    assert full.p_wait == full.p_abandon == full.asa == 0


def test_huge_and_lopsided_systems():
    """No overflow, and the fluid limit where the load is twice the agents."""
    queue = erlang_a(2000, 4000 * 3600 / 300, 300, 3000)
    assert queue.p_abandon == pytest.approx(0.5, rel=1e-9)
    assert queue.p_wait == 1
    # Nearly everybody in line waits until patience times log(load / agents).
    assert queue.mean_queue == pytest.approx(2000 * 3000 / 300, rel=1e-9)
    idle = erlang_a(2000, 1.0, 1.0, 60)
    assert idle.p_wait == 0
    assert idle.service_level(0) == 1


def test_wait_quantile_inverts_the_service_level():
    """Erlang C: the level at a quantile is its fraction, and 0 where so many need not wait."""
    queue = erlang_c(14, 200, 180)
    for share in (0.83, 0.9, 0.999):
        assert queue.service_level(queue.wait_quantile(share)) == pytest.approx(share, rel=1e-13)
    assert queue.wait_quantile(0.5) == 0
    assert queue.mean_wait_time_if_waiting == pytest.approx(queue.asa / queue.p_wait, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: erlang_b(0, 10, 60), "agents is 0 agents; it must be a whole number"),
        (lambda: erlang_b(2.0, 10, 60), "agents is 2.0 agents"),
        (lambda: erlang_b(True, 10, 60), "agents is True agents"),
        (lambda: erlang_b(3, 0, 60), "rate_per_hour is 0 per hour; it must be a number above 0"),
        (lambda: erlang_b(3, "200", 60), "rate_per_hour is '200' per hour"),
        (lambda: erlang_c(3, 10, math.nan), "mean_service_time is nan s"),
        (lambda: erlang_c(3, 10, math.inf), "mean_service_time is inf s"),
        (lambda: erlang_c(10, 200, 180), "above the offered load of 10 erlangs"),
        (lambda: erlang_c(14, 200, 180).service_level(-1), "acceptable_wait_time is -1 s"),
        (lambda: erlang_c(14, 200, 180).wait_quantile(1), "fraction is 1; it must be a fraction"),
        (lambda: erlang_a(3, 10, 60, -5), "mean_patience_time is -5 s"),
        (lambda: erlang_a(3, 10, 60, None), "mean_patience_time is None s"),
        (lambda: erlang_a(3, 10, 60, 60, room=2), "room is 2 contacts; .* at least 3"),
        (lambda: erlang_a(3, 1000, 60, math.inf), "grows without end"),
        (lambda: erlang_a(10, 400, 180, 1e12), "more than 4000000 queue lengths"),
        (lambda: erlang_a(3, 10, 60, 60).served_within(-2), "time is -2 s"),
        (lambda: erlang_a(3, 10, 60, 60).abandoned_within(math.inf), "time is inf s"),
        (lambda: erlang_a(3, 10, 60, 60).service_level(20, "answered"), "denominator is 'answer"),
    ],
)
def test_bad_input_is_refused(call, message):
    """The message names the argument, its value and unit, and what is allowed."""
    with pytest.raises(ValueError, match=message):
        call()
