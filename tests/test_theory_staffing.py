"""Agents needed, time-varying load and square-root staffing, against independent answers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import expon, lognorm, norm

from simcc.theory import (
    agents_needed_a,
    agents_needed_b,
    agents_needed_c,
    erlang_a,
    erlang_b,
    erlang_c,
    erlangs,
    garnett_beta,
    garnett_p_wait,
    halfin_whitt_beta,
    halfin_whitt_p_wait,
    mean_offered_load,
    modified_offered_load,
    offered_load,
    pointwise_load,
    square_root_staffing,
)

rates = st.floats(1.0, 3000.0)
services = st.floats(10.0, 1000.0)
fractions = st.floats(0.001, 0.999)


class Fixed:
    """A service time that is always the same."""

    def __init__(self, value):
        self.value = value

    def sf(self, times):
        """Return P(service > t)."""
        return np.where(np.asarray(times) < self.value, 1.0, 0.0)


@settings(max_examples=60, deadline=None)
@given(rate=rates, service=services, target=fractions)
def test_agents_needed_b_is_minimal(rate, service, target):
    """The number meets the target and one agent less does not."""
    n = agents_needed_b(rate, service, max_p_block=target)
    assert erlang_b(n, rate, service).p_block <= target
    assert n == 1 or erlang_b(n - 1, rate, service).p_block > target


@settings(max_examples=60, deadline=None)
@given(
    rate=rates,
    service=services,
    level=st.none() | fractions,
    p_wait=st.none() | fractions,
    asa=st.none() | st.floats(0.1, 500.0),
    occupancy=st.none() | st.floats(0.05, 0.99),
)
def test_agents_needed_c_is_minimal(rate, service, level, p_wait, asa, occupancy):
    """The number meets every target given; one agent less misses one or cannot keep up."""
    assume(any(target is not None for target in (level, p_wait, asa, occupancy)))
    n = agents_needed_c(
        rate,
        service,
        min_service_level=level,
        acceptable_wait_time=None if level is None else 20,
        max_p_wait=p_wait,
        max_asa=asa,
        max_occupancy=occupancy,
    )

    def meets(agents):
        queue = erlang_c(agents, rate, service)
        return (
            (level is None or queue.service_level(20) >= level)
            and (p_wait is None or queue.p_wait <= p_wait)
            and (asa is None or queue.asa <= asa)
            and (occupancy is None or queue.occupancy <= occupancy)
        )

    assert meets(n)
    assert n - 1 <= erlangs(rate, service) or not meets(n - 1)


@settings(max_examples=40, deadline=None)
@given(
    rate=rates,
    service=services,
    patience=st.floats(5.0, 5000.0),
    level=fractions,
    denominator=st.sampled_from(["offered", "served", "handled", "excluding_short_abandons"]),
    p_abandon=st.floats(0.001, 0.5),
)
def test_agents_needed_a_is_minimal(rate, service, patience, level, denominator, p_abandon):
    """The number meets both targets and one agent less misses one; no smaller number meets them."""
    n = agents_needed_a(
        rate,
        service,
        patience,
        min_service_level=level,
        acceptable_wait_time=20,
        denominator=denominator,
        max_p_abandon=p_abandon,
    )

    def meets(agents):
        queue = erlang_a(agents, rate, service, patience)
        return queue.service_level(20, denominator) >= level and queue.p_abandon <= p_abandon

    assert meets(n)
    assert not any(meets(fewer) for fewer in range(max(n - 5, 1), n))


def test_agents_needed_for_known_systems():
    """The staffing printed in the README of pyworkforce, and single targets of Erlang A."""
    stream = {"rate_per_hour": 200, "mean_service_time": 180}
    target = {"min_service_level": 0.8, "acceptable_wait_time": 20}
    assert agents_needed_c(**stream, **target, max_occupancy=0.85) == 14
    asa = erlang_a(12, 200, 180, 60).asa
    assert agents_needed_a(200, 180, 60, max_asa=asa) == 12
    assert agents_needed_a(200, 180, 60, max_asa=asa * 0.999) == 13
    p_wait = erlang_a(12, 200, 180, 60).p_wait
    assert agents_needed_a(200, 180, 60, max_p_wait=p_wait) == 12
    # 1 erlang spread over at least 200 agents, more than any wait would call for.
    assert agents_needed_a(3600, 1, 60, max_occupancy=0.005) == 200
    assert agents_needed_c(3600, 1, max_occupancy=0.0005) == 2000


EDGES = np.array([0.0, 1800, 3600, 4500, 9000])
RATES = np.array([80.0, 200, 0, 130])


def exponential_load(t, service):
    """Return the load for exponential service: m' = rate - m / service, interval by interval."""
    load = 0.0
    for start, end, rate in zip(EDGES, [*EDGES[1:], np.inf], [*RATES, 0.0], strict=True):
        fade = math.exp(-min(max(t - start, 0.0), end - start) / service)
        load = load * fade + rate / 3600 * service * (1 - fade)
    return load


@pytest.mark.parametrize("service", [5.0, 300.0, 20_000.0])
def test_load_with_exponential_service(service):
    """A linear differential equation, before, in and long after the arrivals."""
    times = np.concatenate((np.linspace(-500, 12_000, 126), EDGES))
    expected = [exponential_load(t, service) for t in times]
    load = offered_load(times, EDGES, RATES, expon(scale=service))
    np.testing.assert_allclose(load, expected, rtol=1e-11, atol=1e-12)
    means = [
        quad(exponential_load, a, b, args=(service,), epsabs=1e-11, limit=200)[0] / (b - a)
        for a, b in pairwise(EDGES)
    ]
    mean = mean_offered_load(EDGES, RATES, expon(scale=service))
    np.testing.assert_allclose(mean, means, rtol=1e-9)


@pytest.mark.parametrize("service", [5.0, 777.7, 2700.0, 20_000.0])
def test_load_with_fixed_service(service):
    """Exactly the contacts of the last `service` seconds are there."""
    times = np.linspace(-500, 30_000, 611)
    arrived = np.concatenate(([0.0], np.cumsum(RATES * np.diff(EDGES) / 3600)))
    expected = np.interp(times, EDGES, arrived) - np.interp(times - service, EDGES, arrived)
    load = offered_load(times, EDGES, RATES, Fixed(service))
    np.testing.assert_allclose(load, expected, rtol=1e-11, atol=1e-11)
    assert load.min() == 0


@pytest.mark.parametrize(("mean", "sd"), [(1000, 3), (9000, 500)])
def test_load_with_nearly_fixed_service(mean, sd):
    """Normal laws: one falls so fast, one so evenly about a panel's middle, as to be overlooked."""

    def survived(age):
        z = (age - mean) / sd
        return np.where(age > 0, age - sd * (z * norm.cdf(z) + norm.pdf(z)), 0.0)

    times = np.linspace(0, 12_000, 2401)
    changes = np.diff(RATES, prepend=0, append=0) / 3600
    expected = survived(times[:, None] - EDGES) @ changes
    load = offered_load(times, EDGES, RATES, norm(loc=mean, scale=sd))
    np.testing.assert_allclose(load, expected, rtol=1e-11, atol=1e-11)


def test_load_with_lognormal_service():
    """The defining integral, by another quadrature; and the averages over other intervals."""
    service = lognorm(s=1.2, scale=150)
    times = np.array([[100.0, 1800.0], [4000.0, 11_000.0]])

    def arrived_and_still_there(arrived_at, t):
        interval = np.searchsorted(EDGES, arrived_at, side="right") - 1
        stays = math.erfc(math.log((t - arrived_at) / 150) / 1.2 / math.sqrt(2)) / 2
        return RATES[interval] / 3600 * stays

    def at(t):
        cuts = [*EDGES[t > EDGES], *([t] if t < EDGES[-1] else [])]
        return sum(
            quad(arrived_and_still_there, a, b, args=(t,), epsabs=1e-12)[0]
            for a, b in pairwise(cuts)
        )

    load = offered_load(times, EDGES, RATES, service)
    assert load.shape == times.shape
    np.testing.assert_allclose(load, np.vectorize(at)(times), rtol=1e-10)
    cuts = [900, 1000, 6000]
    means = [quad(at, a, b, points=[1800, 3600, 4500])[0] / (b - a) for a, b in pairwise(cuts)]
    mean = mean_offered_load(EDGES, RATES, service, staffing_edges=cuts)
    np.testing.assert_allclose(mean, means, rtol=1e-7)


def test_pointwise_load_and_its_lag():
    """Rate times service time; a lag of one mean service brings it nearer to the true load."""
    times = [-1, 0, 1799, 1800, 8999, 9000]
    expected = np.array([0, 80, 80, 200, 130, 0]) * 300 / 3600
    assert pointwise_load(times, EDGES, RATES, 300).tolist() == expected.tolist()
    edges = np.arange(0, 36_001, 300.0)
    wave = 100 + 60 * np.sin(2 * np.pi * edges[:-1] / 18_000)
    at = np.linspace(3000, 36_000, 400, endpoint=False)
    load = offered_load(at, edges, wave, expon(scale=300))
    errors = [
        np.abs(pointwise_load(at, edges, wave, 300, lag_time=lag) - load).mean() for lag in (0, 300)
    ]
    assert errors[1] < errors[0] / 2


@pytest.mark.parametrize("beta", [0.1, 0.5, 1.0, 2.0])
def test_halfin_whitt_is_the_limit_of_erlang_c(beta):
    """The error of P(wait) falls like one over the square root of the load."""
    errors = []
    for agents in (400, 40_000):
        # Solve load + beta sqrt(load) = agents, so that nothing is rounded.
        load = ((math.sqrt(beta**2 + 4 * agents) - beta) / 2) ** 2
        exact = erlang_c(agents, load * 3600 / 60, 60).p_wait
        errors.append(halfin_whitt_p_wait(beta) - exact)
    assert abs(errors[1]) < 1e-3
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.15)


@pytest.mark.parametrize("beta", [-1.0, 0.0, 0.7, 2.0])
@pytest.mark.parametrize("ratio", [0.1, 1.0, 8.0])
def test_garnett_is_the_limit_of_erlang_a(beta, ratio):
    """The error of P(wait) falls like one over the square root of the load."""
    errors = []
    for agents in (400, 40_000):
        load = ((math.sqrt(beta**2 + 4 * agents) - beta) / 2) ** 2
        exact = erlang_a(agents, load * 3600 / 60, 60, 60 * ratio).p_wait
        errors.append(abs(garnett_p_wait(beta, ratio) - exact))
    assert errors[1] < 2e-3
    assert errors[1] < errors[0] / 8


@settings(max_examples=100, deadline=None)
@given(p_wait=st.floats(1e-12, 1 - 1e-9), ratio=st.floats(1e-3, 1e3))
def test_betas_invert_p_wait(p_wait, ratio):
    """P(wait) at the beta found is the one asked for; endless patience joins the two formulas."""
    assert halfin_whitt_p_wait(halfin_whitt_beta(p_wait)) == pytest.approx(p_wait, rel=1e-10)
    beta = garnett_beta(p_wait, ratio)
    assert garnett_p_wait(beta, ratio) == pytest.approx(p_wait, rel=1e-10)
    if beta > 1e-3:
        patient = garnett_p_wait(beta, 1e16)
        assert patient == pytest.approx(halfin_whitt_p_wait(beta), rel=1e-6)


def test_betas_at_the_ends():
    """Values that leave no digits still give an answer."""
    assert halfin_whitt_p_wait(1e-300) == 1
    assert halfin_whitt_p_wait(1e3) == 0
    assert garnett_p_wait(1e3, 1.0) == 0
    assert garnett_p_wait(-1e3, 1.0) == 1
    assert 37 < halfin_whitt_beta(1e-300) < 38
    assert 0 < halfin_whitt_beta(1 - 1e-16) < 1e-15


def test_square_root_staffing():
    """Rounded up, never below one agent for any load, and not above a target that is whole."""
    assert square_root_staffing(100, 1.0) == 110
    assert square_root_staffing(100, 1.0001) == 111
    assert square_root_staffing(100, -0.5) == 95
    assert square_root_staffing(0.01, -2) == 1
    assert square_root_staffing(0, 2) == 0
    # 0.3 / 3600 * 3600 erlangs and the like are a hair above or below a whole number.
    assert square_root_staffing(9 * (1 + 4e-16), 1.0) == 12


def test_modified_offered_load():
    """Each interval gets the agents for its mean load, and none once everybody has left."""
    asked = []

    def by_load(load):
        asked.append(load)
        return square_root_staffing(load, 0.5)

    cuts = [0, 1800, 3600, 9000, 9300, 12_000]
    plan = modified_offered_load(EDGES, RATES, Fixed(300), by_load, staffing_edges=cuts)
    means = mean_offered_load(EDGES, RATES, Fixed(300), staffing_edges=cuts)
    np.testing.assert_array_equal(plan.offered_load, means)
    np.testing.assert_array_equal(plan.edges, cuts)
    assert asked == means[:4].tolist()
    assert plan.agents.tolist() == [square_root_staffing(m, 0.5) for m in means[:4]] + [0]
    # The load of the arrivals before 9000 s falls in a straight line over the 300 s after.
    assert means[3] == pytest.approx(130 * 300 / 3600 / 2, rel=1e-11)


def test_modified_offered_load_of_a_steady_stream():
    """Once the start is forgotten, the plan is the stationary one."""
    plan = modified_offered_load(
        edges=[0, 36_000],
        rates_per_hour=[120],
        service=expon(scale=300),
        agents_for=lambda load: agents_needed_a(load * 12, 300, 120, max_p_abandon=0.05),
        staffing_edges=[18_000, 36_000],
    )
    assert plan.offered_load[0] == pytest.approx(10, rel=1e-12)
    assert plan.agents[0] == agents_needed_a(120, 300, 120, max_p_abandon=0.05)


SERVICE = expon(scale=300)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: agents_needed_b(10, 60, max_p_block=1.0),
            "max_p_block is 1.0; .* between 0 and 1",
        ),
        (lambda: agents_needed_c(10, 60), "no target is given"),
        (lambda: agents_needed_a(10, 60, 60), "no target is given"),
        (lambda: agents_needed_c(10, 60, max_asa=0), "max_asa is 0 s; it must be a number above 0"),
        (lambda: agents_needed_c(10, 60, max_p_wait=-0.1), "max_p_wait is -0.1"),
        (lambda: agents_needed_c(10, 60, min_service_level=0.8), "given together"),
        (lambda: agents_needed_c(10, 60, acceptable_wait_time=20), "given together"),
        (
            lambda: agents_needed_c(10, 60, min_service_level=80, acceptable_wait_time=20),
            "min_service_level is 80; it must be a fraction",
        ),
        (
            lambda: agents_needed_a(10, 60, math.inf, max_p_abandon=0.1),
            "mean_patience_time is inf s",
        ),
        (lambda: offered_load([0, math.nan], EDGES, RATES, SERVICE), "times is .* finite numbers"),
        (lambda: offered_load("noon", EDGES, RATES, SERVICE), "times is 'noon' s"),
        (lambda: offered_load(0, [0, 0], [1], SERVICE), "edges is .* strictly increasing"),
        (lambda: offered_load(0, [0], [], SERVICE), "edges is .* at least two"),
        (lambda: offered_load(0, [0, 1], [1, 2], SERVICE), "rates_per_hour is .* 1 rates"),
        (lambda: offered_load(0, [0, 1], [-1], SERVICE), "at least 0 per hour"),
        (lambda: offered_load(0, [0, 1], [1], 300), "service is 300; .* sf"),
        (lambda: mean_offered_load([0, 1], [1], SERVICE, staffing_edges=[5]), "staffing_edges is"),
        (lambda: pointwise_load(0, [0, 1], [1], 300, lag_time=-1), "lag_time is -1 s"),
        (lambda: pointwise_load(0, [0, 1], [1], 0), "mean_service_time is 0 s"),
        (lambda: square_root_staffing(-1, 0.5), "offered_load is -1 erlangs"),
        (lambda: square_root_staffing(1, math.inf), "beta is inf; it must be a finite number"),
        (lambda: halfin_whitt_p_wait(0), "beta is 0; it must be a number above 0"),
        (lambda: halfin_whitt_beta(0), "p_wait is 0"),
        (lambda: garnett_p_wait(0, 0), "patience_ratio is 0"),
        (lambda: garnett_beta(1, 1), "p_wait is 1"),
        (
            lambda: modified_offered_load([0, 9], [1], SERVICE, lambda load: -1),
            r"agents_for\(load\) is -1 agents; .* at least 0",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    """The message names the argument, its value and unit, and what is allowed."""
    with pytest.raises(ValueError, match=message):
        call()
