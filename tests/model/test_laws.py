"""Laws against scipy.stats, against numerical integrals, and against their own definition."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

import simcc

# Both sides compute the same function in double precision, by different formulas; near u = 1 the
# rounding of u itself moves a quantile by up to 2**-53 / (1 - u), 1e-7 at the outermost point.
INNER = np.r_[1e-12, 1e-6, np.linspace(0.001, 0.999, 41), 1 - 1e-5]
OUTER = 1 - np.array([1e-7, 1e-9])
TIMES = np.r_[0.0, np.geomspace(1e-3, 1e5, 60)]

SAME = [
    (simcc.Exponential(mean="3min"), stats.expon(scale=180)),
    (simcc.Lognormal(mean=240, cv=1.1), stats.lognorm(math.sqrt(math.log(2.21)), scale=240 / 2.21**0.5)),
    (simcc.Gamma(mean=240, cv=0.7), stats.gamma(1 / 0.49, scale=240 * 0.49)),
    (simcc.Gamma(mean=60, cv=2.5), stats.gamma(0.16, scale=60 * 6.25)),
    (simcc.Weibull(shape=1.3, scale="4min"), stats.weibull_min(1.3, scale=240)),
    (simcc.Weibull(shape=0.6, scale=100), stats.weibull_min(0.6, scale=100)),
    (simcc.Erlang(k=3, mean=180), stats.erlang(3, scale=60)),
    (simcc.Uniform(low=20, high="1min"), stats.uniform(20, 40)),
    (
        simcc.ScipyLaw(name="burr12", args=[3.0, 2.0], loc=5, scale=300),
        stats.burr12(3.0, 2.0, loc=5, scale=300),
    ),
]  # fmt: skip
ONLY_HERE = [
    simcc.Hyperexponential(probs=[0.9, 0.1], means=[60, 900]),
    simcc.Hyperexponential(probs=[0.5, 0.0, 0.499999, 1e-6], means=[1, 5, 1000, 1e6]),
    simcc.SurvivalCurve(times=[0, 60, 120, 600], survival=[1, 0.9, 0.9, 0.4]),
    simcc.SurvivalCurve(times=[30, 60], survival=[0.5, 0.25], tail="last"),
    simcc.SurvivalCurve(times=[30, 60], survival=[0.5, 0.0]),
]
LAWS = [law for law, _ in SAME] + ONLY_HERE


def name(law: object) -> str | None:
    return f"{law.kind}" if isinstance(law, simcc.Law) else None


@pytest.mark.parametrize(("law", "frozen"), SAME, ids=name)
def test_equal_to_scipy(law: simcc.Law, frozen: object) -> None:
    np.testing.assert_allclose(law.ppf(INNER), frozen.ppf(INNER), rtol=1e-9)
    np.testing.assert_allclose(law.ppf(OUTER), frozen.ppf(OUTER), rtol=1e-6)
    np.testing.assert_allclose(law.sf(TIMES), frozen.sf(TIMES), rtol=1e-9, atol=1e-300)
    assert law.mean() == pytest.approx(frozen.mean(), rel=1e-12)


@pytest.mark.parametrize(("law", "frozen"), SAME, ids=name)
def test_far_tail_equal_to_scipy(law: simcc.Law, frozen: object) -> None:
    """Where u is 1 in double precision, the inverse survival still tells quantiles apart."""
    q = np.r_[np.geomspace(1e-30, 1e-3, 28), 0.25, 0.5, 0.9]
    np.testing.assert_allclose(law.isf(q), frozen.isf(q), rtol=1e-9)


@pytest.mark.parametrize("law", ONLY_HERE, ids=name)
def test_inverse_survival(law: simcc.Law) -> None:
    q = np.array([0.001, 0.03, 0.2, 0.47, 0.6, 0.93, 0.999])
    np.testing.assert_allclose(law.isf(q), law.ppf(1 - q), rtol=1e-9)


def test_the_check_sees_another_law() -> None:
    other = stats.gamma(1 / 0.49, scale=240 * 0.4901)
    with pytest.raises(AssertionError):
        test_equal_to_scipy(simcc.Gamma(mean=240, cv=0.7), other)


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_mean_is_the_integral_of_survival(law: simcc.Law) -> None:
    """In log time, so that every scale counts."""
    top = float(law.ppf(1 - 1e-15))
    low = top * 1e-12
    found, error = integrate.quad(
        lambda x: math.exp(x) * float(law.sf(math.exp(x))), math.log(low), math.log(top), limit=2000
    )
    assert law.mean() == pytest.approx(low + found, rel=1e-6, abs=10 * error)


@pytest.mark.parametrize("law", LAWS, ids=name)
def test_quantile_inverts_survival(law: simcc.Law) -> None:
    u = np.array([1e-9, 1e-4, 0.03, 0.2, 0.47, 0.6, 0.9, 0.999, 1 - 1e-9])
    t = law.ppf(u)
    reached = law.sf(t)
    jumps = (reached < 1 - u) & (law.sf(np.nextafter(t, 0)) >= 1 - u)  # a mass at t
    np.testing.assert_allclose(reached[~jumps], (1 - u)[~jumps], rtol=1e-6)


@pytest.mark.parametrize("law", [*LAWS, simcc.Constant(value=5), simcc.Sample(values=[3, 1, 2])], ids=name)  # fmt: skip
def test_shapes_and_ranges(law: simcc.Law) -> None:
    for u in (0.3, np.array(0.3), np.full((2, 3), 0.3), np.empty(0), [0.1, 0.2]):
        assert law.ppf(u).shape == np.shape(u)
        assert law.sf(u).shape == np.shape(u)
    values = law.ppf(np.linspace(0, 1 - 1e-12, 999))
    assert (np.diff(values) >= 0).all()
    assert values[0] >= 0
    assert (law.sf(np.array([-5.0, -1e-9])) == 1).all()
    assert isinstance(law.mean(), float)


@given(
    st.lists(st.tuples(st.floats(1e-3, 1), st.floats(1e-3, 1e6)), min_size=1, max_size=5),
    st.floats(0, 1 - 1e-12),
)
def test_hyperexponential_quantiles(parts: list[tuple[float, float]], u: float) -> None:
    total = math.fsum(p for p, _ in parts)
    law = simcc.Hyperexponential(probs=[p / total for p, _ in parts], means=[m for _, m in parts])
    t = float(law.ppf(u))
    assert t >= 0
    # In the hazard both tails count: -log of survival against -log(1 - u).
    hazard = -math.log(math.fsum(p / total * math.exp(-t / m) for p, m in parts))
    assert hazard == pytest.approx(-math.log1p(-u), rel=1e-9, abs=1e-12)


def test_constant() -> None:
    law = simcc.Constant(value="3min")
    assert law.ppf([0.0, 0.5, 1 - 1e-9]).tolist() == [180.0] * 3
    assert law.sf([0, 179.9, 180.0, 181]).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert law.mean() == 180.0


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.floats(0.001, 0.999))
def test_sample_is_the_empirical_law(values: list[int], u: float) -> None:
    law = simcc.Sample(values=values)
    ecdf = stats.ecdf(values)
    np.testing.assert_allclose(law.sf(range(51)), ecdf.sf.evaluate(np.arange(51)), atol=1e-12)
    if abs(u * len(values) - round(u * len(values))) > 1e-9:
        assert law.ppf(u) == np.quantile(values, u, method="inverted_cdf")
    assert law.mean() == pytest.approx(np.mean(values))


def test_survival_curve_tails() -> None:
    curve = {"times": [60, 120], "survival": [0.8, 0.5]}
    goes_on, ends, never = (
        simcc.SurvivalCurve(**curve, tail=tail) for tail in ("exponential", "last", "never")
    )
    for law in (goes_on, ends, never):
        assert law.sf([0, 30, 60, 90]).tolist() == pytest.approx([1, 0.9, 0.8, 0.65])
        assert law.ppf([0.1, 0.2, 0.35]).tolist() == pytest.approx([30, 60, 90])
    # The mean hazard so far: every further 120 s halve what is left.
    assert goes_on.sf([120, 240, 360]).tolist() == pytest.approx([0.5, 0.25, 0.125])
    assert goes_on.mean() == pytest.approx(60 * 0.9 + 60 * 0.65 + 0.5 * 120 / math.log(2))
    assert ends.sf([119, 120]).tolist() == pytest.approx([0.505, 0])
    assert ends.ppf([0.6, 0.999]).tolist() == [120, 120]
    assert ends.mean() == pytest.approx(60 * 0.9 + 60 * 0.65)
    assert never.sf(1e9) == 0.5
    assert never.ppf(0.51) == math.inf
    assert never.mean() == math.inf


def test_equal_laws_are_one_key() -> None:
    laws = {simcc.Gamma(mean="4min", cv=1), simcc.Gamma(mean=240, cv=1.0)}
    laws |= {
        simcc.ScipyLaw(name="gamma", kwds={"a": 2}),
        simcc.ScipyLaw(name="gamma", kwds={"a": 2}),
    }
    assert len(laws) == 2
    assert simcc.Gamma(mean=1, cv=1) != simcc.Erlang(k=1, mean=1)


def test_freeze_gives_the_scipy_law() -> None:
    frozen = simcc.ScipyLaw(name="gamma", args=[2.0], scale=60).freeze()
    assert frozen.mean() == 120
    assert frozen.dist.name == "gamma"
