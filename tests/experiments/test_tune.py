"""Tuning: the budget, the same customers, what is kept, what is shown, and bad input."""

from __future__ import annotations

import math
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import erlang_centers
import matplotlib
import pandas as pd
import pytest

import simcc
from simcc.errors import ScenarioError, SimccError, SimulationError
from simcc.experiments.search import Search, stages

matplotlib.use("Agg")


def figures(tuning: simcc.Tuning) -> pd.DataFrame:
    return tuning.summary().set_index("figure")


def center(values: dict[str, Any]) -> simcc.Scenario:
    return erlang_centers.center(values["agents"])


# ---------------------------------------------------------------------------------------- search


def test_the_budget_is_kept() -> None:
    for budget in (40, 41, 100, 333, 2000, 12345):
        for first in (2, 5, 10):
            for possible in (2, 3, 7, math.inf):
                plan = stages(budget, first, possible)
                spent, before = 0, 0
                for n, replications in plan:
                    assert 2 <= n <= possible
                    spent += n * (replications - before)
                    before = replications
                assert spent <= budget
                assert plan[0][1] == first
                assert [n for n, _ in plan] == sorted((n for n, _ in plan), reverse=True)


def test_every_candidate_has_the_same_customers_and_is_simulated_once() -> None:
    found = simcc.tune(
        center, {"agents": simcc.Integer(4, 7)}, "asa", budget=120, first_stage=5, seed=3
    )
    table = found.trials()
    assert found.replications == table["replications"].sum() <= 120
    for _, row in table.iterrows():
        again = simcc.simulate(
            erlang_centers.center(row["agents"]), replications=row["replications"], seed=3
        )
        one = again.summary().set_index(["scope", "metric"]).loc[("all", "asa")]
        assert row["objective"] == one["estimate"]
        assert row["std_error"] == pytest.approx(one["std_error"], rel=1e-12)


def test_proposals_are_new_and_the_search_is_deterministic() -> None:
    pytest.importorskip("optuna")
    parameters = {"agents": simcc.Integer(2, 40), "speed": simcc.Choice([0.8, 1.0, 1.25])}

    def build(values: dict[str, Any]) -> simcc.Scenario:
        one = erlang_centers.center(values["agents"], length="90min")
        group = one.agent_groups[0].replace(skills={"voice": values["speed"]})
        return one.replace(agent_groups=[group])

    def run(seed: int, workers: int = 1) -> simcc.Tuning:
        return simcc.tune(
            build, parameters, {"staff_cost": 1.0, "abandoned": 10.0}, goal="min", budget=160,
            first_stage=2, seed=seed, workers=workers, start={"agents": 20, "speed": 1.25},
        )  # fmt: skip

    one, again, other = run(1), run(1, workers=2), run(2)
    assert not one.trials().duplicated(["agents", "speed"]).any()
    assert one.trials().loc[0, ["agents", "speed"]].tolist() == [20, 1.25]
    pd.testing.assert_frame_equal(one.trials(), again.trials())
    pd.testing.assert_frame_equal(one.summary(), again.summary())
    assert not one.trials().equals(other.trials())


def test_a_space_with_fewer_values_than_asked_for_is_exhausted() -> None:
    """All but the last values have been proposed: there is an end."""
    pytest.importorskip("optuna")
    from simcc.experiments.proposals import Sampled

    source = Sampled({"x": simcc.Integer(1, 3)}, 1, None)
    seen = []
    while (values := source.next()) is not None:
        seen.append(values["x"])
        source.tell(values, float(values["x"]), 0.0)
    assert sorted(seen) == [1, 2, 3]


def test_a_killed_search_goes_on_from_its_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(**more: Any) -> simcc.Tuning:
        return simcc.tune(
            center, {"agents": simcc.Integer(4, 9)}, "asa", budget=100, first_stage=5, seed=3,
            start={"agents": 5}, **more,
        )  # fmt: skip

    plain = run()
    whole, calls = Search._simulate, []

    def dies(self: Search, one: Any, *args: Any) -> None:
        calls.append(one)
        if len(calls) == 4:
            raise KeyboardInterrupt
        whole(self, one, *args)

    monkeypatch.setattr(Search, "_simulate", dies)
    with pytest.raises(KeyboardInterrupt):
        run(store=tmp_path / "lab")
    kept = {path for path in (tmp_path / "lab").rglob("*.parquet")}
    assert kept
    times = {path: path.stat().st_mtime_ns for path in kept}
    monkeypatch.undo()
    resumed = run(store=tmp_path / "lab")
    assert {path: path.stat().st_mtime_ns for path in kept} == times
    pd.testing.assert_frame_equal(resumed.trials(), plain.trials())
    pd.testing.assert_frame_equal(resumed.summary(), plain.summary())
    parts = set((tmp_path / "lab").rglob("*.parquet"))
    run(store=tmp_path / "lab")
    assert set((tmp_path / "lab").rglob("*.parquet")) == parts


def test_an_executor_gives_the_same() -> None:
    def run(**more: Any) -> simcc.Tuning:
        place = "agent_groups.agents.staff.agents"
        return simcc.tune(
            erlang_centers.center(5), {place: simcc.Integer(4, 6)}, "asa", budget=60,
            first_stage=5, seed=3, **more,
        )  # fmt: skip

    plain = run()
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        other = run(executor=pool)
    pd.testing.assert_frame_equal(other.trials(), plain.trials())
    pd.testing.assert_frame_equal(other.summary(), plain.summary())


def test_policies_to_choose_from_and_a_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    from matplotlib import pyplot as plt

    policies = [simcc.LongestWait(), simcc.RoundRobin(), simcc.StaticPriority(priority={"b": 0})]
    found = simcc.tune(
        simcc.instances.n_design(length="2h"), {"routing.policy": simcc.Choice(policies)}, "asa",
        budget=60, first_stage=2, seed=1, progress=True,
    )  # fmt: skip
    assert found.trials()["routing.policy"].tolist() == policies
    assert found.scenario.routing.policy == found.best["routing.policy"]
    assert "tuning" in capsys.readouterr().err
    _, ax = plt.subplots()
    found.plot_parameters(ax=ax)
    assert len(ax.get_xticks()) == 3
    plt.close("all")


@pytest.mark.parametrize("most", [3, 60], ids=["all", "proposed"])
def test_a_candidate_without_a_value_is_the_worst(most: int) -> None:
    """Without agents nobody is served, so that there is no mean wait of the served."""
    if most > 3:
        pytest.importorskip("optuna")
    found = simcc.tune(
        center, {"agents": simcc.Integer(0, most)}, "asa", budget=64, first_stage=4, seed=1,
        start={"agents": 0},
    )  # fmt: skip
    assert math.isnan(found.trials()["objective"].iloc[0])
    assert found.best["agents"] >= 3
    assert math.isnan(figures(found).loc["gain", "estimate"])


# ------------------------------------------------------------------------------------ objectives


def test_a_formula_is_linearised() -> None:
    """The square of the asa: twice the asa times its standard error."""
    place = {"agent_groups.agents.staff.agents": simcc.Integer(5, 6)}
    one = erlang_centers.center(5)
    squared = simcc.Formula(lambda x: x * x, ["asa"], name="asa squared")
    rows = [
        figures(simcc.tune(one, place, objective, goal="min", budget=80, seed=1))
        for objective in ("asa", squared, {"asa": -2.0, ("asa", "type:voice"): 5.0})
    ]
    plain, formula, weighted = (row.loc["objective, fresh"] for row in rows)
    assert formula["estimate"] == pytest.approx(plain["estimate"] ** 2)
    slope = 2 * plain["estimate"]
    assert formula["std_error"] == pytest.approx(slope * plain["std_error"])
    assert weighted["estimate"] == pytest.approx(3 * plain["estimate"])
    assert weighted["std_error"] == pytest.approx(3 * plain["std_error"])


def test_what_a_tuning_shows(tmp_path: Path) -> None:
    from matplotlib import pyplot as plt

    bound = simcc.AtMost("abandonment", 0.0001)
    found = simcc.tune(
        lambda values: erlang_centers.center(values["<agents>"]),
        {"<agents>": simcc.Integer(4, 6)}, "asa", budget=60, first_stage=5, seed=3,
        constraints=[bound], start={"<agents>": 5},
    )  # fmt: skip
    text, page = str(found), found._repr_html_()
    for word in ("<agents>", "optimism", "gain", "abandonment <= 0.0001", "misses a constraint"):
        assert word in text
    assert "&lt;agents&gt;" in page
    assert "<agents>" not in page
    assert not found.feasible
    assert found.best == {"<agents>": 6}, "the one that misses the bound least"
    assert found.comparison is not None
    assert found.comparison.baseline == "start"
    for draw in (found.plot, lambda ax: found.plot_parameters("<agents>", ax=ax)):
        _, ax = plt.subplots()
        assert draw(ax) is ax
        ax.figure.savefig(tmp_path / "plot.png")
        plt.close("all")
    with pytest.raises(SimulationError, match='no parameter "agent"'):
        found.plot_parameters("agent")


# ------------------------------------------------------------------------------------- bad input

GOOD: dict[str, Any] = {
    "build": center, "parameters": {"agents": simcc.Integer(4, 6)}, "objective": "asa",
    "budget": 60,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"build": 3}, "build is 3; it must be a simcc.Scenario"),
        ({"build": lambda values: None}, "build returned None"),
        ({"parameters": {}}, "parameters is {}"),
        ({"parameters": {"agents": (4, 6)}}, r'parameters\["agents"\]'),
        ({"parameters": {3: simcc.Integer(1, 2)}}, "the name 3 must be text"),
        ({"objective": "asap"}, 'no "asap"'),
        ({"objective": 3}, "objective is 3"),
        ({"objective": "occupancy"}, "no way of"),
        ({"objective": {"asa": 1.0}}, "goal"),
        ({"objective": {"asa": "x"}, "goal": "min"}, "weight of asa"),
        ({"objective": {("asa", "type:x"): 1.0}, "goal": "min"}, 'no "type:x"'),
        ({"objective": {("asa",): 1.0}, "goal": "min"}, "pair of a metric and a scope"),
        ({"goal": "best"}, "goal is"),
        ({"budget": 39}, "budget is 39"),
        ({"budget": 60.0}, "budget is 60.0"),
        ({"first_stage": 1}, "first_stage is 1"),
        ({"fresh_replications": 1}, "fresh_replications is 1"),
        ({"constraints": "asa"}, "constraints is"),
        ({"constraints": [0.8]}, "simcc.AtLeast"),
        ({"constraints": [simcc.AtLeast("level", 0.8)]}, 'no "level"'),
        ({"start": {"agents": 7}}, r'start\["agents"\] is 7'),
        ({"start": {"agent": 5}}, "value for each of agents"),
        ({"store": "x"}, "seed is missing"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers is 0"),
        ({"scope": "type:x"}, 'no "type:x"'),
    ],
)
def test_bad_arguments(changes: dict[str, Any], words: str) -> None:
    arguments = {**GOOD, **changes}
    first = [arguments.pop(name) for name in ("build", "parameters", "objective")]
    with pytest.raises(SimccError, match=words):
        simcc.tune(*first, **arguments)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: simcc.Integer(1.0, 2), "Integer: low is 1.0"),  # type: ignore[arg-type]
        (lambda: simcc.Integer(2, 2), "low is 2; it must be less than high, 2"),
        (lambda: simcc.Continuous(0, math.inf), "Continuous: high is inf"),
        (lambda: simcc.Continuous(0, 1, log=True), "with log=True it must be more than 0"),
        (lambda: simcc.Continuous(True, 2), "Continuous: low is true"),
        (lambda: simcc.Choice("ab"), "Choice: values is"),
        (lambda: simcc.Choice([1]), "at least two different"),
        (lambda: simcc.Choice([1, 1]), "at least two different"),
        (lambda: simcc.AtLeast("asa", -1.0), "AtLeast: value is -1.0"),
        (lambda: simcc.Formula(3, ["asa"]), "must be a function"),  # type: ignore[arg-type]
        (lambda: simcc.Formula(abs, "asa"), "it must be a list"),
    ],
)
def test_bad_parameters(make: Any, words: str) -> None:
    with pytest.raises(SimulationError, match=words):
        make()


def test_candidates_with_other_customers_are_refused() -> None:
    with pytest.raises(ScenarioError, match="customers must be the same"):
        simcc.tune(
            lambda values: erlang_centers.center(5, rate=values["rate"]),
            {"rate": simcc.Integer(50, 52)}, "asa", budget=60, first_stage=2, seed=1,
        )  # fmt: skip


def test_without_optuna_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SimulationError, match=r"pip install .simcc\[tune\]"):
        simcc.tune(center, {"agents": simcc.Continuous(4, 6)}, "asa", budget=60, seed=1)
    simcc.tune(*[GOOD[k] for k in ("build", "parameters", "objective")], budget=60, seed=1)
