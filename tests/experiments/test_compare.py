"""Comparisons: exact where they must be, and as Erlang A says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import erlang_centers
import numpy as np
import pandas as pd
import promises
import pytest

import simcc
from simcc.errors import OutputError, ScenarioError, SimulationError
from simcc.estimation import difference, linearised_quantile_of_days
from simcc.experiments.directions import LESS, MORE, better
from simcc.metrics import catalogue

NAMES = {"today": 5, "plan": 6, "rich": 8}
METRICS = ("service_level_20s_offered", "asa", "abandonment", "occupancy")


def centers(**more: int) -> dict[str, simcc.Scenario]:
    return {name: erlang_centers.center(n) for name, n in {**NAMES, **more}.items()}


@pytest.fixture(scope="module")
def comparison() -> simcc.Comparison:
    return simcc.compare(centers(same=5), replications=60, seed=1)


def rows(comparison: simcc.Comparison) -> pd.DataFrame:
    return comparison.summary().set_index(["scope", "metric", "scenario", "against"])


def exact(name: str, metric: str) -> float:
    of = erlang_centers.exact(NAMES[name])
    values = {
        "service_level_20s_offered": of.service_level(20),
        "asa": of.asa,
        "abandonment": of.p_abandon,
        "occupancy": of.occupancy,
    }
    return values[metric]


def test_differences_are_those_of_erlang_a(test_seed: int) -> None:
    found = rows(simcc.compare(centers(), replications=500, seed=test_seed, workers=2))
    for metric in METRICS:
        for one, other in (("plan", "today"), ("rich", "today"), ("rich", "plan")):
            row = found.loc["all", metric, one, other]
            true = exact(one, metric) - exact(other, metric)
            assert abs(row["difference"] - true) < 4.5 * row["std_error"], (metric, one)
            way = better(metric)
            is_less = "lower" if not way else "better" if way == "less" else "worse"
            is_more = "higher" if not way else "better" if way == "more" else "worse"
            assert row["meaning"] == (is_less if true < 0 else is_more)


def test_differences_are_paired_by_replication(comparison: simcc.Comparison) -> None:
    """A ratio, from the counters, by the function for two ratios."""
    row = rows(comparison).loc["all", "asa", "plan", "today"]
    sums = []
    for name in ("plan", "today"):
        table = (
            comparison.results[name]
            .counters("center")
            .groupby("replication")
            .sum(numeric_only=True)
        )
        sums.append((table["wait_served_sum"].to_numpy(), table["served"].to_numpy()))
    found = difference(*sums)
    assert row["difference"] == pytest.approx(float(found.estimate))
    assert row["std_error"] == pytest.approx(float(found.std_error))
    alone = [simcc.simulate(erlang_centers.center(n), replications=60, seed=s)
             for n, s in ((6, 2), (5, 3))]  # fmt: skip
    errors = [one.summary().set_index(["scope", "metric"]).loc[("all", "asa"), "std_error"]
              for one in alone]  # fmt: skip
    assert row["std_error"] < np.hypot(*errors)


def test_estimates_are_those_of_the_summaries(comparison: simcc.Comparison) -> None:
    """All kinds of metrics; of quantiles the standard error is taken in another way."""
    found = comparison.estimates().set_index(["scope", "metric", "scenario"])
    quantiles = {m.name for m in catalogue(erlang_centers.center(5)) if "quantile" in m.kind}
    for name, result in comparison.results.items():
        for row in result.summary().to_dict("records"):
            mine = found.loc[row["scope"], row["metric"], name]
            np.testing.assert_allclose(mine["estimate"], row["estimate"], rtol=1e-12)
            assert mine["unit"] == row["unit"]
            if row["metric"] not in quantiles:
                np.testing.assert_allclose(
                    mine["std_error"], row["std_error"], rtol=1e-9, atol=1e-12
                )
            elif row["std_error"] > 0 and row["metric"].startswith("wait_p9"):
                assert 0.6 < mine["std_error"] / row["std_error"] < 1.6, row["metric"]


def test_errors_of_differences_of_quantiles(test_seed: int) -> None:
    """The standard error is the scatter that experiments with seeds of their own have."""
    experiments, found = 70, []
    for e in range(experiments):
        plans = {name: erlang_centers.center(n) for name, n in (("today", 5), ("plan", 6))}
        table = simcc.compare(
            plans, replications=40, seed=test_seed + e, metrics=["wait_p90"]
        ).summary()
        found.append(table[table["scope"] == "all"].iloc[0][["difference", "std_error"]])
    differences, errors = np.array(found, float).T
    assert abs(errors.mean() / differences.std(ddof=1) - 1) < 4.5 / np.sqrt(2 * experiments)


def test_errors_of_differences_of_quantiles_of_days(test_seed: int) -> None:
    """The same for medians of days that depend on each other; with few days they are too large."""
    experiments, days = 400, 640
    rng, found = np.random.default_rng(test_seed), []
    for _ in range(experiments):
        values = rng.normal(size=(2, days, 1))
        values[1] += 0.5 * values[0]
        (one, moved), (other, others) = (linearised_quantile_of_days(x, 0.5) for x in values)
        found.append((one - other, (moved - others).std(ddof=1) / np.sqrt(days)))
    differences, errors = np.array(found).T
    assert abs(errors.mean() / differences.std(ddof=1) - 1) < 4.5 / np.sqrt(2 * experiments)


def test_the_same_scenario_twice_differs_in_nothing(comparison: simcc.Comparison) -> None:
    table = comparison.summary()
    same = table[(table["scenario"] == "same") & (table["against"] == "today")]
    known = same[same["estimate"].notna()]
    assert len(known) > 50
    assert (known["difference"] == 0).all()
    assert set(known["meaning"]) <= {"no clear difference", "not known"}
    assert set(known["probability_better"].dropna()) == {0.5}
    best = comparison.estimates().set_index(["scope", "metric", "scenario"])["probability_best"]
    assert best.xs(("all", "total_cost"), level=(0, 1)).to_dict() == {
        "today": 0.5, "plan": 0.0, "rich": 0.0, "same": 0.5,
    }  # fmt: skip
    assert best["all", "asa", "rich"] > 0.999
    assert np.isnan(best["all", "occupancy", "rich"])


def test_the_seed_decides_everything_and_workers_nothing(comparison: simcc.Comparison) -> None:
    again = simcc.compare(centers(same=5), replications=60, seed=1, workers=3)
    pd.testing.assert_frame_equal(again.summary(), comparison.summary())
    pd.testing.assert_frame_equal(again.estimates(), comparison.estimates())
    other = simcc.compare(centers(same=5), replications=60, seed=2)
    assert not other.summary().equals(comparison.summary())


def test_comparisons_made_and_their_intervals(comparison: simcc.Comparison) -> None:
    results = comparison.results
    pairs = comparison.summary()[["scenario", "against"]].drop_duplicates()
    assert len(pairs) == 6
    against = simcc.Comparison(results, baseline="plan", metrics=["asa"])
    table = rows(against)
    assert set(table.index.get_level_values("metric")) == {"asa"}
    assert [key[2:] for key in table.loc[["all"]].index] == [
        ("today", "plan"), ("rich", "plan"), ("same", "plan"),
    ]  # fmt: skip
    tukey = rows(simcc.Comparison(results, baseline="plan", metrics=["asa"], method="tukey"))
    wide = rows(simcc.Comparison(results, baseline="plan", metrics=["asa"], confidence=0.99))
    width = [(t["high"] - t["low"]).to_numpy() for t in (tukey, table, wide)]
    assert (width[0] < width[1]).all()
    assert (width[1] < width[2]).all()


def test_scenarios_of_different_parts() -> None:
    """What all share is compared; the rest is left out."""
    plain = erlang_centers.center(5)
    bot = simcc.Bot(name="bot", session_time="1min", contained=0.3)
    voice = plain.contact_types[0].replace(bot="bot")
    with_bot = plain.replace(contact_types=[voice], bots=[bot])
    table = simcc.compare({"plain": plain, "bot": with_bot}, replications=3, seed=1).summary()
    assert "containment" not in set(table["metric"])
    assert {"all", "type:voice", "group:agents"} == set(table["scope"])


def test_with_policies() -> None:
    scenario = erlang_centers.center(5)
    ranks = simcc.Routing(group_to_types={"agents": [simcc.TypeOption(type="voice")]})
    found = simcc.with_policies(
        scenario, {"none": None, "wait": simcc.LongestWait(), "by name": "longest_wait", "t": ranks}
    )
    assert [one.name for one in found.values()] == list(found)
    assert found["none"].routing == scenario.routing
    assert found["wait"].routing.policy == found["by name"].routing.policy == simcc.LongestWait()
    assert found["t"].routing == ranks
    table = simcc.compare(found, replications=3, seed=1).summary()
    assert (table["difference"].fillna(0) == 0).all()  # one type, one group: nothing to choose
    for bad in ((1, {}), (scenario, [simcc.LongestWait()])):
        with pytest.raises(SimulationError):
            simcc.with_policies(*bad)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match="policy"):
        simcc.with_policies(scenario, {"x": "no such"})


def test_every_metric_has_a_direction_or_none() -> None:
    """Nobody adds a metric without saying which way is better."""
    neither = {
        "arrivals", "offered", "mean_wait_abandoned", "aht", "talk_time", "after_call_work",
        "occupancy", "utilisation", "staffed_utilisation", "mean_busy", "concurrency", "staffed",
        "callbacks", "callback_share", "mean_callbacks", "attempts", "connects", "mean_dialling",
        "bot_offered", "contained", "escalated", "in_bot_at_end", "containment", "deflection",
        "bot_busy", "escalation_load", "passed_on", "issues", "transferred_in", "transfers",
        "turns", "think_share", "callbacks_called", "callback_calls", "calls_per_callback",
        "consults", "warm_transfers", "consult_time",
    }  # fmt: skip
    names = {metric.name for metric in catalogue()}
    assert {name for name in names if not better(name)} == neither
    extra = {"revenue_less_cost", "lost", "busy_agents", "offered_work"}  # of an assessment
    assert names >= (MORE | LESS) - extra
    assert not MORE & LESS


# ------------------------------------------------------------------------------- what is shown


def test_text_and_html(comparison: simcc.Comparison) -> None:
    assert repr(comparison) == (
        "<Comparison of 'today', 'plan', 'rich', 'same': 60 replications, seed 1>"
    )
    row = rows(comparison).loc["all", "asa", "plan", "today"]
    (line,) = (
        line.split()
        for line in str(comparison).splitlines()
        if line.split()[:3] == ["asa", "plan", "today"]
    )
    assert line[3] == f"{row['difference']:.1f}" or line[3] == f"{row['difference']:.2f}"
    assert line[-1] == "better"
    named = simcc.Comparison({f"<{name}>": one for name, one in comparison.results.items()})
    text = named._repr_html_()
    assert "&lt;today&gt;" in text
    assert "<today>" not in text


def test_many_scenarios_are_shown_in_rows(comparison: simcc.Comparison) -> None:
    many = {f"{name}{i}": one for i in range(3) for name, one in comparison.results.items()}
    text = str(simcc.Comparison(many, metrics=["asa"]))
    assert "... and 26 more" in text
    assert text.count("asa") == 12 + 40


def test_the_plot_shows_the_intervals(comparison: simcc.Comparison) -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert comparison.plot("asa", ax=ax) is ax
    table = rows(comparison).xs(("all", "asa"), level=(0, 1))
    drawn = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2]
    ends = [tuple(map(float, x)) for x in drawn[1:]]  # the first is the line at 0
    assert ends == [(row.low, row.high) for row in table.itertuples()]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "plan - today"
    assert ax.get_xlabel() == "difference of asa (s)"
    with pytest.raises(SimulationError, match="was not compared"):
        comparison.plot("asa", "type:chat")


def test_save(comparison: simcc.Comparison, tmp_path: Path) -> None:
    out = comparison.save(tmp_path / "out")
    assert {path.name for path in out.iterdir()} == {
        "comparison.csv", "comparison.parquet", "estimates.csv", "estimates.parquet",
        "with_the_best.csv", "with_the_best.parquet",
        "scenarios.json", "run.json",
    }  # fmt: skip
    pd.testing.assert_frame_equal(pd.read_parquet(out / "comparison.parquet"), comparison.summary())
    saved = json.loads((out / "scenarios.json").read_text())
    assert simcc.Scenario.from_dict(saved["plan"]) == erlang_centers.center(6)
    origin = json.loads((out / "run.json").read_text())
    assert origin["results"]["plan"]["seed"] == 1
    with pytest.raises(OutputError, match="not empty"):
        comparison.save(out)


# ---------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"replications": 1}, "replications is 1; it must be a whole number of at least 2"),
        ({"seed": -1}, "seed: -1 is not allowed"),
        ({"workers": 0}, "workers is 0"),
        ({"baseline": "todday"}, 'baseline is "todday".*did you mean "today"'),
        ({"confidence": 95}, "confidence is 95; it must be a number, more than 0"),
        ({"confidence": 1.0}, "confidence is 1; it must be less than 1"),
        ({"method": "scheffe"}, "method is .*scheffe.*bonferroni.* or .*tukey"),
        ({"metrics": ["assa"]}, 'no "assa" in "today".*asa'),
        ({"metrics": "asa"}, "it must be a list of names"),
        ({"metrics": []}, "it must be a list of names"),
        ({"scenarios": [1, 2]}, "must be a mapping"),
        ({"scenarios": {"a": erlang_centers.center(5)}}, "scenarios are 1; there must be at least"),
        ({"scenarios": {"a": 5, "b": 6}}, r'scenarios\["a"\] is 5; it must be a simcc.Scenario'),
        ({"scenarios": {1: erlang_centers.center(5)}}, "the name 1 must be text"),
    ],
)
def test_bad_arguments(changes: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"scenarios": centers(), "replications": 2, "seed": 1, **changes}
    with pytest.raises(simcc.SimccError, match=words):
        simcc.compare(arguments.pop("scenarios"), **arguments)


def test_scenarios_that_cannot_be_compared() -> None:
    one = erlang_centers.center(5)
    voice = one.contact_types[0]
    others = {
        "long": one.replace(horizon=one.horizon.replace(length="4h", interval="1h")),
        "busy": erlang_centers.center(5, rate=110),
        "named": one.replace(
            contact_types=[voice.replace(name="chat")],
            agent_groups=[one.agent_groups[0].replace(skills=["chat"])],
        ),
        "strict": one.replace(targets=[simcc.Target(share=0.9, within=20)]),
    }
    with pytest.raises(ScenarioError) as caught:
        simcc.compare({"today": one, **others}, replications=2)
    assert {str(problem.place) for problem in caught.value.problems} == {
        'scenarios["long"].horizon.length',
        'scenarios["long"].horizon.interval',
        'scenarios["busy"].contact_types["voice"].arrivals',
        'scenarios["named"].contact_types["voice"].arrivals',
        'scenarios["named"].contact_types["chat"].arrivals',
        'scenarios["strict"].targets',
    }
    assert 'must be as in "today"' in str(caught.value)
    assert "(unit: seconds)" in str(caught.value)
    forecasts = {"today": one, "busy": others["busy"]}
    found = simcc.compare(forecasts, replications=20, seed=1, same_customers=False)
    assert rows(found).loc["all", "offered", "busy", "today"]["difference"] > 0


def test_results_of_different_runs_are_refused(comparison: simcc.Comparison) -> None:
    today = comparison.results["today"]
    other = simcc.simulate(erlang_centers.center(6), replications=60, seed=2)
    with pytest.raises(SimulationError, match=r'results\["plan"\] are not of the same replic'):
        simcc.Comparison({"today": today, "plan": other})
    one = simcc.simulate(erlang_centers.center(6), replications=1, seed=2)
    with pytest.raises(SimulationError, match="at least 2"):
        simcc.Comparison({"today": one, "plan": one})


# ----------------------------------------------------------------------------------- at length


@pytest.mark.slow
def test_all_intervals_hold_at_once_at_length(test_seed: int) -> None:
    """Twenty ratios are a little further from normal than Student thinks: a point of slack."""
    for one in promises.all_differences(1500, test_seed):
        assert one.share > one.promised - 0.01 - 4.5 * one.error, one
