"""M/M/n+GI against Erlang A, closed forms in high precision, Markov chains and a simulation."""

import heapq
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import expon, lognorm, uniform, weibull_min

from simcc.theory import erlang_a, general_patience

FIGURES = (
    "p_immediate",
    "p_wait",
    "p_abandon",
    "p_served",
    "mean_wait_time",
    "asa",
    "mean_wait_time_abandoned",
    "mean_queue",
    "occupancy",
)
DENOMINATORS = ("offered", "served", "handled", "excluding_short_abandons")


class Staircase:
    """Patience that takes one of a few values; shares that are left never give up."""

    def __init__(self, values, shares):
        self.values, self.shares = values, shares

    def sf(self, times):
        """Return P(patience > t)."""
        steps = zip(self.values, self.shares, strict=True)
        return 1 - sum(share * (np.asarray(times) >= value) for value, share in steps)


class Mixture:
    """Exponential patience for some, at once gone for `balk`, endless for `endless`."""

    def __init__(self, balk, endless, mean):
        self.balk, self.endless, self.mean = balk, endless, mean

    def sf(self, times):
        """Return P(patience > t)."""
        return self.endless + (1 - self.balk - self.endless) * np.exp(
            -np.asarray(times) / self.mean
        )


@settings(max_examples=40, deadline=None)
@given(
    agents=st.integers(1, 300),
    load_per_agent=st.floats(0.3, 3.0),
    service=st.floats(20.0, 1000.0),
    patience=st.floats(1.0, 1e4),
)
def test_exponential_patience_is_erlang_a(agents, load_per_agent, service, patience):
    """The integrals give what the birth-death chain gives."""
    rate = load_per_agent * agents * 3600 / service
    general = general_patience(agents, rate, service, expon(scale=patience))
    exact = erlang_a(agents, rate, service, patience)
    for name in FIGURES:
        expected = pytest.approx(getattr(exact, name), rel=1e-8, abs=1e-14)
        assert getattr(general, name) == expected, name
    for time in (0, 3, 20, 100, 2000):
        for denominator in DENOMINATORS:
            level = exact.service_level(time, denominator)
            assert general.service_level(time, denominator) == pytest.approx(level, abs=1e-11)


def high_precision(agents, rate_per_hour, service, sf, integral, cuts, time):
    """Return the figures of Zeltyn & Mandelbaum (2005) by quadrature with 30 digits.

    `integral` is that of `sf` in closed form, `cuts` where `sf` jumps or bends.
    """
    with mpmath.workdps(30):
        rate, mu = mpmath.mpf(rate_per_hour) / 3600, 1 / mpmath.mpf(service)
        load = rate / mu
        idle = (
            mpmath.fsum(load**k / mpmath.factorial(k) for k in range(agents))
            * mpmath.factorial(agents - 1)
            / load ** (agents - 1)
        )

        def density(x):
            return mpmath.exp(rate * integral(x) - agents * mu * x)

        def moment(function, low=0, high=mpmath.inf):
            inner = sorted({mpmath.mpf(c) for c in (*cuts, time) if low < c < high})
            return mpmath.quad(lambda x: function(x) * density(x), [low, *inner, high])

        total = idle + rate * moment(lambda x: 1)
        left = rate * moment(lambda x: 1 - sf(x)) / total
        in_time = (idle + rate * moment(sf, 0, time)) / total
        left_in_time = (
            rate
            * (moment(lambda x: 1 - sf(x), 0, time) + (1 - sf(time)) * moment(lambda x: 1, time))
            / total
        )
        return {
            "p_wait": 1 - idle / total,
            "p_abandon": left,
            "p_served": 1 - left,
            "mean_wait_time": rate * moment(integral) / total,
            "asa": rate * moment(lambda x: x * sf(x)) / total / (1 - left),
            "served_within": in_time,
            "abandoned_within": left_in_time,
        }


def staircase_oracle(law):
    """Return the survival function of a staircase, its integral and its jumps, for mpmath."""

    def sf(x):
        steps = zip(law.values, law.shares, strict=True)
        return 1 - mpmath.fsum(share for value, share in steps if x >= value)

    def integral(x):
        steps = zip(law.values, law.shares, strict=True)
        return x - mpmath.fsum(share * max(x - value, 0) for value, share in steps)

    return sf, integral, law.values


def uniform_oracle(longest):
    """Return the same for patience uniform on [0, longest]."""
    return (
        lambda x: 1 - x / longest if x < longest else mpmath.mpf(0),
        lambda x: x - x**2 / (2 * longest) if x < longest else mpmath.mpf(longest) / 2,
        [longest],
    )


def rayleigh_oracle(scale):
    """Return the same for Weibull patience of shape 2."""
    return (
        lambda x: mpmath.exp(-((x / scale) ** 2)),
        lambda x: scale * mpmath.sqrt(mpmath.pi) / 2 * mpmath.erf(x / scale),
        [scale],
    )


def mixture_oracle(law):
    """Return the same for a mixture of balking, exponential and endless patience."""
    some = 1 - law.balk - law.endless
    return (
        lambda x: law.endless + some * mpmath.exp(-x / law.mean),
        lambda x: law.endless * x - some * law.mean * mpmath.expm1(-x / law.mean),
        [law.mean],
    )


FIXED = Staircase([20.0], [1.0])
STEPS = Staircase([0.0, 7.3, 31.0, 100.0], [0.125, 0.25, 0.25, 0.25])
MIXED = Mixture(balk=0.1, endless=0.3, mean=45.0)


@pytest.mark.parametrize(
    ("law", "oracle"),
    [
        (FIXED, staircase_oracle(FIXED)),
        (STEPS, staircase_oracle(STEPS)),
        (MIXED, mixture_oracle(MIXED)),
        (uniform(0, 60), uniform_oracle(60)),
        (weibull_min(2, scale=90), rayleigh_oracle(90)),
    ],
    ids=["deterministic", "staircase", "mixture", "uniform", "weibull"],
)
@pytest.mark.parametrize(("agents", "rate"), [(3, 150), (20, 900), (20, 1500)])
def test_against_high_precision_quadrature(law, oracle, agents, rate):
    """Under, near and over capacity, with jumps, an atom at 0 and patience without end."""
    exact = high_precision(agents, rate, 60, *oracle, time=12)
    queue = general_patience(agents, rate, 60, law)
    for name, value in exact.items():
        figure = getattr(queue, name)
        figure = figure(12) if callable(figure) else figure
        assert figure == pytest.approx(float(value), rel=1e-9), name
    waited = queue.mean_wait_time - queue.asa * queue.p_served
    assert queue.mean_wait_time_abandoned == pytest.approx(waited / queue.p_abandon, rel=1e-8)
    assert queue.mean_queue == pytest.approx(rate / 3600 * queue.mean_wait_time, rel=1e-12)


def test_deterministic_patience_in_closed_form():
    """M/M/n+D by hand: the density of the offered wait is exponential on either side of D."""
    agents, rate, mu, d = 50, 0.8, 1 / 60, 20.0
    growth, fall = rate - agents * mu, agents * mu
    mass = math.expm1(growth * d) / growth + math.exp(growth * d) / fall
    late = math.exp(growth * d) / fall
    load = rate / mu
    idle, term = 0.0, 1.0
    for k in range(agents - 1, -1, -1):
        idle += term
        term *= k / load
    queue = general_patience(agents, rate * 3600, 1 / mu, FIXED)
    total = idle + rate * mass
    assert queue.p_wait == pytest.approx(rate * mass / total, rel=1e-11)
    assert queue.p_abandon == pytest.approx(rate * late / total, rel=1e-11)
    assert queue.mean_wait_time_abandoned == pytest.approx(d, rel=1e-10)
    assert queue.offered_wait_sf(d) == pytest.approx(rate * late / total, rel=1e-10)
    assert queue.abandoned_within(19.999) == pytest.approx(0, abs=1e-13)
    assert queue.service_level(d) == pytest.approx(queue.p_served, rel=1e-11)


def test_balking_is_a_slower_birth_rate():
    """Some balk and the rest are exponential: a birth-death chain, solved as a linear system."""
    agents, rate, mu, theta, balk, size = 6, 150 / 3600, 1 / 200, 1 / 80, 0.3, 80
    generator = np.zeros((size + 1, size + 1))
    for k in range(size):
        generator[k, k + 1] = rate * (1 - balk if k >= agents else 1)
        generator[k + 1, k] = min(k + 1, agents) * mu + max(k + 1 - agents, 0) * theta
    generator -= np.diag(generator.sum(axis=1))
    equations = np.vstack((generator.T, np.ones(size + 1)))
    p = np.linalg.lstsq(equations, np.append(np.zeros(size + 1), 1.0), rcond=None)[0]
    mean_queue = p @ np.maximum(np.arange(size + 1) - agents, 0)
    queue = general_patience(agents, 150, 200, Mixture(balk, 0.0, 80))
    p_wait = p[agents:].sum()
    assert queue.p_wait == pytest.approx(p_wait, rel=1e-10)
    assert queue.mean_queue == pytest.approx(mean_queue, rel=1e-10)
    assert queue.p_abandon == pytest.approx(balk * p_wait + theta * mean_queue / rate, rel=1e-10)
    assert queue.abandoned_within(0) == pytest.approx(balk * p_wait, rel=1e-10)


def simulate(agents, rate_per_hour, service, patience_times, seed):
    """Return arrays of served and wait, one value for each contact, first come first served."""
    rng = np.random.default_rng(seed)
    n = patience_times.size
    arrived_at = np.cumsum(rng.exponential(3600 / rate_per_hour, n))
    service_times = rng.exponential(service, n)
    free_at = [0.0] * agents
    served, waits = np.zeros(n, dtype=bool), np.zeros(n)
    for i in range(n):
        wait = max(free_at[0] - arrived_at[i], 0.0)
        served[i] = wait <= patience_times[i]
        waits[i] = min(wait, patience_times[i])
        if served[i]:
            heapq.heapreplace(free_at, arrived_at[i] + wait + service_times[i])
    return served, waits


def z_scores(queue, served, waits):
    """Return how many standard errors, from batch means, the simulation is off the formula."""
    scores = []
    for values, exact in (
        (~served, queue.p_abandon),
        (waits, queue.mean_wait_time),
        (served & (waits <= 20), queue.service_level(20)),
        (served & (waits > 0) & (waits <= 5), queue.served_within(5) - queue.p_immediate),
    ):
        # Each batch lasts 400 mean service times, so that batches are all but independent.
        batches = values[8_000:].reshape(-1, 8_000).mean(axis=1)
        scores.append((batches.mean() - exact) / (batches.std(ddof=1) / math.sqrt(batches.size)))
    return np.abs(scores)


def test_simulated_lognormal_patience():
    """A first-come-first-served simulation agrees, and would tell another law of the same mean."""
    law = lognorm(s=1.5, scale=40)
    patience_times = law.rvs(size=408_000, random_state=np.random.default_rng(20))
    served, waits = simulate(20, 1200, 60, patience_times, seed=21)
    # 4 scores of 50 batches: 5 standard errors are exceeded by chance about once in 30,000 seeds.
    assert z_scores(general_patience(20, 1200, 60, law), served, waits).max() < 5
    wrong = general_patience(20, 1200, 60, expon(scale=law.mean()))
    assert z_scores(wrong, served, waits).max() > 20


def test_service_level_is_a_distribution():
    """Levels rise from the contacts answered at once to the share ever served."""
    queue = general_patience(20, 1200, 60, STEPS)
    levels = [queue.service_level(t) for t in np.linspace(0, 200, 401)]
    assert levels[0] == queue.p_immediate
    assert np.diff(levels).min() >= -1e-14
    assert queue.service_level(1e6) == pytest.approx(queue.p_served, rel=1e-11)
    assert queue.abandoned_within(1e6) == pytest.approx(queue.p_abandon, rel=1e-10)


def test_queue_of_millions():
    """Ten times the load the agents can carry, and patience of a day: the fluid limit."""
    queue = general_patience(1000, 10_000 * 3600, 1, expon(scale=1e5))
    assert queue.p_abandon == pytest.approx(0.9, rel=1e-12)
    # Those who are served find the wait at which a tenth of the patience is left.
    assert queue.asa == pytest.approx(1e5 * math.log(10), rel=1e-6)
    assert queue.mean_queue == pytest.approx(0.9 * 10_000 * 1e5, rel=1e-12)


def test_everybody_served_at_once():
    """Far more agents than load: no wait ever, and nothing to average over those who give up."""
    queue = general_patience(2000, 1.0, 1.0, expon(scale=60))
    assert queue.p_wait == queue.p_abandon == 0
    assert queue.service_level(0, "excluding_short_abandons") == 1
    assert math.isnan(queue.mean_wait_time_abandoned)


class Faulty:
    """A law whose survival function is whatever function it is given."""

    def __init__(self, sf):
        self.sf = sf


@pytest.mark.parametrize(
    ("law", "message"),
    [
        (expon(scale=60).sf, "patience is .* a law with a method sf"),
        (Faulty(lambda t: 1 + t), r"patience.sf is 1\.\d+ at .* s; it must be a probability"),
        (Faulty(lambda t: t * np.nan), "patience.sf is nan"),
        (Faulty(lambda t: 0.5), r"patience.sf gave shape \(\)"),
        (Mixture(0, 0.9, 60), "patience.sf stays at 0.9 for ever; it must fall below 0.5"),
    ],
)
def test_bad_patience_is_refused(law, message):
    """The message says what the law did and what it must do."""
    with pytest.raises(ValueError, match=message):
        general_patience(10, 1200, 60, law)


def test_bad_numbers_are_refused():
    """The other arguments and the times are checked as in Erlang A."""
    queue = general_patience(10, 500, 60, expon(scale=60))
    with pytest.raises(ValueError, match="agents is 0 agents"):
        general_patience(0, 500, 60, expon(scale=60))
    with pytest.raises(ValueError, match="acceptable_wait_time is -1 s"):
        queue.service_level(-1)
    with pytest.raises(ValueError, match="time is nan s"):
        queue.offered_wait_sf(math.nan)
    with pytest.raises(ValueError, match="denominator is 'all'"):
        queue.service_level(1, "all")
