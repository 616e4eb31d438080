"""Sensitivities against the derivatives, and the variances, of queueing formulas."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import erlang_centers
import matplotlib
import numpy as np
import pandas as pd
import pytest
from erlang_centers import PATIENCE, RATE, TALK

import simcc
from simcc.errors import SimccError, SimulationError
from simcc.theory import erlang_a, erlang_c

matplotlib.use("Agg")

SEVERAL = 5.0  # standard errors
CENTER = erlang_centers.center(6)
LEVEL = "service_level_20s_offered"
Figures = dict[str, float]


def of_a(
    agents: float = 6, rate: float = RATE, talk: float = TALK, patience: float = PATIENCE
) -> Figures:
    found = erlang_a(int(agents), rate, talk, patience)
    return {
        LEVEL: found.served_within(20), "abandonment": found.p_abandon, "asa": found.asa,
        "occupancy": found.occupancy,
    }  # fmt: skip


def of_c(agents: float = 8, rate: float = RATE, talk: float = TALK) -> Figures:
    found = erlang_c(int(agents), rate, talk)
    return {LEVEL: found.service_level(20), "asa": found.asa, "occupancy": found.occupancy}


def rows_of(found: simcc.Sensitivity, factor: str) -> pd.DataFrame:
    table = found.table()
    return table[(table["factor"] == factor) & (table["scope"] == "all")].set_index("metric")


def check(
    rows: pd.DataFrame, formula: Callable[..., Figures], name: str, value: float, step: float
) -> None:
    """The estimates are those of the formula, and so are the slopes, as far as the step says."""
    small = 1.0 if name == "agents" else 0.01
    by = step if name == "agents" else step * value
    up, down = formula(**{name: value + by}), formula(**{name: value - by})
    now = formula(**{name: value})
    for metric, one in up.items():
        row = rows.loc[metric]
        exact = (one - down[metric]) / (2 * step) * small
        assert abs(row["derivative"] - exact) < SEVERAL * row["std_error"], metric
        error = (row["elasticity_high"] - row["elasticity_low"]) / 2 / 1.96
        elasticity = exact / small * (value if name == "agents" else 1) / now[metric]
        assert abs(row["elasticity"] - elasticity) < SEVERAL * error, metric
        if name != "agents":
            h = 1e-4 * value
            slope = formula(**{name: value + h})[metric] - formula(**{name: value - h})[metric]
            slope *= small * value / (2 * h)
            assert abs(exact - slope) < 0.03 * abs(slope), "the step is short enough"


def test_derivatives_are_those_of_erlang_a(test_seed: int) -> None:
    found = simcc.sensitivity(CENTER, replications=150, seed=test_seed)
    assert [factor.label for factor in found.factors] == [
        "agents of agents", "volume", "handle time", "patience",
    ]  # fmt: skip
    check(rows_of(found, "agents of agents"), of_a, "agents", 6, 1)
    check(rows_of(found, "volume"), of_a, "rate", RATE, 0.05)
    check(rows_of(found, "handle time"), of_a, "talk", TALK, 0.05)
    check(rows_of(found, "patience"), of_a, "patience", PATIENCE, 0.1)
    level = rows_of(found, "volume").loc[LEVEL]
    assert level["derivative"] + SEVERAL * level["std_error"] < 0, "the test can tell it from 0"


def test_derivatives_are_those_of_erlang_c(test_seed: int) -> None:
    """Nobody gives up; long days, since queues last."""
    kind = CENTER.contact_types[0].replace(patience=None)
    group = CENTER.agent_groups[0].replace(staff=simcc.FixedStaff(agents=8))
    horizon = simcc.Horizon(length="14h", interval="1h", warmup="2h", cooldown="2h")
    one = CENTER.replace(contact_types=[kind], agent_groups=[group], horizon=horizon)
    factors = [simcc.Volume(step=0.04), simcc.HandleTime(step=0.04)]
    found = simcc.sensitivity(one, factors, replications=100, seed=test_seed)
    check(rows_of(found, "volume"), of_c, "rate", RATE, 0.04)
    check(rows_of(found, "handle time"), of_c, "talk", TALK, 0.04)


def test_containment_thins_the_arrivals(test_seed: int) -> None:
    def formula(share: float) -> Figures:
        found = of_a(rate=160 * (1 - share))
        return {name: found[name] for name in ("abandonment", "asa")}

    bot = simcc.Bot(name="helper", session_time=simcc.Exponential(mean=30), contained=0.35)
    kind = CENTER.contact_types[0].replace(
        bot="helper", arrivals=simcc.PoissonArrivals(rate_per_hour=160)
    )
    one = CENTER.replace(contact_types=[kind], bots=[bot])
    found = simcc.sensitivity(
        one, [simcc.Containment("helper", step=0.03)], replications=120, seed=test_seed
    )
    rows = rows_of(found, "containment of helper")
    for metric, up in formula(0.38).items():
        exact = (up - formula(0.32)[metric]) / 6  # of a point
        row = rows.loc[metric]
        assert abs(row["derivative"] - exact) < SEVERAL * row["std_error"]
        assert row["per"] == "1 point"
        ratio = 35 / formula(0.35)[metric]  # points now
        error = (row["elasticity_high"] - row["elasticity_low"]) / 2 / 1.96
        assert abs(row["elasticity"] - exact * ratio) < SEVERAL * error


def test_it_is_the_paired_difference_of_two_scenarios() -> None:
    found = simcc.sensitivity(CENTER, [simcc.HandleTime()], replications=20, seed=4)
    moved = {
        name: simcc.with_values(CENTER, {"contact_types.voice.talk_time.mean": TALK * factor})
        for name, factor in (("down", 0.95), ("up", 1.05))
    }
    pair = simcc.compare(moved, replications=20, seed=4, baseline="down").summary()
    pair = pair.set_index(["scope", "metric"])
    for _, row in found.table().iterrows():
        for name, other in (("derivative", "difference"), ("low", "low"), ("high", "high")):
            expected = pair.loc[(row["scope"], row["metric"]), other] / 10  # of 1 %
            assert row[name] == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_cost_is_in_proportion_to_agents() -> None:
    found = simcc.sensitivity(CENTER, [simcc.HeadCount("agents", step=2)], replications=3, seed=1)
    row = rows_of(found, "agents of agents").loc["total_cost"]
    assert (row["derivative"], row["low"], row["high"]) == (60.0, 60.0, 60.0)  # 30 for 2 h
    assert row["elasticity"] == pytest.approx(1.0)
    counts = simcc.HeadCounts(counts=[0, 4, 4, 8, 8, 0])
    one = simcc.with_values(CENTER, {"agent_groups.agents.staff": counts})
    assert simcc.HeadCount("agents").size(one) == 6.0
    roster = simcc.Roster(shifts=[simcc.Shift(agent=x, start=0, end="3h") for x in "abc"])
    one = simcc.with_values(CENTER, {"agent_groups.agents.staff": roster})
    row = rows_of(
        simcc.sensitivity(one, [simcc.HeadCount("agents")], replications=3, seed=1),
        "agents of agents",
    ).loc["total_cost"]
    assert (row["derivative"], row["elasticity"]) == pytest.approx((60.0, 1.0))


def test_one_side_where_the_other_is_impossible(test_seed: int) -> None:
    nobody = simcc.with_values(CENTER, {"agent_groups.agents.staff.agents": 0})
    factor = [simcc.HeadCount("agents")]
    rows = rows_of(
        simcc.sensitivity(nobody, factor, replications=60, seed=test_seed), factor[0].label
    )
    row = rows.loc["abandonment"]
    assert row["difference"] == "forward"
    exact = of_a(agents=1)["abandonment"] - 1.0
    assert abs(row["derivative"] - exact) < SEVERAL * row["std_error"]
    bot = simcc.Bot(name="helper", session_time=30, contained=0.99)
    kind = CENTER.contact_types[0].replace(bot="helper")
    one = CENTER.replace(contact_types=[kind], bots=[bot])
    found = simcc.sensitivity(
        one, [simcc.Containment("helper")], metrics=["containment"], replications=20, seed=test_seed
    )
    row = rows_of(found, "containment of helper").loc["containment"]
    assert row["difference"] == "backward"
    assert abs(row["derivative"] - 0.01) < SEVERAL * row["std_error"]


def test_workers_do_not_matter_and_what_is_shown() -> None:
    from matplotlib import pyplot as plt

    one = simcc.instances.n_design(length="2h").replace(name="<center>")
    found, again = (
        simcc.sensitivity(one, replications=8, seed=1, workers=workers) for workers in (1, 2)
    )
    pd.testing.assert_frame_equal(found.table(), again.table())
    with ThreadPoolExecutor(2) as pool:
        other = simcc.sensitivity(one, replications=8, seed=1, executor=pool, progress=True)
    pd.testing.assert_frame_equal(found.table(), other.table())
    assert {"type:a", "group:g1"} <= set(found.table()["scope"])
    assert "agents of g2" in str(found)
    assert "&lt;center&gt;" in found._repr_html_()
    _, ax = plt.subplots()
    assert found.plot("asa", "type:a", ax=ax) is ax
    tops = [text.get_text() for text in ax.get_yticklabels()]
    rows = found.table().query("metric == 'asa' and scope == 'type:a'")
    largest = rows.loc[rows["derivative"].abs().idxmax()]
    assert tops[0] == f"{largest['factor']}, +{largest['per']}"
    plt.close("all")
    with pytest.raises(SimulationError, match='no "asa" of "x"'):
        found.plot("asa", "x")


# -------------------------------------------------------------------------------- Sobol's indices

RANGES: dict[Any, Any] = {
    simcc.Volume(): (-0.1, 0.1), simcc.HandleTime(): (-0.15, 0.15),
    simcc.HeadCount("agents"): (-1, 1),
}  # fmt: skip


def test_indices_are_those_of_the_formula(test_seed: int) -> None:
    sobol = pytest.importorskip("SALib.analyze.sobol")
    from SALib.sample.sobol import sample

    found = simcc.sobol(
        CENTER, RANGES, budget=12 * 5 * 64, replications=12, metrics=["abandonment", "total_cost"],
        seed=test_seed,
    )  # fmt: skip
    assert found.samples.shape == (5 * 64, 3)
    problem = {"num_vars": 3, "bounds": [[-0.1, 0.1], [-0.15, 0.15], [-1.499999, 1.499999]]}
    problem["names"] = ["a", "b", "c"]
    at = sample(problem, 1024, calc_second_order=False, seed=5)
    y = np.array(
        [of_a(6 + round(n), RATE * (1 + v), TALK * (1 + h))["abandonment"] for v, h, n in at]
    )
    exact = sobol.analyze(problem, y, calc_second_order=False, seed=5)
    rows = found.table().query("scope == 'all' and metric == 'abandonment'")
    for kind, name in (("first", "S1"), ("total", "ST")):
        error = np.hypot(rows[f"{kind}_half_width"], exact[f"{name}_conf"]) / 1.96
        assert (np.abs(rows[kind] - exact[name]) < SEVERAL * error).all()
    assert rows["first"].iloc[2] > 0.4 > rows["first"].iloc[0]
    days = simcc.simulate(CENTER, replications=120, seed=test_seed + 1).summary()
    day = days.set_index(["scope", "metric"]).loc[("all", "abandonment"), "std_error"] * 120**0.5
    # all scenarios have the luck of the same 12 days, more or less of it
    assert abs(rows["mean"].iloc[0] - y.mean()) < SEVERAL * day / 12**0.5
    assert 0 < rows["noise_share"].iloc[0] < 0.1
    cost = found.table().query("scope == 'all' and metric == 'total_cost'")
    assert cost["total"].tolist()[:2] == [0.0, 0.0]
    assert cost["noise_share"].iloc[0] == pytest.approx(0.0, abs=1e-12)
    assert abs(cost["first"].iloc[2] - 1) < cost["first_half_width"].iloc[2] * 2.5


def made_up(noise: float, replications: int, seed: int) -> pd.Series:
    """Indices of a sum of two factors, 4 to 1 in variance, with luck of each scenario."""
    sobol = pytest.importorskip("SALib.analyze.sobol")
    from SALib.sample.sobol import sample

    from simcc.experiments.indices import Sobol
    from simcc.experiments.measured import Measured

    random = np.random.default_rng(seed)
    ranges: Any = {simcc.Volume(): (-1.0, 1.0), simcc.HandleTime(): (-1.0, 1.0)}
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[-1.0, 1.0]] * 2}
    at = sample(problem, 256, calc_second_order=False, seed=seed % 2**32)
    common = 5 * random.standard_normal(replications)
    figures = []
    for x, y in at:
        seen = 2 * x + y + common + noise * random.standard_normal(replications)
        one = Measured("s", float(seen.mean()), seen - seen.mean())
        figures.append({("all", "asa"): one})
    found = Sobol(
        CENTER, ranges, at, figures, problem, sobol.analyze, confidence=0.95,
        replications=replications, seed=1,
    )  # fmt: skip
    return found.table().iloc[0]


def test_noise_is_told_apart(test_seed: int) -> None:
    """Variance 5/3 of the factors; noise 1/8 on the means: what is common does not count."""
    quiet, loud = made_up(0.0, 8, test_seed), made_up(1.0, 8, test_seed)
    expected = (1 / 8) / (5 / 3 + 1 / 8)
    # 768 sample variances of 8, and the variance between 768 scenarios
    error = expected * math.sqrt(2 / (7 * 768) + 2 / 768)
    assert abs(loud["noise_share"] - expected) < SEVERAL * error
    assert quiet["noise_share"] < 1e-12
    assert abs(quiet["first"] - 0.8) < SEVERAL * quiet["first_half_width"] / 1.96
    assert loud["first_half_width"] > 1.05 * quiet["first_half_width"]


def test_sobol_does_not_depend_on_workers_and_shows_itself() -> None:
    pytest.importorskip("SALib")
    from matplotlib import pyplot as plt

    found, again = (
        simcc.sobol(
            CENTER, RANGES, budget=5 * 16 * 2 + 3, replications=2, metrics=["asa"], seed=3,
            workers=workers,
        )
        for workers in (1, 2)
    )  # fmt: skip
    pd.testing.assert_frame_equal(found.table(), again.table())
    with ThreadPoolExecutor(1) as pool:
        other = simcc.sobol(
            CENTER, RANGES, budget=5 * 16 * 2, replications=2, metrics=["asa"], seed=3,
            executor=pool, progress=True,
        )  # fmt: skip
    pd.testing.assert_frame_equal(found.table(), other.table())
    assert found.samples.shape == (80, 3)
    text = str(found)
    assert "-10 .. +10 %" in text
    assert "noise" in text
    assert "<table>" in found._repr_html_()
    _, ax = plt.subplots()
    assert found.plot("asa", ax=ax) is ax
    plt.close("all")
    with pytest.raises(SimulationError, match='no "wait" of "all"'):
        found.plot("wait")


# ------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ([], r"factors is \[\]"),
        ("volume", "factors is"),
        (["volume"], "must be a simcc.HeadCount"),
        ([simcc.HeadCount("x")], 'no group "x"'),
        ([simcc.Volume("x")], 'no contact type "x"'),
        ([simcc.Containment("x")], 'no bot "x"'),
        ([simcc.Volume(), simcc.Volume(step=0.1)], "volume is named twice"),
        ([simcc.HeadCount("agents", step=2_000_000)], "neither up nor down"),
    ],
)
def test_bad_factors(factors: Any, words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        simcc.sensitivity(CENTER, factors, replications=2, seed=1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: simcc.HeadCount("agents", step=0), "HeadCount: step is 0"),
        (lambda: simcc.HeadCount("agents", step=0.5), "HeadCount: step is 0.5"),
        (lambda: simcc.Volume(step=0), "Volume: step is 0"),
        (lambda: simcc.HandleTime(step=0.6), "HandleTime: step is 0.6"),
        (lambda: simcc.Patience(step="x"), "Patience: step is 'x'"),
        (lambda: simcc.Containment("helper", step=-1), "Containment: step is -1"),
    ],
)
def test_bad_steps(make: Any, words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        make()


def test_factors_that_a_scenario_has_not() -> None:
    real = simcc.TraceArrivals(times=[10])
    one = simcc.with_values(CENTER, {"contact_types.voice.arrivals": real})
    with pytest.raises(SimulationError, match="real instants"):
        simcc.sensitivity(one, [simcc.Volume()], replications=2)
    one = CENTER.replace(contact_types=[CENTER.contact_types[0].replace(patience=None)])
    with pytest.raises(SimulationError, match="no type has patience"):
        simcc.sensitivity(one, [simcc.Patience()], replications=2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenario": 3}, "scenario is 3"),
        ({"replications": 1}, "replications is 1"),
        ({"confidence": 1.0}, "confidence is 1"),
        ({"metrics": ["asap"]}, 'no "asap"'),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers is 0"),
    ],
)
def test_bad_arguments(changes: dict[str, Any], words: str) -> None:
    good = {"scenario": CENTER, "replications": 2, "budget": 160}
    arguments = {**good, **changes}
    scenario = arguments.pop("scenario")
    with pytest.raises(SimccError, match=words):
        simcc.sobol(scenario, RANGES, **arguments)
    del arguments["budget"]
    with pytest.raises(SimccError, match=words):
        simcc.sensitivity(scenario, [simcc.Volume()], **arguments)


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ([simcc.Volume()], "must be a mapping"),
        ({simcc.Volume(): (-0.1, 0.1)}, "at least 2"),
        ({**RANGES, simcc.Volume(): (0.1, -0.1)}, "the lower first"),
        ({**RANGES, simcc.Volume(): (0.1, math.inf)}, "two numbers"),
        ({**RANGES, simcc.Volume(): 0.1}, "two numbers"),
        ({**RANGES, simcc.HeadCount("agents"): (-0.5, 1)}, "two whole numbers"),
        ({**RANGES, simcc.HeadCount("agents"): (-7, 1)}, "cannot change by -7"),
        ({**RANGES, simcc.Volume(): (-1.5, 1)}, "cannot change by -1.5"),
    ],
)
def test_bad_ranges(ranges: Any, words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        simcc.sobol(CENTER, ranges, budget=1000, seed=1)


def test_the_budget_and_the_library_are_checked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SimulationError, match=r"at least 800 \(16 x 5 x 10\)"):
        simcc.sobol(CENTER, RANGES, budget=799)
    monkeypatch.setitem(sys.modules, "SALib.analyze.sobol", None)
    with pytest.raises(SimulationError, match=r"pip install .simcc\[sensitivity\]"):
        simcc.sobol(CENTER, RANGES, budget=800)
