"""Law tables against the laws' own quantile functions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import simcc
from simcc.inversion import LawTable, quantile
from simcc.jit import jit

LAWS = [
    simcc.Exponential(mean=180),
    simcc.Lognormal(mean=240, cv=0.2),
    simcc.Lognormal(mean=240, cv=1.2),
    simcc.Lognormal(mean=240, cv=3.0),
    simcc.Gamma(mean=250, cv=0.3),
    simcc.Gamma(mean=250, cv=0.7),
    simcc.Gamma(mean=250, cv=2.0),
    simcc.Weibull(shape=0.6, scale=100),
    simcc.Weibull(shape=1.7, scale=100),
    simcc.Erlang(k=4, mean=200),
    simcc.Hyperexponential(probs=[0.3, 0.7], means=[30, 400]),
    simcc.Uniform(low=20, high=80),
    simcc.ScipyLaw(name="burr12", args=[3.0, 2.0], scale=300.0),
    simcc.ScipyLaw(name="invgauss", args=[0.7], scale=200.0),
    simcc.ScipyLaw(name="genpareto", args=[0.2], scale=100.0),
    simcc.ScipyLaw(name="fisk", args=[2.5], scale=120.0),
]


@jit
def _quantiles(laws, law, u, out):
    for i in range(u.size):
        out[i] = quantile(laws, law, u[i])


def inverted(law: simcc.Law, u: np.ndarray) -> np.ndarray:
    table = LawTable()
    number = table.add(law)
    out = np.empty(len(u))
    _quantiles(table.arrays(), number, u, out)
    return out


def probabilities(test_seed: int) -> np.ndarray:
    """Uniform ones, and ones far into both tails, as a uniform generator can give them."""
    rng = np.random.default_rng(test_seed)
    tails = 2.0 ** -rng.uniform(1, 52, 4000)
    return np.concatenate([rng.random(4000), tails, 1 - tails, [0.5, np.nextafter(0.5, 0)]])


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_smooth_law_is_followed_to_one_in_a_million(law: simcc.Law, test_seed: int) -> None:
    u = probabilities(test_seed)
    # above one half 1 - u is exact, and isf is precise where ppf(u) is not
    exact = np.where(u < 0.5, law.ppf(u), law.isf(1 - u))
    found = inverted(law, u)
    error = np.abs(found - exact) / np.maximum(exact, 1e-12)
    assert error.max() < 1e-6, u[error.argmax()]


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_quantiles_never_decrease(law: simcc.Law, test_seed: int) -> None:
    u = np.sort(probabilities(test_seed))
    found = inverted(law, u)
    assert (np.diff(found) >= -1e-9 * found[1:]).all()
    assert (found >= 0).all()


def test_a_frozen_scipy_law_is_the_law() -> None:
    kind = simcc.ContactType(name="x", talk_time=stats.gamma(2.0, scale=100.0))
    u = np.linspace(0.01, 0.99, 99)
    np.testing.assert_allclose(inverted(kind.talk_time, u), stats.gamma(2.0, scale=100).ppf(u))


def test_a_constant() -> None:
    assert (inverted(simcc.Constant(value=42), np.array([0.0, 0.3, 1 - 2**-53])) == 42).all()


def test_a_sample_gives_its_own_values_equally_often(test_seed: int) -> None:
    values = [3.0, 1.0, 2.0, 2.0]
    u = (np.arange(4000) + 0.5) / 4000
    found, counts = np.unique(inverted(simcc.Sample(values=values), u), return_counts=True)
    assert found.tolist() == [1.0, 2.0, 3.0]
    assert counts.tolist() == [1000, 2000, 1000]
    assert inverted(simcc.Sample(values=values), np.array([0.0, 1 - 2**-53])).tolist() == [1, 3]


CURVE = {"times": [0, 60, 120, 300], "survival": [1.0, 0.9, 0.7, 0.4]}


@pytest.mark.parametrize("tail", ["exponential", "last", "never"])
def test_a_survival_curve_is_read_straight(tail: str) -> None:
    law = simcc.SurvivalCurve(**CURVE, tail=tail)
    inside = np.linspace(0, 0.599, 500)
    expected = np.interp(inside, [0, 0.1, 0.3, 0.6], CURVE["times"])
    np.testing.assert_allclose(inverted(law, inside), expected, rtol=1e-12, atol=1e-9)


def test_the_tails_of_a_survival_curve() -> None:
    beyond = np.array([0.61, 0.8, 0.99])
    last = inverted(simcc.SurvivalCurve(**CURVE, tail="last"), beyond)
    assert (last == 300).all()
    never = inverted(simcc.SurvivalCurve(**CURVE, tail="never"), beyond)
    assert np.isinf(never).all()
    hazard = -np.log(0.4) / 300  # the mean one up to the last point
    expected = 300 + np.log(0.4 / (1 - beyond)) / hazard
    exponential = inverted(simcc.SurvivalCurve(**CURVE, tail="exponential"), beyond)
    np.testing.assert_allclose(exponential, expected, rtol=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_means_agree(law: simcc.Law) -> None:
    """The integral of the table over (0, 1) is the law's mean: nothing is lost in the tails."""
    edges = np.concatenate([[0], 2.0 ** -np.arange(52, 0, -1.0)])
    edges = np.concatenate([edges, 1 - edges[-2::-1]])
    nodes, weights = np.polynomial.legendre.leggauss(24)
    width = np.diff(edges)
    u = edges[:-1, None] + width[:, None] * (nodes + 1) / 2
    u = np.minimum(u, 1 - 2.0**-53)  # the largest number that a generator gives
    total = (inverted(law, u.ravel()).reshape(u.shape) * weights / 2 * width[:, None]).sum()
    assert total == pytest.approx(law.mean(), rel=3e-5)
