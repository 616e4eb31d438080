"""Stress tests: as Erlang's formulas say, paired, ordered, and the same on any workers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import erlang_centers
import matplotlib.pyplot as plt
import numpy as np
import pytest
import stress_promises
from scipy.optimize import brentq

import simcc
from simcc.errors import OutputError, ScenarioError, SimulationError
from simcc.experiments.breaking_result import Probe, _crossing
from simcc.theory import erlang_a

AGENTS, SHARE = 7, 0.75
SURE = 0.9999  # of intervals that must hold in every run of these tests
SHOCKS = [
    simcc.VolumeShock(percent=30),
    simcc.HandleTimeDrift(percent=10),
    simcc.Absence(percent=15),
    simcc.Impatience(percent=50),
]
LEVEL = "service_level_20s_offered"


def center() -> simcc.Scenario:
    target = simcc.Target(share=SHARE, within=20)
    return erlang_centers.center(AGENTS).replace(targets=[target])


def exact(rate: float = 1, talk: float = 1, patience: float = 1, agents: int = AGENTS) -> Any:
    """Erlang A with the figures of the center, times factors."""
    return erlang_a(
        agents,
        rate * erlang_centers.RATE,
        talk * erlang_centers.TALK,
        patience * erlang_centers.PATIENCE,
    )


TRUE = {
    "volume +30 %": exact(rate=1.3),
    "handle time +10 %": exact(talk=1.1),
    "absence 15 %": exact(agents=6),
    "impatience +50 %": exact(patience=1 / 1.5),
}


@pytest.fixture(scope="module")
def found() -> simcc.Stress:
    return simcc.stress(center(), SHOCKS, replications=150, seed=1, both_ways=True)


def test_shocks_do_what_erlang_a_says(test_seed: int) -> None:
    stress = simcc.stress(center(), SHOCKS, replications=400, seed=test_seed, workers=2)
    rows = stress.summary().set_index(["scope", "metric", "scenario"])
    for shock, true in TRUE.items():
        for metric, value in ((LEVEL, true.service_level(20)), ("abandonment", true.p_abandon)):
            row = rows.loc["all", metric, shock]
            before = exact().service_level(20) if metric == LEVEL else exact().p_abandon
            assert abs(row["difference"] - (value - before)) < 4.5 * row["std_error"], shock


def test_the_table_is_that_of_a_comparison(found: simcc.Stress) -> None:
    """Changes with their intervals, and days, from simcc.compare with the same scenarios."""
    scenarios = {"base": center()} | {one.label: one.apply(center()) for one in SHOCKS}
    turned = [one.scaled(-1).apply(center()) for one in SHOCKS if one.kind != "absence"]
    scenarios |= {f"turned {i}": one for i, one in enumerate(turned)}
    results = {
        name: simcc.simulate(one, replications=150, seed=1) for name, one in scenarios.items()
    }
    compared = simcc.Comparison(results, baseline="base").summary()
    compared = compared.set_index(["scope", "metric", "scenario"])
    for row in found.table().to_dict("records"):
        mine = compared.loc["all", LEVEL, row["shock"]]
        assert row["change"] == mine["difference"]
        assert (row["change_low"], row["change_high"]) == (mine["low"], mine["high"])
        assert (row["after"], row["before"]) == (mine["estimate"], mine["estimate_against"])
        days = compared.loc["all", f"probability_day_meets_{SHARE}_in_20s_offered", row["shock"]]
        assert (row["days_after"], row["days_before"]) == (
            days["estimate"],
            days["estimate_against"],
        )
        assert row["after_low"] < row["after"] < row["after_high"]


def test_what_breaks_most_comes_first(found: simcc.Stress) -> None:
    table = found.table()
    assert (np.diff(table["after"]) >= 0).all()
    assert found.shocks == list(table["shock"])
    verdicts = table.set_index("shock")["verdict"]
    for shock, verdict in verdicts.items():
        row = table.set_index("shock").loc[shock]
        if verdict == "breaks":
            assert row["after_high"] < SHARE
        elif verdict == "holds":
            assert row["after_low"] >= SHARE
        else:
            assert row["after_low"] < SHARE <= row["after_high"]
    assert verdicts["volume +30 %"] == "breaks"
    assert verdicts["impatience +50 %"] == "holds"


def test_a_shock_of_size_zero_changes_nothing() -> None:
    row = simcc.stress(center(), [SHOCKS[0].scaled(0)], replications=5, seed=1).table().iloc[0]
    assert (row["change"], row["change_low"], row["change_high"]) == (0, 0, 0)


def test_the_same_bits_on_any_workers() -> None:
    def tables(**options: Any) -> simcc.Stress:
        return simcc.stress(center(), SHOCKS[:1], replications=80, seed=3, breaking=True, **options)

    one, two = tables(), tables(workers=2)
    with ThreadPoolExecutor(2) as pool:
        three = tables(executor=pool)
    for other in (two, three):
        assert one.table().equals(other.table())
        for key, point in one.breaking.items():
            assert point.table().equals(other.breaking[key].table())


def test_the_smallest_breaking_size_comes_first() -> None:
    some = [SHOCKS[0], SHOCKS[2], SHOCKS[3]]
    stress = simcc.stress(center(), some, replications=80, seed=1, breaking=True)
    table = stress.table()
    assert (np.diff(table["times"]) >= 0).all()
    assert table["shock"].iloc[-1] == "impatience +50 %"  # helps the service level: never breaks
    assert np.isinf(table["breaks_at"].iloc[-1])
    assert "> 400 %" in str(stress)
    np.testing.assert_allclose(table["times"] * table["size"], table["breaks_at"])
    assert (
        (table["breaks_low"] <= table["breaks_at"]) & (table["breaks_at"] <= table["breaks_high"])
    ).all()


ROOTS = {
    "volume": (simcc.VolumeShock(percent=10), lambda x: exact(rate=1 + x / 100).service_level(20)),
    "handle time": (
        simcc.HandleTimeDrift(percent=10),
        lambda x: exact(talk=1 + x / 100).service_level(20),
    ),
}


@pytest.mark.parametrize("name", ROOTS)
def test_breaking_points_are_those_of_erlang_a(name: str, test_seed: int) -> None:
    shock, level = ROOTS[name]
    true = brentq(lambda x: level(x) - SHARE, 0, 100)
    point = simcc.breaking_point(
        center(), shock, tolerance=1, replications=160, seed=test_seed, confidence=SURE
    )
    assert point.low < true < point.high
    assert point.low <= point.estimate <= point.high < 40


def test_a_limit_of_any_metric_breaks_where_erlang_a_says(test_seed: int) -> None:
    """More impatient customers leave more often."""
    limit = simcc.Limit(metric="abandonment", most=0.08)
    true = brentq(lambda x: exact(patience=1 / (1 + x / 100)).p_abandon - 0.08, 0, 500)
    point = simcc.breaking_point(
        center(), simcc.Impatience(percent=50), limit, tolerance=5, replications=160,
        seed=test_seed, confidence=SURE,
    )  # fmt: skip
    assert point.low < true < point.high
    assert point.target == "abandonment at most 8.0 %"


def test_whole_agents_break_at_a_step() -> None:
    """With 7 agents the k-th is absent from (k - 0.5) / 7 on; one less holds 0.8, two do not."""
    assert exact(agents=6).service_level(20) < 0.75 < exact(agents=7).service_level(20)
    point = simcc.breaking_point(
        center(), simcc.Absence(percent=10), tolerance=0.2, replications=400, seed=1, workers=2
    )
    step = 100 * 0.5 / 7
    assert point.low <= step <= point.high
    assert point.high - point.low <= 0.21
    assert point.low <= point.estimate <= point.high


def test_a_target_that_is_broken_before_and_one_that_never_is() -> None:
    shock = simcc.VolumeShock(percent=5)
    hard, soft = (simcc.Target(share=share, within=20) for share in (0.99, 0.05))
    point = simcc.breaking_point(center(), shock, hard, replications=80, seed=1)
    assert (point.low, point.estimate, point.high) == (0, 0, 0)
    assert "broken without the shock" in str(point)
    point = simcc.breaking_point(center(), shock, soft, replications=80, seed=1)
    assert (point.low, point.estimate, point.high) == (40, np.inf, np.inf)
    assert "not broken up to 40 %" in str(point)
    point = simcc.breaking_point(center(), shock, soft, most=7, replications=80, seed=1)
    assert point.low == 7


def test_a_shock_that_means_fewer_can_break_too(test_seed: int) -> None:
    """Occupancy falls with volume; sizes are negative."""
    limit = simcc.Limit(metric="occupancy", least=0.6, scope="group:agents")
    point = simcc.breaking_point(
        center(), simcc.VolumeShock(percent=-5), limit, tolerance=1, replications=160,
        seed=test_seed, confidence=SURE,
    )  # fmt: skip
    true = brentq(lambda x: exact(rate=1 + x / 100).occupancy - 0.6, -50, 0)
    assert point.high < true < point.low < 0
    assert point.high <= point.estimate <= point.low


def test_all_days_of_a_few_are_not_sure_to_be_all_days() -> None:
    """Of 10 days in a row, an interval of a share must not be a point."""
    soft = center().replace(targets=[simcc.Target(share=0.01, within=20)])
    limit = simcc.Limit(metric="probability_day_meets_0.01_in_20s_offered", least=0.95)
    row = simcc.stress(soft, SHOCKS[:1], targets=[limit], replications=10, seed=1).table().iloc[0]
    assert row["after"] == 1
    assert row["verdict"] == "not clear"


def test_where_a_falling_curve_crosses() -> None:
    def probes(*pairs: tuple[float, float]) -> list[Probe]:
        return [Probe(size, None, 100, margin) for size, margin in pairs]  # type: ignore[arg-type]

    assert _crossing(probes((0, 2.0), (10, 1.0), (20, -1.0))) == 15
    assert _crossing(probes((0, 2.0), (10, -2.0), (20, -2.0))) == 5
    # Two values in the wrong order are taken together: 0.5 at both.
    assert _crossing(probes((0, 2.0), (10, 0.0), (20, 1.0), (30, -0.5))) == 25
    assert _crossing(probes((0, 2.0), (10, 1.0))) == np.inf


def test_pictures_show_every_shock(found: simcc.Stress) -> None:
    _, ax = plt.subplots()
    assert found.plot(ax=ax) is ax
    labels = [one.get_text() for one in ax.get_yticklabels()]
    assert sorted(labels) == sorted(one.label for one in SHOCKS)
    assert len(ax.patches) == 2 * len(SHOCKS) - 1  # nobody can be less than absent
    changes = [abs(bar.get_width()) for bar in ax.patches]
    assert changes[0] == max(changes)
    _, ax = plt.subplots()
    assert "abandonment" in found.plot("abandonment", ax=ax).get_xlabel()
    point = simcc.breaking_point(center(), SHOCKS[0], replications=80, seed=1)
    _, ax = plt.subplots()
    assert point.plot(ax=ax) is ax
    assert ax.get_xlabel() == "volume (%)"
    plt.close("all")
    with pytest.raises(SimulationError, match='there is no "asas" of "all"'):
        found.plot("asas")


def test_a_bar_has_its_own_shock_turned_round_only() -> None:
    """Also where the name of one ends with that of another, or is that of its opposite."""
    shock = SHOCKS[0]
    named = {"x": shock, "y of x": shock.scaled(0.5), "opposite of y of x": shock.scaled(-0.5)}
    stress = simcc.stress(center(), named, replications=3, seed=1, both_ways=True)
    _, ax = plt.subplots()
    stress.plot(ax=ax)
    assert len(ax.patches) == 2 + 1 + 2
    plt.close("all")


def test_text_and_html(found: simcc.Stress) -> None:
    assert repr(found) == "<Stress: 4 shocks, 150 replications of each, seed 1>"
    lines = str(found).splitlines()
    assert lines[3].startswith("no shock")
    assert "<table>" in found._repr_html_()
    point = simcc.breaking_point(center(), SHOCKS[0], replications=80, seed=1)
    assert repr(point).startswith("<BreakingPoint: all contacts: 75 % within 20 s, of the offered")
    assert "<table>" in point._repr_html_()


def test_without_targets_there_are_differences() -> None:
    plain = center().replace(targets=[])
    stress = simcc.stress(plain, SHOCKS[:2], replications=5, seed=1)
    assert len(stress.table()) == 0
    assert stress.shocks == ["volume +30 %", "handle time +10 %"]
    assert "abandonment" in str(stress)
    _, ax = plt.subplots()
    assert LEVEL in stress.plot(ax=ax).get_xlabel()
    plt.close("all")


def test_files(tmp_path: Path) -> None:
    stress = simcc.stress(center(), SHOCKS[:1], replications=80, seed=1, breaking=True)
    folder = stress.save(tmp_path / "out")
    names = {path.name for path in folder.iterdir()}
    tables = {f"{name}.{end}" for name in ("stress", "differences", "curves")
              for end in ("csv", "parquet")}  # fmt: skip
    assert names == tables | {"tornado.png", "shocks.json", "scenario.json", "run.json"}
    shocks = json.loads((folder / "shocks.json").read_text())
    assert shocks["volume +30 %"]["percent"] == 30
    with pytest.raises(OutputError, match="not empty"):
        stress.save(folder)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"scenario": "today"}, 'scenario is "today"; it must be a simcc.Scenario'),
    ({"shocks": []}, "shocks is empty"),
    ({"shocks": {"no shock": SHOCKS[0]}}, 'shocks: "no shock" is the scenario itself'),
    ({"replications": 1}, "replications is 1; it must be a whole number of at least 2"),
    ({"replications": 79, "breaking": True}, "replications is 79; .* at least 80"),
    ({"targets": [], "breaking": True}, "targets are none"),
    ({"targets": "all"}, 'targets is "all"; it must be a list of targets'),
    ({"targets": [0.8]}, r"targets\[0\] is 0.8; it must be a Target or a Limit"),
    ({"targets": [simcc.Limit(metric="asas", most=1)]}, 'there is no "asas"'),
    ({"targets": [simcc.Limit(metric="asa", most=1, scope="type:x")]}, 'there is no "type:x"'),
    ({"metrics": ["asas"]}, 'there is no "asas"'),
    ({"confidence": 1}, "confidence is 1"),
    ({"method": "scheffe"}, 'method is "scheffe"'),
]


@pytest.mark.parametrize(("changed", "words"), BAD)
def test_bad_arguments_are_named(changed: dict[str, Any], words: str) -> None:
    arguments = {
        "scenario": center(),
        "shocks": SHOCKS[:1],
        "replications": 5,
        "seed": 1,
        **changed,
    }
    scenario, shocks = arguments.pop("scenario"), arguments.pop("shocks")
    with pytest.raises(SimulationError, match=words):
        simcc.stress(scenario, shocks, **arguments)


BAD_POINTS: list[tuple[dict[str, Any], str]] = [
    ({"scenario": 5}, "scenario is 5; it must be a simcc.Scenario"),
    ({"shock": "volume"}, 'shock is "volume"; it must be a shock'),
    ({"shock": SHOCKS[0].scaled(0)}, "shock is of size 0"),
    ({"target": "asa"}, 'target is "asa"; it must be a Target or a Limit'),
    ({"most": 0}, "most is 0; it must be a number, more than 0"),
    ({"shock": SHOCKS[2], "most": 200}, "most is 200, which the shock cannot be"),
    ({"tolerance": 0}, "tolerance is 0"),
    ({"replications": 10}, "replications is 10; .* at least 80"),
    ({"probes": 4}, "probes is 4; .* at least 5"),
    ({"workers": 0}, "workers is 0"),
]


@pytest.mark.parametrize(("changed", "words"), BAD_POINTS)
def test_bad_arguments_of_breaking_points(changed: dict[str, Any], words: str) -> None:
    arguments = {"scenario": center(), "shock": SHOCKS[0], "seed": 1, **changed}
    scenario, shock = arguments.pop("scenario"), arguments.pop("shock")
    with pytest.raises(SimulationError, match=words):
        simcc.breaking_point(scenario, shock, **arguments)


def test_a_target_must_be_named_unless_there_is_one() -> None:
    with pytest.raises(SimulationError, match="target is missing, and the scenario has 0"):
        simcc.breaking_point(center().replace(targets=[]), SHOCKS[0])
    for limits in ({}, {"least": 1, "most": 2}):
        with pytest.raises(SimulationError, match='limit of "asa": give either'):
            simcc.Limit(metric="asa", **limits)
    with pytest.raises(SimulationError, match="most is -1"):
        simcc.Limit(metric="asa", most=-1)
    with pytest.raises(ScenarioError, match='shock "absence of x 5 %"'):
        simcc.stress(center(), [simcc.Absence(percent=5, groups=["x"])], replications=5)


def test_intervals_hold_the_point(test_seed: int) -> None:
    """A few experiments: fewer than 2 of 5 has a probability of 3e-5 at the promised share."""
    assert stress_promises.coverage(5, test_seed).kept >= 2


@pytest.mark.slow
def test_intervals_hold_the_point_as_often_as_promised(test_seed: int) -> None:
    found = stress_promises.coverage(150, test_seed)
    assert found.share > found.promised - 4 * found.error
