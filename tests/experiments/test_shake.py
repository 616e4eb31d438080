"""Days shaken by shocks of random sizes: as theory says, the same days for all, bad input."""

from __future__ import annotations

from typing import Any

import erlang_centers
import numpy as np
import pytest
from scipy import integrate, stats

import simcc
from simcc.errors import ScenarioError, SimulationError
from simcc.jit import ENABLED

SEVERAL = 4.5  # standard errors
DAYS = 400 if ENABLED else 60


def two_lines(hours: float = 10.0) -> simcc.Scenario:
    """Two types of 100 calls per hour, each with agents of its own."""

    def kind(name: str) -> simcc.ContactType:
        arrivals = simcc.PoissonArrivals(rate_per_hour=100)
        return simcc.ContactType(name=name, arrivals=arrivals, talk_time=60)

    def group(name: str) -> simcc.AgentGroup:
        return simcc.AgentGroup(name=name, skills=[name], staff=simcc.FixedStaff(agents=20))

    return simcc.Scenario(
        horizon=simcc.Horizon(length=hours * 3600),
        contact_types=[kind("a"), kind("b")],
        agent_groups=[group("a"), group("b")],
    )


def scatter_error(x: Any, y: Any) -> float:
    """Standard error of the covariance of pairs."""
    products = (x - x.mean()) * (y - y.mean())
    return float(products.std() / np.sqrt(len(x)))


def test_volumes_have_the_variance_and_the_covariance_asked_for(test_seed: int) -> None:
    """A day has Poisson noise and the sizes: variance n + (n s)**2, covariance rho (n s)**2."""
    n, s, rho = 1000.0, 0.2, 0.6
    shocks = [simcc.VolumeShock(percent=100 * s, types=[name]) for name in ("a", "b")]
    limits = [simcc.Limit(metric="offered", scope=f"type:{x}", most=2000) for x in ("a", "b")]
    found = simcc.shake(
        two_lines(), shocks, replications=DAYS, correlation=rho, seed=test_seed, targets=limits
    )
    days = found.days().iloc[:, 2:4].to_numpy()
    for column in days.T:
        assert abs(column.mean() - n) < SEVERAL * column.std() / np.sqrt(DAYS)
        error = scatter_error(column, column)
        assert abs(column.var() - (n + (n * s) ** 2)) < SEVERAL * error
    covariance = np.cov(days.T)[0, 1]
    assert abs(covariance - rho * (n * s) ** 2) < SEVERAL * scatter_error(*days.T)
    sizes = found.days().iloc[:, :2].to_numpy()
    assert abs(np.corrcoef(sizes.T)[0, 1] - rho) < SEVERAL * (1 - rho**2) / np.sqrt(DAYS)
    assert stats.kstest(sizes[:, 0], "norm").pvalue > 1e-6


def test_the_share_abandoned_is_the_mixture_of_erlang_a(test_seed: int) -> None:
    """Of all calls: those of busy days weigh more."""
    s = 0.1
    center = erlang_centers.center(6)

    def lost(z: float) -> tuple[float, float]:
        now = erlang_centers.RATE * (1 + s * z)
        share = erlang_centers.exact(6, now).p_abandon
        return now * share * stats.norm.pdf(z), now * stats.norm.pdf(z)

    above, below = (integrate.quad(lambda z, i=i: lost(z)[i], -6, 6)[0] for i in (0, 1))
    found = simcc.shake(
        center, [simcc.VolumeShock(percent=100 * s)], replications=DAYS, seed=test_seed,
        metrics=["abandonment"],
    )  # fmt: skip
    row = found.table().set_index("figure").loc["abandonment"]
    half = (row["after_high"] - row["after_low"]) / 2
    error = half / stats.t.ppf(0.975, DAYS - 1)
    assert error < 0.1 * above / below  # it can fail
    assert abs(row["after"] - above / below) < SEVERAL * error


def test_sizes_of_nothing_change_nothing(test_seed: int) -> None:
    """And the paired change is exact where a shock does nothing."""
    target = simcc.Target(share=0.8, within="20s")
    found = simcc.shake(
        erlang_centers.center(6), [simcc.VolumeShock(percent=0)], replications=5, seed=test_seed,
        targets=[target],
    )  # fmt: skip
    table = found.table()
    np.testing.assert_array_equal(table["before"], table["after"])
    assert (table["change_low"] == 0).all()
    assert (table["change_high"] == 0).all()
    assert (table["days_before"].dropna() == table["days_after"].dropna()).all()


def test_a_day_is_the_shock_of_its_size() -> None:
    """Day 3 alone, simulated by hand."""
    shocks = [simcc.VolumeShock(percent=10), simcc.HandleTimeDrift(percent=5)]
    center = erlang_centers.center(6)
    found = simcc.shake(center, shocks, replications=5, correlation=0.5, seed=7, metrics=["asa"])
    day = found.days().loc[3]
    shaken = shocks[0].scaled(day.iloc[0]).apply(center)
    shaken = shocks[1].scaled(day.iloc[1]).apply(shaken)
    result = simcc.simulate(shaken, replications=1, first_replication=3, seed=7)
    summary = result.summary().set_index(["scope", "metric"])["estimate"]
    assert day["asa"] == summary["all", "asa"]


def test_the_same_for_any_workers_and_number_of_days() -> None:
    shocks = [simcc.VolumeShock(percent=10), simcc.Absence(percent=20)]
    center = erlang_centers.center(6)
    one = simcc.shake(center, shocks, replications=6, seed=3).days()
    two = simcc.shake(center, shocks, replications=9, seed=3, workers=2).days()
    assert one.equals(two.iloc[:6])
    scale = simcc.shake(center, shocks, replications=6, seed=4).days()
    assert not one.equals(scale)


def test_absence_cannot_be_turned_round() -> None:
    """Days of negative sizes are those without a shock."""
    center = erlang_centers.center(6)
    found = simcc.shake(
        center, [simcc.Absence(percent=30)], replications=20, seed=5, metrics=["asa"]
    )
    days = found.days()
    base = simcc.simulate(center, replications=20, seed=5)
    per_day = [
        simcc.simulate(center, replications=1, first_replication=r, seed=5)
        .summary()
        .set_index(["scope", "metric"])["estimate"]["all", "asa"]
        for r in range(20)
    ]
    assert base.replications == 20
    away = days.iloc[:, 0] >= 0.5  # at least an agent of six
    below = days.iloc[:, 0] < 0
    assert below.any()
    assert away.any()
    assert (days["asa"][below] == np.array(per_day)[below]).all()
    assert (days["asa"][away] > np.array(per_day)[away]).all()


def test_limits_are_counted_by_day() -> None:
    """By hand, from the days one by one."""
    center = erlang_centers.center(6)
    limit = simcc.Limit(metric="abandonment", most=0.05)
    shocks = [simcc.VolumeShock(percent=30)]
    found = simcc.shake(center, shocks, replications=30, seed=6, targets=[limit])
    row, days = found.table().iloc[0], found.days()
    values = days[row["figure"]]
    assert row["days_after"] == pytest.approx((values <= 0.05).mean())
    assert 0 < row["days_after"] < 1
    assert row["days_after_low"] < row["days_after"] < row["days_after_high"]
    assert row["worst_tenth"] == pytest.approx(np.quantile(values, 0.9))
    assert found.correlations().iloc[0, 0] == pytest.approx(
        stats.spearmanr(days.iloc[:, 0], values).statistic
    )


BAD: list[tuple[dict[str, Any], list[str]]] = [
    ({"correlation": 2.0}, ["correlation", "2", "positive semidefinite"]),
    ({"correlation": -0.9}, ["correlation", "-0.9", "positive semidefinite"]),
    ({"correlation": [[1.0, 0.5], [0.5, 1.0]]}, ["correlation", "3 rows", "3 columns"]),
    ({"correlation": "high"}, ["correlation", '"high"', "number"]),
    ({"correlation": float("nan")}, ["correlation", "nan", "number"]),
    ({"correlation": [[1, 0, 0], [0.1, 1, 0], [0, 0, 1]]}, ["correlation", "symmetric"]),
    ({"replications": 1}, ["replications", "1", "at least 2"]),
    ({"workers": 0}, ["workers", "0"]),
    ({"confidence": 1.5}, ["confidence", "1.5"]),
    ({"metrics": ["asaa"]}, ["metrics", '"asaa"']),
    ({"metrics": ["wait_p90"]}, ["wait_p90", "quantile"]),
    ({"targets": 3}, ["targets", "3", "list"]),
    ({"shocks": []}, ["shocks", "empty"]),
    ({"shocks": ["volume"]}, ["shocks[0]", '"volume"']),
    ({"scenario": "center"}, ["scenario", '"center"']),
]


@pytest.mark.parametrize(("given", "words"), BAD)
def test_bad_input(given: dict[str, Any], words: list[str]) -> None:
    shocks = [simcc.VolumeShock(percent=1), simcc.Absence(percent=1), simcc.Impatience(percent=1)]
    kwargs: dict[str, Any] = {
        "scenario": erlang_centers.center(6), "shocks": shocks, "replications": 2, "seed": 1,
    }  # fmt: skip
    with pytest.raises(SimulationError) as found:
        simcc.shake(**kwargs | given)
    assert all(word in str(found.value) for word in words), str(found.value)


def test_a_shock_that_does_not_fit_is_refused_at_once() -> None:
    wrong = simcc.VolumeShock(percent=10, types=["nobody"])
    with pytest.raises(ScenarioError, match="nobody"):
        simcc.shake(erlang_centers.center(6), [wrong], replications=2)


def test_text_page_and_picture() -> None:
    found = simcc.shake(
        erlang_centers.center(6), [simcc.VolumeShock(percent=10)], replications=10, seed=1,
        targets=[simcc.Target(share=0.8, within="20s")],
    )  # fmt: skip
    assert "80 % within 20 s" in str(found)
    assert "<table>" in found._repr_html_()
    assert "10 days" in repr(found)
    ax = found.plot()
    assert [line.get_label() for line in ax.lines[:2]] == ["no shocks", "with shocks"]
    assert found.plot("asa").get_xlabel() == "asa (s)"
