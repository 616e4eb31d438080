"""Less variance: what is drawn, what is known beforehand, and estimates of exact values."""

from __future__ import annotations

from typing import Any

import busy_centers
import numpy as np
import pandas as pd
import pytest
import reduced_promises
from busy_centers import METRICS
from scipy import stats
from scipy.linalg import expm

import simcc
from simcc.engine.setup import Setup
from simcc.experiments.controls import _drawn, controls, expectations, expected_arrivals
from simcc.experiments.designs import LAST, Antithetic, sobol, strata, with_factors
from simcc.experiments.measured import Measured
from simcc.experiments.reducing import controlled, grouped
from simcc.streams import Streams

CENTER = busy_centers.center()
BIG = 1280


def reduced(method: str, scenario: simcc.Scenario = CENTER, **options: Any) -> simcc.Reduced:
    defaults = {"replications": 80, "seed": 1, "metrics": METRICS}
    return simcc.simulate_reduced(scenario, method, **(defaults | options))  # type: ignore[arg-type]


def whole_center(found: simcc.Reduced) -> pd.DataFrame:
    table = found.summary()
    return table[table["scope"] == "all"].set_index("metric")


def assert_exact(table: pd.DataFrame, degrees: int, exact: dict[str, float]) -> None:
    """No estimate is further from the exact value than 5 standard errors of normal noise."""
    limit = stats.t(degrees).isf(stats.norm.sf(5))
    for metric in METRICS:
        row = table.loc[metric]
        assert abs(row["estimate"] - exact[metric]) <= limit * row["std_error"] + 1e-9, metric


# ---------------------------------------------------------------------------- what is drawn


def test_pairs_draw_u_and_one_less_u() -> None:
    streams = Antithetic(seed=3)
    u, v = (streams.open("voice/talk", r, 2).random(50) for r in (6, 7))
    np.testing.assert_array_equal(u, Streams(3).open("voice/talk", 3, 2).random(50))
    np.testing.assert_array_equal(u + v, np.full(50, LAST))
    room = np.empty(50)
    for r, uniform in ((6, u), (7, v)):
        found = streams.open("voice/talk", r, 2).standard_exponential(out=room)
        assert found is room
        np.testing.assert_allclose(found, -np.log1p(-uniform))
        assert stats.kstest(uniform, "uniform").pvalue > 1e-6
        np.testing.assert_array_equal(
            found, streams.open("voice/talk", r, 2).standard_exponential(50)
        )


def test_contacts_of_a_pair_are_opposite() -> None:
    """The first contacts of two days of a pair: talk times between 1 and 3 minutes add up to 4."""
    voice = CENTER.contact_types[0].replace(talk_time=simcc.Uniform(low=60, high=180))
    setup = Setup(CENTER.replace(contact_types=[voice]))
    streams = Antithetic(seed=3)
    one, other = (setup.workload.sample(streams, r, setup.laws) for r in (0, 1))
    n = min(len(one), len(other))
    assert n > 50
    np.testing.assert_allclose(one.talk_time[:n] + other.talk_time[:n], 240)
    gaps = [np.diff(work.arrived_at[:n], prepend=0.0) for work in (one, other)]
    assert stats.spearmanr(*gaps).statistic == pytest.approx(-1)


def test_each_stratum_has_one_replication() -> None:
    found = strata(7, 3, 16, 5)
    assert np.array_equal(np.sort(np.floor(16 * found), axis=0), np.tile(np.arange(16), (5, 1)).T)
    assert not np.array_equal(found, strata(7, 4, 16, 5))
    order = np.floor(16 * found)
    assert not np.array_equal(order[:, 0], order[:, 1])


def test_points_of_a_group_are_a_net() -> None:
    """Each of the 16 boxes of every shape in the first two coordinates has one point."""
    for group in (0, 1):
        found = sobol(7, group, 16, 2)
        for across in (1, 2, 4, 8, 16):
            boxes = np.floor(found * [across, 16 // across])
            assert len(np.unique(boxes, axis=0)) == 16
    assert not np.array_equal(sobol(7, 0, 16, 2), sobol(7, 1, 16, 2))


def test_the_drawn_uniform_is_the_factor_of_the_day() -> None:
    """Arrivals are those of a center without busyness whose rate is the quantile times as high."""
    streams = with_factors(CENTER, 5, "stratified", 2, 4)()
    for r in (1, 6):
        u = float(streams.open("line 1/busyness", r).random(1)[0])
        factor = stats.gamma(1 / busy_centers.CV**2, scale=busy_centers.CV**2).ppf(u)
        arrivals = simcc.PoissonArrivals(rate_per_hour=busy_centers.RATE * factor)
        kind = CENTER.contact_types[0].replace(arrivals=arrivals)
        found, expected = (
            setup.workload.sample(own, r, setup.laws).arrived_at
            for setup, own in (
                (Setup(CENTER), streams),
                (Setup(CENTER.replace(contact_types=[kind])), Streams(5)),
            )
        )
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("method", ["antithetic", "stratified", "rqmc"])
def test_same_customers_and_workers_change_nothing(method: str) -> None:
    """With other agents the same contacts come in; with other workers everything is the same."""
    one = reduced(method, metrics=None)
    more = reduced(method, metrics=None, workers=3)
    pd.testing.assert_frame_equal(one.summary(), more.summary(), check_exact=True)
    staffed = reduced(method, busy_centers.center(agents=7), metrics=["offered"])
    pd.testing.assert_frame_equal(
        whole_center(one).loc[["offered"]], whole_center(staffed), check_exact=True
    )
    assert not whole_center(reduced(method, seed=2)).equals(whole_center(one).loc[list(METRICS)])


# ------------------------------------------------------------------ estimates and intervals


@pytest.mark.parametrize("method", ["antithetic", "stratified", "rqmc"])
def test_designs_find_the_exact_values(method: str, test_seed: int) -> None:
    found = reduced(method, replications=BIG, seed=test_seed)
    degrees = BIG // 2 - 1 if method == "antithetic" else 19
    table = whole_center(found)
    assert_exact(table, degrees, busy_centers.exact())
    if method == "antithetic":
        assert table.loc["offered", "variance_ratio"] < 0.6
        return
    # of the variance of a day's arrivals, 60 by chance and 15 squared by busyness, 60 are left
    limits = stats.chi2(19).ppf([3e-7, 1 - 3e-7]) / 19 * 60 / (60 + 15**2)
    assert limits[0] < table.loc["offered", "variance_ratio"] < limits[1]


def test_controls_find_the_exact_values(test_seed: int) -> None:
    result = simcc.simulate(CENTER, replications=BIG, seed=test_seed)
    table = whole_center(simcc.with_controls(result, metrics=METRICS))
    assert_exact(table, BIG - 3, busy_centers.exact())
    assert table.loc["offered", "estimate"] == pytest.approx(busy_centers.RATE, rel=1e-9)
    assert table.loc["offered", "std_error"] < 1e-9
    assert (table["variance_ratio"] < 0.8).all()


@pytest.mark.parametrize("method", ["antithetic", "rqmc"])
def test_two_lines(method: str, test_seed: int) -> None:
    """Two factors a day, of two lines that are centers for themselves."""
    found = reduced(method, busy_centers.center(types=2), replications=BIG // 2, seed=test_seed)
    exact = busy_centers.exact() | {"offered": 2 * busy_centers.RATE}
    assert_exact(whole_center(found), 19 if method == "rqmc" else BIG // 4 - 1, exact)


def test_without_busyness_pairs_still_help(test_seed: int) -> None:
    found = reduced("antithetic", busy_centers.center(cv=0), replications=BIG, seed=test_seed)
    assert_exact(whole_center(found), BIG // 2 - 1, busy_centers.exact(0))
    assert whole_center(found).loc["offered", "variance_ratio"] < 0.8


def normal_days(random: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Controls of mean 0 and a figure of mean 5 that depends on them."""
    off = random.normal(size=(n, 2)) @ [[1.0, 0.6], [0.0, 2.0]]
    return off, 5 + off @ [1.0, -0.5] + 0.5 * random.normal(size=n)


def test_intervals_with_controls_hold(test_seed: int) -> None:
    """Normal days: Student's interval with n - 1 - q degrees of freedom is exact."""
    random, experiments, n = np.random.default_rng(test_seed), 2500, 8
    held, estimates = 0, np.empty(experiments)
    for e in range(experiments):
        off, y = normal_days(random, n)
        found = controlled(Measured("s", float(y.mean()), y - y.mean()), off)
        assert found.degrees == n - 3
        half = stats.t(found.degrees).ppf(0.975) * np.sqrt(found.variance)
        held += abs(found.estimate - 5) <= half
        estimates[e] = found.estimate
    assert abs(held / experiments - 0.95) < 4.5 * np.sqrt(0.95 * 0.05 / experiments)
    assert abs(estimates.mean() - 5) < 4.5 * estimates.std() / np.sqrt(experiments)
    gained = 0.25 * (n - 2) / (n - 4)  # what is left, times the loss of Lavenberg and Welch
    plain = np.array([1.0, -0.5]) @ [[1.0, 0.6], [0.6, 4.36]] @ [1.0, -0.5] + 0.25
    spread = n * estimates.var() / gained
    assert abs(spread - 1) < 4.5 * np.sqrt(2.0 / experiments) * 2
    assert gained < plain


def test_a_control_by_hand() -> None:
    """Four days, 1 to 4 contacts where 2 are expected; slope 2, so the mean is 1 too high."""
    off, y = np.array([[-1.0], [0], [1], [2]]), np.array([1.0, 4.0, 5.0, 8.0])
    found = controlled(Measured("", 4.5, y - 4.5), off)
    slope = (np.array([-1.5, -0.5, 0.5, 1.5]) @ y) / 5.0
    rest = y - 4.5 - slope * np.array([-1.5, -0.5, 0.5, 1.5])
    assert found.estimate == pytest.approx(4.5 - 0.5 * slope)
    assert found.variance == pytest.approx((rest @ rest) / 2 * (1 / 4 + 0.25 / 5))
    assert found.plain == pytest.approx(y.var(ddof=1) / 4)


def test_controls_that_say_the_same_count_once() -> None:
    off, y = normal_days(np.random.default_rng(1), 12)
    measured = Measured("", float(y.mean()), y - y.mean())
    one = controlled(measured, off)
    copies = np.column_stack([off, 3 * off[:, 0] - off[:, 1], np.zeros(12)])
    np.testing.assert_allclose(controlled(measured, copies), one, rtol=1e-6)


def test_groups_by_hand() -> None:
    """Three pairs with means 1, 2 and 3, and what six independent days would have."""
    y = np.array([0.0, 2, 4, 0, 3, 3]) - 2
    found = grouped(Measured("", 2.0, y), 3)
    assert (found.estimate, found.degrees) == (2.0, 2)
    assert found.variance == pytest.approx(1 / 3)
    assert found.plain == pytest.approx(((y @ y) / 6 + 1 / 3) / 6)


def test_intervals_of_groups_hold(test_seed: int) -> None:
    """Normal pairs with correlation -0.8: the variance is a fifth of that of independent days."""
    random, experiments, pairs = np.random.default_rng(test_seed), 2500, 6
    held, plain = 0, np.empty(experiments)
    for e in range(experiments):
        one, rest = random.normal(size=(2, pairs))
        y = np.column_stack([one, -0.8 * one + 0.6 * rest]).ravel()
        found = grouped(Measured("", float(y.mean()), y - y.mean()), pairs)
        held += abs(found.estimate) <= stats.t(pairs - 1).ppf(0.975) * np.sqrt(found.variance)
        plain[e] = found.plain
    assert abs(held / experiments - 0.95) < 4.5 * np.sqrt(0.95 * 0.05 / experiments)
    error = plain.std() / np.sqrt(experiments)
    assert abs(plain.mean() - 1 / (2 * pairs)) < 4.5 * error


# --------------------------------------------------------------- what is known beforehand


def busy_place() -> simcc.Scenario:
    """Everything that the means must allow for at once."""
    busy = simcc.Busyness(cv=0.3, shared="day")
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.RateArrivals(rates_per_hour=[40, 80, 20, 60, 0, 30], busyness=busy),
        talk_time_by_interval=[simcc.Exponential(mean=m) for m in (100, 200, 300, 50, 60, 70)],
        talk_scale_by_interval=[1, 2, 1.5, 1, 1, 3],
        after_call_work=simcc.Gamma(mean=30, cv=0.5),
        follow_ups=[simcc.FollowUp(when="served", probability=0.5, delay="5min")],
    )
    chat = simcc.ContactType(
        name="chat",
        arrivals=simcc.MarkovArrivals(rates_per_hour=[10, 90], phase_means=["20min", "10min"]),
        talk_time="1min",
        bot="helper",
    )
    mail = simcc.ContactType(
        name="mail",
        arrivals=simcc.LinearRateArrivals(times=[0, "2h", "3h"], rates_per_hour=[0, 60, 20]),
        talk_time=simcc.Lognormal(mean=150, cv=1.2),
    )
    letter = simcc.ContactType(
        name="letter", arrivals=simcc.TraceArrivals(times=[600, 2400, 2400, 9000]), talk_time=60
    )
    return simcc.Scenario(
        horizon=simcc.Horizon(length="3h", interval="30min", warmup="30min", cooldown="30min"),
        contact_types=[voice, chat, mail, letter],
        bots=[simcc.Bot(name="helper", session_time=60, contained=0.3, escalate_to="mail")],
        agent_groups=[
            simcc.AgentGroup(
                name="all",
                skills=["voice", "chat", "mail", "letter"],
                staff=simcc.FixedStaff(agents=9),
            )
        ],
    )


def test_means_by_hand() -> None:
    arrivals, work = expectations(busy_place())
    voice = [0, 40, 10, 30, 0, 0]  # half hours from 30 to 150 minutes
    np.testing.assert_allclose(arrivals[0], sum(voice))
    talks = np.array([100, 400, 450, 50, 60, 210])
    np.testing.assert_allclose(work[0], voice @ (talks + 30.0))
    # rates 15 to 60 an hour in 1.5 h, then 60 to 40 in half an hour
    np.testing.assert_allclose(arrivals[2], 1.5 * 37.5 + 0.5 * 50)
    np.testing.assert_allclose(work[2], 150 * arrivals[2])
    assert (arrivals[3], work[3]) == (2, 120)
    np.testing.assert_allclose(work[1], 150 * arrivals[1])  # chats become mails


def test_the_mean_of_two_phases_is_that_of_the_chain() -> None:
    """By the matrix exponential of the two phases with a clock of the time in the first one."""
    chat = busy_place().contact_types[1]
    horizon, edges = busy_place().horizon, np.array([0.0, 500.0, 4000.0])
    found = expected_arrivals(chat, horizon, edges)
    out, back = 1 / 1200, 1 / 600
    step = np.array([[-out, out, 1.0], [back, -back, 0.0], [0.0, 0.0, 0.0]])
    in_first = np.array([expm(step * t)[0, 2] for t in edges])
    expected = (10 * in_first + 90 * (edges - in_first)) / 3600
    np.testing.assert_allclose(found, np.diff(expected), rtol=1e-9)


def test_what_comes_in_has_the_mean(test_seed: int) -> None:
    n, scenario = 1500, busy_place()
    for drawn, mean in zip(
        _drawn(scenario, test_seed, range(n)), expectations(scenario), strict=True
    ):
        error = drawn.std(axis=0, ddof=1) / np.sqrt(n)
        assert (np.abs(drawn.mean(axis=0) - mean) <= 4.5 * error + 1e-9).all()
        assert (error[:3] > 0).all()


def test_controls_are_those_of_the_replications() -> None:
    """Arrivals as counted, and the same days whichever run they are in."""
    whole = simcc.simulate(CENTER, replications=8, seed=4)
    counted = whole.counters("type").groupby("replication")["offered"].sum().to_numpy()
    np.testing.assert_array_equal(_drawn(CENTER, 4, range(8))[0][:, 0], counted)
    one = controls(CENTER, 4, range(5, 8), ["offered_work:line 1", "arrivals"])
    np.testing.assert_array_equal(one[1].values, counted[5:])
    assert [x.name for x in one] == ["offered_work:line 1", "arrivals"]
    part = simcc.simulate(CENTER, replications=6, seed=4, first_replication=2)
    table = whole_center(simcc.with_controls(part, ["arrivals"]))
    assert table.loc["offered", "estimate"] == pytest.approx(busy_centers.RATE)


@pytest.mark.slow
@pytest.mark.parametrize("center", list(reduced_promises.centers()))
def test_intervals_hold_and_ratios_are_those_seen(center: str, test_seed: int) -> None:
    """Over experiments with seeds of their own; estimates of a few short days are a little skew."""
    for one in reduced_promises.savings(center, 200, 80, test_seed):
        assert one.share > 0.95 - 4.5 * one.error - 0.02, one
        assert abs(one.bias) < 4.5, one
        assert abs(np.log(one.seen / one.reported)) < 4.5 * one.error_of_seen + 0.1, one


# ------------------------------------------------------------------------- shown, refused


def test_summary_text_and_picture() -> None:
    found = reduced("stratified", metrics=None)
    table = found.summary()
    plain = simcc.simulate(CENTER, replications=2, seed=1).summary()
    pd.testing.assert_frame_equal(
        table[["scope", "metric", "unit"]], plain[["scope", "metric", "unit"]]
    )
    inside = table["estimate"].between(table["low"] - 1e-12, table["high"] + 1e-12)
    assert inside[table["low"].notna()].all()
    narrow = found.summary(level=0.5)
    assert ((table["high"] - table["low"]) >= (narrow["high"] - narrow["low"]))[inside].all()
    assert "stratified, 20 randomisations of 4, 80 replications, seed 1" in repr(found)
    assert "variance left, %" in str(found)
    assert "<table" in found._repr_html_()
    quantile = table[table["metric"] == "wait_p90"].iloc[0]
    assert quantile["low"] < quantile["estimate"] < quantile["high"]
    assert np.isnan(quantile["variance_ratio"])
    ax = found.plot()
    assert len(ax.patches) == len(ax.get_yticks()) >= 3
    with pytest.raises(simcc.SimulationError, match='no metric of "all" has a variance ratio'):
        found.plot(["wait_p90"])


@pytest.mark.parametrize(
    ("method", "changes", "words"),
    [
        ("sobol", {}, 'method is "sobol"|method is .sobol.'),
        ("antithetic", {"replications": 81}, "replications is 81; pairs need an even number"),
        ("antithetic", {"replications": 2}, "replications is 2; .* at least 4"),
        ("antithetic", {"randomisations": 4}, "randomisations is given"),
        ("stratified", {"replications": 90}, "replications is 90; it must be 20 randomisations"),
        ("stratified", {"replications": 20}, "must be 20 randomisations times 2 or more"),
        ("stratified", {"randomisations": 1}, "randomisations is 1; .* at least 2"),
        ("rqmc", {"replications": 200}, "it could be 160 or 320"),
        ("rqmc", {"scenario": busy_centers.center(cv=0)}, "that needs busyness"),
        ("stratified", {"scenario": "bank.toml"}, "scenario is .*bank.toml"),
        ("rqmc", {"metrics": ["assa"]}, 'there is no "assa"'),
        ("rqmc", {"seed": -1}, "seed: -1"),
        ("rqmc", {"workers": 0}, "workers is 0"),
    ],
)
def test_bad_designs(method: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(simcc.SimccError, match=words):
        reduced(method, **changes)


def test_bad_controls() -> None:
    result = simcc.simulate(CENTER, replications=5, seed=1)

    def refused(words: str, *arguments: Any, **options: Any) -> None:
        with pytest.raises(simcc.SimulationError, match=words):
            simcc.with_controls(*arguments, **options)

    refused("result is .*must be a simcc.Result", CENTER)
    refused('controls: there is no .*arrival.*"arrivals"', result, ["arrival"])
    refused("controls is .arrivals.; it must be a list", result, "arrivals")
    refused("controls is .*; it must be a list", result, [])
    refused('there is no "assa"', result, metrics=["assa"])
    few = simcc.simulate(CENTER, replications=4, seed=1)
    refused("result has 4 replications; 2 controls need at least 5", few)
    by_group = CENTER.contact_types[0].replace(
        talk_time=None, talk_time_by_group={"line 1": simcc.Exponential(mean=100)}
    )
    unknown = simcc.simulate(CENTER.replace(contact_types=[by_group]), replications=5, seed=1)
    refused("talk time depends on who serves", unknown, ["offered_work"])
    assert "controlled by arrivals," in repr(simcc.with_controls(unknown))
    fixed = CENTER.contact_types[0].replace(arrivals=simcc.TraceArrivals(times=[5, 2000]))
    same = simcc.simulate(CENTER.replace(contact_types=[fixed]), replications=5, seed=1)
    refused("controls: arrivals never vary", same, ["arrivals"])
