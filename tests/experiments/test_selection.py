"""Ranking and selection: by hand, against a plain version, and as often right as promised."""

from __future__ import annotations

from typing import Any

import erlang_centers
import numpy as np
import pandas as pd
import promises
import pytest
from scipy import stats

import simcc
from simcc.errors import ScenarioError, SimulationError
from simcc.experiments.selection import kim_nelson, ocba, ocba_shares, screening_constant


def from_table(days: np.ndarray) -> promises.Source:
    return lambda system, first, count: days[first : first + count, system]


def plainly(days: np.ndarray, delta: float, confidence: float, n0: int) -> tuple[int, list[int]]:
    """Procedure KN word by word: the best, and after how many replications each was dropped."""
    k = days.shape[1]
    eta = ((2 * (1 - confidence) / (k - 1)) ** (-2 / (n0 - 1)) - 1) / 2
    h2 = 2 * eta * (n0 - 1)
    s2 = {
        (i, j): np.var(days[:n0, i] - days[:n0, j], ddof=1)
        for i in range(k)
        for j in range(k)
        if i != j
    }
    most = {i: max(int(h2 * s2[i, j] / delta**2) for j in range(k) if j != i) for i in range(k)}
    left, gone, r = set(range(k)), [0] * k, n0
    while True:
        mean = days[:r].mean(axis=0)
        stay = {
            i
            for i in left
            if all(
                mean[i] >= mean[j] - max(0.0, delta / (2 * r) * (h2 * s2[i, j] / delta**2 - r))
                for j in left - {i}
            )
        }
        for i in left - stay:
            gone[i] = r
        left = stay
        if len(left) == 1 or r > max(most[i] for i in left):
            return max(left, key=lambda i: mean[i]), gone
        r += 1


@pytest.mark.parametrize("k", [2, 3, 6])
def test_kn_is_the_procedure_of_the_paper(k: int) -> None:
    random = np.random.default_rng(k)
    for _ in range(15):
        means = random.normal(0, 0.5, k)
        luck = random.normal(size=(20_000, 1))
        days = means + random.uniform(0.5, 2, k) * (luck + random.normal(size=(20_000, k)))
        n0 = int(random.integers(8, 25))
        best, gone = plainly(days, 0.3, 0.9, n0)
        found = kim_nelson(from_table(days), k, delta=0.3, confidence=0.9, first_stage=n0)
        assert (found.best, found.eliminated_at.tolist()) == (best, gone)
        used = found.replications[0]
        np.testing.assert_allclose(found.mean[0], days[:used, 0].mean())
        np.testing.assert_allclose(found.std_error[0], days[:used, 0].std(ddof=1) / used**0.5)
        assert found.guaranteed


def test_the_constant_for_two_systems_by_hand() -> None:
    """alpha = 0.05, n0 = 10: eta = (0.1^(-2/9) - 1) / 2 = (1.6681 - 1) / 2, times 18."""
    assert screening_constant(2, 10, 0.95) == pytest.approx(18 * 0.33405, rel=1e-4)


def test_kn_with_a_limit_promises_nothing() -> None:
    days = np.random.default_rng(0).normal(size=(1000, 2))
    found = kim_nelson(from_table(days), 2, delta=0.01, most=57)
    assert found.replications.tolist() == [57, 57]
    assert not found.guaranteed
    assert found.best == int(days[:57].mean(axis=0).argmax())


def test_kn_asks_for_no_more_than_needed() -> None:
    asked: list[tuple[int, int, int]] = []
    days = np.random.default_rng(4).normal([0.0, 0.1, 2.0], 1.0, (2000, 3))

    def source(system: int, first: int, count: int) -> np.ndarray:
        asked.append((system, first, count))
        return days[first : first + count, system]

    found = kim_nelson(source, 3, delta=0.1)
    assert found.best == 2
    assert [one for one in asked if one[1] == 0] == [(i, 0, 20) for i in range(3)]
    for i in range(3):  # batches follow each other, and end soon after the system has gone
        mine = [(first, count) for system, first, count in asked if system == i]
        ends = np.cumsum([count for _, count in mine])
        assert [first for first, _ in mine[1:]] == ends[:-1].tolist()
        assert ends[-1] <= max(20, 1.2 * found.replications[i] + 10)


def test_equal_systems_end() -> None:
    """Identical to the bit: any is right, and there is nothing to learn."""
    days = np.random.default_rng(0).normal(size=(100, 1)) * np.ones((1, 3))
    found = kim_nelson(from_table(days), 3, delta=0.1)
    assert found.best == 0
    assert found.replications.tolist() == [20, 20, 20]
    assert (found.alike, found.guaranteed) == (1.0, False)
    same = ocba(from_table(np.ones((500, 3))), 3, budget=100)
    assert same.replications.sum() == 100


def test_kn_selects_right_as_often_as_promised(test_seed: int) -> None:
    found = promises.correct_selections(500, test_seed)
    for one in found:
        assert one.share > one.promised - 4.5 * one.error, one.what
    tight = found[0]  # of two systems the bound is nearly attained
    assert tight.share < 0.99, tight


def test_with_a_wide_zone_the_first_stage_decides(test_seed: int) -> None:
    """Then the better of two means of 20 is selected; how often, the normal law says."""
    case = promises.selection_cases()[0]
    kept, effort = promises.selections(
        case, lambda source, k: kim_nelson(source, k, delta=8 * case.delta), 500, test_seed
    )
    exact = stats.norm.cdf(0.5 * np.sqrt(20 / 2))
    assert exact < 0.95  # a zone wider than the difference promises nothing of it
    assert effort == 40
    assert abs(kept / 500 - exact) < 4.5 * np.sqrt(exact * (1 - exact) / 500)


def test_shares_of_the_budget_by_hand() -> None:
    """Chen's formulas: sizes 1 and 4 / 9, and 2 sqrt(1 / 4 * 2^2 ...) for the best."""
    mean, scatter = np.array([1.0, 5.0, 2.0]), np.array([4.0, 2.0, 2.0])
    first, third = (4 / 4) ** 2, (2 / 3) ** 2
    best = 2 * np.sqrt((first / 4) ** 2 + (third / 2) ** 2)
    total = first + best + third
    np.testing.assert_allclose(ocba_shares(mean, scatter), np.array([first, best, third]) / total)


def test_ocba_selects_better_than_equal_shares(test_seed: int) -> None:
    equal, better = promises.budgets(400, test_seed, [1000])
    assert equal.effort == better.effort == 1000
    # of equal shares: not more often right than against the second best alone
    most = stats.norm.cdf(1 / (6 * np.sqrt(2 / 100)))
    assert equal.share < most + 4.5 * np.sqrt(most * (1 - most) / 400)
    assert better.share > equal.share + 0.03


# --------------------------------------------------------------------------------- of scenarios


def centers() -> dict[str, simcc.Scenario]:
    return {f"{n} agents": erlang_centers.center(n) for n in (5, 6, 8)}


def test_rank_is_kn_on_the_values_of_days() -> None:
    """By a table of daily values that is made here from the counters."""
    found = simcc.rank(centers(), "asa", delta=1.0, seed=3)
    days = []
    for scenario in centers().values():
        result = simcc.simulate(scenario, replications=300, seed=3)
        sums = result.counters("center").groupby("replication")[["wait_served_sum", "served"]].sum()
        days.append(-(sums["wait_served_sum"] / sums["served"]).to_numpy())
    best, gone = plainly(np.stack(days, axis=1), 1.0, 0.95, 20)
    table = found.table().set_index("scenario")
    assert found.selected == list(centers())[best]
    assert table.loc[list(centers()), "eliminated_at"].fillna(0).tolist() == gone
    used = table.loc["5 agents", "replications"]
    assert table.loc["5 agents", "mean"] == pytest.approx(-days[0][:used].mean())
    assert found.guaranteed
    assert all(found.simulated[name] >= table.loc[name, "replications"] for name in centers())


def test_rank_does_not_depend_on_workers() -> None:
    tables = [
        simcc.rank(centers(), "abandonment", delta=0.005, seed=1, workers=n).table() for n in (1, 3)
    ]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0]["selected"].tolist() == [True, False, False]


def test_the_goal_is_that_of_the_metric_or_given() -> None:
    assert simcc.rank(centers(), "abandonment", delta=0.02, seed=1).selected == "8 agents"
    level = "service_level_20s_offered"
    assert simcc.rank(centers(), level, delta=0.05, seed=1).selected == "8 agents"
    worst = simcc.rank(centers(), level, delta=0.05, seed=1, goal="min")
    assert worst.selected == "5 agents"
    busy = simcc.rank(centers(), "occupancy", scope="group:agents", delta=0.05, seed=1, goal="max")
    assert busy.selected == "5 agents"


def test_ocba_of_scenarios() -> None:
    found = simcc.rank(centers(), "asa", procedure="ocba", budget=150, seed=1)
    assert sum(found.simulated.values()) == found.table()["replications"].sum() == 150
    assert found.selected == "8 agents"
    assert not found.guaranteed
    assert "No guarantee" in str(found)


def test_scenarios_that_hardly_differ_are_guaranteed_nothing() -> None:
    """A second in ten thousand of talk: most days are the same."""
    alike = {f"{x}": promises.talking(x) for x in (180.0, 179.99)}
    found = simcc.rank(alike, "abandonment", delta=1e-3, seed=1)
    assert not found.guaranteed
    assert "do not differ at all in" in str(found)


def test_what_a_ranking_shows() -> None:
    found = simcc.rank(centers(), "asa", delta=1.0, seed=3)
    assert repr(found).startswith("<Ranking by the smallest asa: '8 agents' of 3 scenarios")
    text = str(found)
    assert "at least 95 %, if the best is at least 1.00 s better" in text
    assert "after" in text
    assert "<table>" in found._repr_html_()
    limited = simcc.rank(centers(), "asa", delta=0.001, seed=3, max_replications=25)
    assert "max_replications ended" in str(limited)
    table = limited.table()
    assert table["scenario"].iloc[0] == limited.selected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metric": "assa"}, 'no "assa" of "5 agents".*asa'),
        ({"metric": "wait_p90"}, "has no value for each replication"),
        ({"metric": "occupancy"}, "give goal="),
        ({"scope": "type:chat"}, 'no "type:chat" of "5 agents"'),
        ({"scope": "group:agents"}, "is not known by group"),
        ({"goal": "least"}, "goal is .*least"),
        ({"delta": None}, 'delta is missing; the procedure "KN" needs it'),
        ({"delta": 0}, "delta is 0; it must be a number, more than 0"),
        ({"delta": True}, "delta is True"),
        ({"budget": 100}, "budget is given"),
        ({"confidence": 0.3}, "more than 0.333, which guessing gives"),
        ({"confidence": 1}, "confidence is 1"),
        ({"procedure": "kn"}, "procedure is .*kn.*KN.*ocba"),
        ({"first_stage": 1}, "first_stage is 1"),
        ({"max_replications": 19}, "max_replications is 19.*at least 20"),
        ({"procedure": "ocba"}, "budget is missing"),
        ({"procedure": "ocba", "budget": 500}, "delta is given"),
        ({"procedure": "ocba", "budget": 59, "delta": None}, "budget is 59.*at least 60"),
        ({"workers": 0}, "workers is 0"),
        ({"scenarios": {}}, "scenarios are 0"),
    ],
)
def test_bad_arguments(changes: dict[str, Any], words: str) -> None:
    arguments = {"scenarios": centers(), "metric": "asa", "delta": 1.0, "seed": 1, **changes}
    with pytest.raises(SimulationError, match=words):
        simcc.rank(**arguments)


def test_scenarios_that_do_not_fit_and_days_without_a_value() -> None:
    others = {"a": erlang_centers.center(5), "b": erlang_centers.center(5, rate=90)}
    with pytest.raises(ScenarioError, match="arrivals"):
        simcc.rank(others, "asa", delta=1.0)
    rare = {f"{n}": erlang_centers.center(n, rate=1) for n in (5, 6)}
    with pytest.raises(SimulationError, match='"asa" of "all" in "5" has no value in replication'):
        simcc.rank(rare, "asa", delta=1.0, seed=1)


@pytest.mark.slow
def test_correct_selection_at_length(test_seed: int) -> None:
    for one in [*promises.correct_selections(4000, test_seed), *promises.rankings(300, test_seed)]:
        assert one.share > one.promised - 4.5 * one.error, one
