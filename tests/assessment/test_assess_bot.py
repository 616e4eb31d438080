"""What a bot changes: exact where it must be, and as Erlang A and Poisson thinning say."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

import simcc
from simcc.assessment.measures import PEOPLE, SERVICE, TEAM, VALUE
from simcc.errors import OutputError, ScenarioError, SimulationError
from simcc.metrics import Counters
from simcc.theory import erlang_a

AGENTS, RATE, TALK, PATIENCE, CONTAINED = 8, 160.0, 180.0, 120.0, 0.3
LOAD = RATE * TALK / 3600
COLUMNS = [
    "part", "metric", "scope", "without", "with", "difference", "low", "high", "unit", "meaning",
    "title",
]  # fmt: skip


def center(
    contained: float | None, *, talk_time: Any = None, length: str = "4h", **fields: Any
) -> simcc.Scenario:
    """Erlang A, with a bot of unlimited sessions in front or without; the first hour is left out.

    What a bot with unlimited sessions hands over is Poisson again.
    """
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.PoissonArrivals(rate_per_hour=RATE),
        talk_time=simcc.Exponential(mean=TALK) if talk_time is None else talk_time,
        patience=simcc.Exponential(mean=PATIENCE),
        bot=None if contained is None else "bot",
    )
    bots = []
    if contained is not None:
        bots = [simcc.Bot(name="bot", session_time="30s", contained=contained)]
    group = simcc.AgentGroup(
        name="agents", skills=["voice"], staff=simcc.FixedStaff(agents=AGENTS), cost_per_hour=30
    )
    return simcc.Scenario(
        name="plain" if contained is None else "with a bot",
        horizon=simcc.Horizon(length=length, interval="1h", warmup="1h", cooldown="30min"),
        **{"contact_types": [voice], "bots": bots, "agent_groups": [group], **fields},
    )


def rows(assessment: simcc.Assessment) -> pd.DataFrame:
    """The table by metric and scope, with the standard error of the difference."""
    table = assessment.table()
    factor = stdtrit(assessment.with_.replications - 1, 0.975)
    table["error"] = (table["high"] - table["low"]) / 2 / factor
    return table.set_index(["metric", "scope"])


def true_differences() -> dict[str, float]:
    plain, thinned = (
        erlang_a(AGENTS, rate, TALK, PATIENCE) for rate in (RATE, RATE * (1 - CONTAINED))
    )
    return {
        "abandonment": thinned.p_abandon - plain.p_abandon,
        "asa": thinned.asa - plain.asa,
        "service_level_20s_offered": thinned.service_level(20) - plain.service_level(20),
        "occupancy": thinned.occupancy - plain.occupancy,
        "busy_agents": AGENTS * (thinned.occupancy - plain.occupancy),
        "offered_work": -CONTAINED * LOAD,
        "aht": 0.0,
    }


def test_differences_are_those_of_erlang_a(test_seed: int) -> None:
    found = rows(
        simcc.assess_bot(center(None), center(CONTAINED), replications=600, seed=test_seed)
    )
    for name, value in true_differences().items():
        row = found.loc[name, "all"]
        assert abs(row["difference"] - value) < 4.5 * row["error"], name
        assert row["difference"] == row["with"] - row["without"]
    assert found.loc["escalated_share", "all"]["with"] == 1.0
    words = found["meaning"].xs("all", level="scope")
    assert words["abandonment"] == words["asa"] == words["offered_work"] == "better"
    assert words["service_level_20s_offered"] == "better"
    assert words["occupancy"] == "lower"  # neither good nor bad


def test_pairs_are_worth_what_thinning_says(test_seed: int) -> None:
    """Talks of fixed length: work is a number of contacts, of which the bot takes a share.

    The difference of the pair is the number taken, Poisson with mean p n; two runs of their own
    differ by n and (1 - p) n independent contacts. The variances are as p to 2 - p.
    """
    replications = 800
    plain, thinned = center(None, talk_time=TALK), center(CONTAINED, talk_time=TALK)

    def run(scenario: simcc.Scenario, seed: int) -> simcc.Result:
        return simcc.simulate(scenario, replications=replications, seed=seed)

    other, same = test_seed, test_seed + 1
    paired = rows(simcc.Assessment(run(plain, same), run(thinned, same)))
    alone = rows(simcc.Assessment(run(plain, other), run(thinned, same)))
    ratio = (paired["error"] / alone["error"])["offered_work", "all"] ** 2
    spread = 4.5 * np.sqrt(2 * 2 / replications)  # of the ratio of two sample variances
    assert np.exp(-spread) < ratio / (CONTAINED / (2 - CONTAINED)) < np.exp(spread)
    n = RATE * 2.5  # contacts in the window
    expected = TALK * np.sqrt(CONTAINED * n / replications) / (2.5 * 3600)
    error = paired["error"]["offered_work", "all"]
    assert abs(error / expected - 1) < 4.5 * np.sqrt(1 / (2 * replications))


def test_intervals_hold_the_true_difference(test_seed: int) -> None:
    """As often as they say: neither too narrow nor too wide."""
    groups, size = 600, 20
    both = [
        simcc.simulate(one, replications=groups * size, seed=test_seed, workers=2)
        for one in (center(None, length="3h"), center(CONTAINED, length="3h"))
    ]
    true = true_differences()
    names = ["abandonment", "asa", "occupancy", "offered_work"]
    hits = dict.fromkeys(names, 0)
    for g in range(groups):
        mine = slice(g * size, (g + 1) * size)
        found = rows(simcc.Assessment(*(part_of(one, mine) for one in both)))
        for name in names:
            row = found.loc[name, "all"]
            hits[name] += row["low"] <= true[name] <= row["high"]
    # two sigmas more below: twenty ratios are a little further from normal than Student thinks
    sigma = np.sqrt(0.95 * 0.05 / groups)
    for name, hit in hits.items():
        assert 0.95 - 6 * sigma < hit / groups < 0.95 + 4 * sigma, name


def part_of(result: simcc.Result, replications: slice) -> simcc.Result:
    sums = {
        field.name: getattr(result.sums, field.name)[replications]
        for field in dataclasses.fields(Counters)
        if field.name not in ("layout", "waits", "interval_waits")
    }
    return simcc.Result(result.scenario, dataclasses.replace(result.sums, **sums), seed=0)


def test_a_bot_that_does_nothing_changes_nothing() -> None:
    """Same customers, to the last bit: only the way they came is told."""
    idle = center(0.0)
    idle = idle.replace(bots=[idle.bots[0].replace(session_time=0)])
    found = rows(simcc.assess_bot(center(None), idle, replications=5, seed=3))
    other = found.drop(index=("escalated_share", "all"))
    assert (other["difference"] == 0).all()
    assert (other["meaning"] == "no clear difference").all()
    assert found.loc["escalated_share", "all"]["difference"] == 1


# -------------------------------------------------------------------------------- what is shown


def follow_up(**fields: Any) -> simcc.FollowUp:
    return simcc.FollowUp(**{"probability": 1, "delay": "10min", **fields})


def full(bot: bool) -> simcc.Scenario:
    """A center with every outcome, two types and two groups."""
    of = center(0.4 if bot else None)
    voice = of.contact_types[0].replace(
        cost_per_contact=0.1,
        sale=simcc.Sale(probability=0.1, value=20),
        follow_ups=[
            follow_up(when="falsely_contained"),
            follow_up(when="abandoned", type="complaint", probability=0.2),
        ],
    )
    complaint = simcc.ContactType(name="complaint", talk_time="5min", complaint=True)
    bots = [one.replace(solves=0.8, cost_per_session=0.2) for one in of.bots]
    second = simcc.AgentGroup(
        name="desk", skills=["complaint"], staff=simcc.FixedStaff(agents=1), cost_per_hour=40
    )
    return of.replace(
        contact_types=[voice, complaint],
        bots=bots,
        agent_groups=[*of.agent_groups, second],
        satisfaction=simcc.Satisfaction(per_minute_waiting=0.1, unresolved=0.5),
    )


@pytest.fixture(scope="module")
def assessment() -> simcc.Assessment:
    return simcc.assess_bot(full(False), full(True), replications=20, seed=1, workers=2)


def test_the_four_parts(assessment: simcc.Assessment) -> None:
    table = assessment.table()
    assert list(table.columns) == COLUMNS
    assert list(dict.fromkeys(table["part"])) == [PEOPLE, VALUE, SERVICE, TEAM]
    assert not table.duplicated(["part", "metric", "scope"]).any()
    metrics = {part: set(table["metric"][table["part"] == part]) for part in set(table["part"])}
    assert metrics == {
        PEOPLE: {"busy_agents", "offered_work", "paid_hours", "overtime", "staff_cost"},
        VALUE: {
            "satisfaction", "complaints", "complaints_per_1000_issues", "revenue", "bot_cost",
            "contact_cost", "total_cost", "cost_per_resolved_issue", "revenue_less_cost",
        },
        SERVICE: {
            "service_level_20s_offered", "asa", "abandonment", "lost",
            "first_contact_resolution", "resolution",
        },
        TEAM: {
            "occupancy", "aht", "share_of_offered", "escalated_share", "repeat_share_of_offered",
        },
    }  # fmt: skip
    offered = table[table["metric"] == "share_of_offered"]
    assert offered["with"].sum() == pytest.approx(1)


def test_figures_are_those_of_the_two_results(assessment: simcc.Assessment) -> None:
    found = rows(assessment)
    for column, result in (("without", assessment.without), ("with", assessment.with_)):
        summary = result.summary().set_index(["metric", "scope"])["estimate"]
        shared = [key for key in found.index if key in summary.index]
        assert len(shared) > 20
        for key in shared:
            assert found.loc[key, column] == pytest.approx(summary[key], nan_ok=True), key
        aht, offered = summary["aht", "type:voice"], summary["offered", "type:voice"]
        work = found.loc[("offered_work", "type:voice"), column]
        assert work == pytest.approx(offered * aht / (2.5 * 3600))


def test_rounding_is_no_difference(assessment: simcc.Assessment) -> None:
    """Complaints take five minutes each, however many there are."""
    row = rows(assessment).loc["aht", "type:complaint"]
    assert row["without"] == pytest.approx(300)
    assert row["meaning"] == "no clear difference"


def test_what_is_left_is_revenue_less_cost(assessment: simcc.Assessment) -> None:
    found = rows(assessment).xs("all", level="scope")
    for column in ("without", "with", "difference"):
        left = found[column]["revenue"] - found[column]["total_cost"]
        assert found[column]["revenue_less_cost"] == pytest.approx(left)


def test_paired_results_are_those_of_simulate(assessment: simcc.Assessment) -> None:
    alone = simcc.simulate(full(True), replications=20, seed=1)
    pd.testing.assert_frame_equal(alone.summary(), assessment.with_.summary())


def test_intervals_are_of_the_paired_differences(assessment: simcc.Assessment) -> None:
    """Of a mean that is Student's interval of the differences."""
    costs = [
        np.sum([one.sums.total(name).sum(axis=1) for name in ("staff_cost", "bot_cost")], axis=0)
        + one.sums.total("contact_cost").sum(axis=1)
        for one in (assessment.without, assessment.with_)
    ]
    by_day = costs[1] - costs[0]
    half = stdtrit(19, 0.95) * by_day.std(ddof=1) / np.sqrt(20)
    table = assessment.table(level=0.9).set_index("metric")
    row = table.loc["total_cost"]
    assert row["difference"] == pytest.approx(by_day.mean())
    assert (row["low"], row["high"]) == pytest.approx((by_day.mean() - half, by_day.mean() + half))


def test_targets_are_the_measure_of_service() -> None:
    targets = [
        simcc.Target(share=0.8, within=30, denominator="served"),
        simcc.Target(share=0.9, within=60, type="voice"),
    ]
    pair = (center(one, targets=targets) for one in (None, 0.4))
    found = rows(simcc.assess_bot(*pair, replications=3, seed=1))
    levels = [key for key in found.index if key[0].startswith("service_level")]
    assert levels == [
        ("service_level_30s_served", "all"), ("service_level_60s_offered", "type:voice")
    ]  # fmt: skip


def test_how_it_is_shown(assessment: simcc.Assessment) -> None:
    assert repr(assessment) == (
        "<Assessment of 'with a bot' against 'plain': 20 replications, seed 1>"
    )
    text, page = str(assessment), assessment._repr_html_()
    for part in (PEOPLE, VALUE, SERVICE, TEAM):
        assert part in text
        assert f"<th>{part}</th>" in page
    assert "better" in text
    assert "&#x27;plain&#x27;" in page


def test_it_is_saved(assessment: simcc.Assessment, tmp_path: Path) -> None:
    folder = assessment.save(tmp_path / "out")
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "assessment.csv", "assessment.parquet", "without.json", "with.json", "run.json"
    }  # fmt: skip
    pd.testing.assert_frame_equal(
        pd.read_parquet(folder / "assessment.parquet"), assessment.table()
    )
    for name, bot in (("without", False), ("with", True)):
        data = json.loads((folder / f"{name}.json").read_text())
        assert simcc.Scenario.from_dict(data) == full(bot)
    run = json.loads((folder / "run.json").read_text())
    assert run["with"]["seed"] == run["without"]["seed"] == 1
    with pytest.raises(OutputError, match="not empty"):
        assessment.save(folder)


# ----------------------------------------------------------------------------- what is refused


def changed_voice(**fields: Any) -> list[simcc.ContactType]:
    return [center(0.3).contact_types[0].replace(**fields)]


REFUSED: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "length": (
        {"horizon": center(0.3).horizon.replace(length="5h")},
        "with_.horizon.length", ["18000", "14400", "as in without", "seconds"],
    ),
    "time zone": (
        {"horizon": center(0.3).horizon.replace(time_zone="Europe/Amsterdam")},
        "with_.horizon.time_zone", ['"Europe/Amsterdam"', '"UTC"'],
    ),
    "no bot": ({"bots": [], "contact_types": changed_voice(bot=None)}, "with_.bots", ["are none"]),
    "a bot that nobody meets": (
        {"contact_types": changed_voice(bot=None)},
        "with_.contact_types", ["name no bot", "at least one"],
    ),
    "other arrivals": (
        {"contact_types": changed_voice(arrivals=simcc.PoissonArrivals(rate_per_hour=1))},
        'with_.contact_types["voice"].arrivals', ["differ", "customers must be the same"],
    ),
    "a type more": (
        {
            "contact_types": [*changed_voice(), *changed_voice(name="mail")],
            "agent_groups": [center(0.3).agent_groups[0].replace(skills=["voice", "mail"])],
        },
        'with_.contact_types["mail"].arrivals', ["not in without"],
    ),
    "a type less": (
        {
            "contact_types": changed_voice(name="mail"),
            "agent_groups": [center(0.3).agent_groups[0].replace(skills=["mail"])],
        },
        'with_.contact_types["voice"].arrivals', ["missing", "as in without"],
    ),
    "other targets": (
        {"targets": [simcc.Target(share=0.8, within=20)]}, "with_.targets", ["same way"],
    ),
    "other thresholds": ({"thresholds": [30]}, "with_.thresholds", ["differ", "same way"]),
    "other satisfaction": (
        {"satisfaction": simcc.Satisfaction()}, "with_.satisfaction", ["differ", "same way"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str) -> None:
    changes, place, words = REFUSED[what]
    with pytest.raises(ScenarioError) as caught:
        simcc.assess_bot(center(None), center(0.3).replace(**changes), replications=2)
    found = {problem.place: problem.message for problem in caught.value.problems}
    assert place in found, found
    for word in words:
        assert word in found[place]


def test_everything_is_refused_at_once() -> None:
    other = center(None, thresholds=[30]).replace(horizon=simcc.Horizon(length="1h"))
    with pytest.raises(ScenarioError) as caught:
        simcc.assess_bot(center(None), other, replications=2)
    assert {problem.place for problem in caught.value.problems} == {
        "with_.horizon.length", "with_.horizon.interval", "with_.horizon.warmup",
        "with_.horizon.cooldown", "with_.thresholds", "with_.bots",
    }  # fmt: skip


@pytest.mark.parametrize("replications", [1, 0, 2.5, True])
def test_too_few_replications(replications: Any) -> None:
    with pytest.raises(SimulationError, match=r"replications is .* at least 2"):
        simcc.assess_bot(center(None), center(0.3), replications=replications)


def test_two_scenarios_are_needed() -> None:
    with pytest.raises(ScenarioError, match=r"with_: is a Result; must be a simcc\.Scenario"):
        simcc.assess_bot(
            center(None), simcc.simulate(center(0.3), replications=1, seed=1), replications=2
        )
