"""Index policies: the engine equals the oracle; compiling a score does not change one bit."""

from __future__ import annotations

import math
from typing import Any

import numba
import pytest
from compared import differences, different_sights, engine, run_engine, run_oracle
from oracle import Center
from policies import KINDS, SCORES, WITH_MEMORY, compiled, with_policy
from scenarios import Draw, scenario
from scoring import Policy
from steps import scripts_in

import simcc
from simcc.log import Outcome
from simcc.model.follow_ups import has_follow_ups

SEEDS = range(100)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_logs_are_equal(seed: int, kind: str) -> None:
    of = with_policy(seed, kind)
    assert differences(run_engine(of, seed)[0], run_oracle(of, seed)[0]) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", range(25))
def test_logs_of_fresh_scenarios_are_equal(number: int, kind: str, test_seed: int) -> None:
    seed = 2_000_000 + test_seed + number
    of = with_policy(seed, kind)
    found = differences(run_engine(of, seed)[0], run_oracle(of, seed)[0])
    assert found == [], f"scenario {seed}"


@pytest.mark.parametrize("seed", SEEDS)
def test_logs_are_equal_where_processes_act(seed: int) -> None:
    of = with_policy(seed, KINDS[seed % len(KINDS)])
    scripts = scripts_in(seed)
    logs, seen = run_engine(of, seed, scripts)
    oracles, seen_there = run_oracle(of, seed, scripts)
    assert different_sights(seen, seen_there) == []
    assert differences(logs, oracles) == []


@pytest.mark.parametrize("kind", ["custom", "memory"])
@pytest.mark.parametrize("seed", SEEDS)
def test_compiled_functions_do_what_plain_ones_do(seed: int, kind: str) -> None:
    scripts = scripts_in(seed)
    plain, seen = run_engine(with_policy(seed, kind), seed, scripts)
    fast, seen_there = run_engine(with_policy(seed, kind, compiled), seed, scripts)
    assert different_sights(seen, seen_there) == []
    assert differences(plain, fast) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_matters(kind: str) -> None:
    """The comparisons are not of policies that choose as the tables do."""
    other = [differences(run_engine(with_policy(s, kind), s)[0], engine(s)) for s in SEEDS]
    assert sum(map(bool, other)) >= len(SEEDS) // 5


def test_every_score_is_used() -> None:
    used = {with_policy(seed, "custom").routing.policy.score for seed in SEEDS}
    assert used == set(SCORES)
    with_memory = (with_policy(seed, "memory").routing.policy for seed in SEEDS)
    assert {(policy.score, policy.update) for policy in with_memory} == set(WITH_MEMORY)


# ---------------------------------------------------------------------- a wrong rule shows


def first_of_the_lowest(center: Center, pairs: Any) -> tuple[Any, Any]:
    scored = [(center.score(*pair), pair) for pair in pairs]
    return min(scored, key=lambda one: one[0], default=(None, (None, None)))[1]


def last_of_equals(center: Center, pairs: Any) -> tuple[Any, Any]:
    return best_score(center, reversed(list(pairs)))


def everything_is_allowed(center: Center, pairs: Any) -> tuple[Any, Any]:
    scored = [(center.score(*pair), pair) for pair in pairs]
    return max(scored, key=lambda one: one[0], default=(None, (None, None)))[1]


best_score = Center.best_score


@pytest.mark.parametrize(
    "wrong", [first_of_the_lowest, last_of_equals, everything_is_allowed], ids=lambda f: f.__name__
)
def test_a_wrong_rule(wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Center, "best_score", wrong)
    variants = ((seed, with_policy(seed, "custom")) for seed in SEEDS)
    assert any(
        differences(run_engine(of, seed)[0], run_oracle(of, seed)[0]) for seed, of in variants
    )


def it_shows(kind: str) -> bool:
    """Whether the oracle, as it is now, differs from the engine under a policy of that kind."""
    variants = ((seed, with_policy(seed, kind)) for seed in SEEDS)
    return any(
        differences(run_engine(of, seed)[0], run_oracle(of, seed)[0]) for seed, of in variants
    )


@pytest.mark.parametrize("kind", ["random", "round_robin", "memory"])
def test_forgetting(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "remember", lambda *given: None)
    assert it_shows(kind)


@pytest.mark.parametrize("kind", ["generalised_c_mu", "fastest_server_first", "least_loaded"])
def test_one_choice_scored_as_the_other(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fixed = property(lambda policy: True, lambda policy, value: None)
    monkeypatch.setattr(Policy, "of_groups", fixed, raising=False)
    assert it_shows(kind)


@pytest.mark.parametrize("kind", ["generalised_c_mu", "max_weight", "fastest_server_first"])
def test_equal_rates(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "rate", lambda *given: 1.0)
    assert it_shows(kind)


# ---------------------------------------------------------------------- the longest wait


def with_equal_ranks(of: simcc.Scenario, policy: Any) -> simcc.Scenario:
    """Everybody is of rank 1, and types stand in the scenario's order in every table."""
    names = [kind.name for kind in of.contact_types]
    groups = {
        name: [option.replace(rank=1) for option in options]
        for name, options in of.routing.type_to_groups.items()
    }
    types = {
        group: [
            simcc.TypeOption(type=name) for name in names if name in {one.type for one in options}
        ]
        for group, options in of.routing.group_to_types.items()
    }
    return of.replace(
        contact_types=[kind.replace(priority=1, head_start=0) for kind in of.contact_types],
        routing=simcc.Routing(type_to_groups=groups, group_to_types=types, policy=policy),
    )


# where contacts of several types reach their queues at one instant, the tables go by their numbers
WITHOUT_TIES = [
    seed
    for seed in range(200)
    if not (Draw(seed).whole and (scenario(seed).bots or has_follow_ups(scenario(seed))))
]


@pytest.mark.parametrize("seed", WITHOUT_TIES)
def test_longest_wait_is_the_plain_tables_with_equal_ranks(seed: int) -> None:
    of = scenario(seed)
    tables = run_engine(with_equal_ranks(of, None), seed)[0]
    policy = run_engine(with_equal_ranks(of, simcc.LongestWait()), seed)[0]
    assert differences(tables, policy) == []


# ---------------------------------------------------------------------- by hand


def two_types(score: Any, **routing: Any) -> simcc.Scenario:
    """Two contacts of each of two types come at 10 s; one agent talks until 100 s."""
    kinds = [
        simcc.ContactType(
            name=name, arrivals=simcc.TraceArrivals(times=times), talk_time=100, patience=500
        )
        for name, times in (("a", [0, 10, 10]), ("b", [10, 10]))
    ]
    return simcc.Scenario(
        horizon=simcc.Horizon(length=3600, interval=900),
        contact_types=kinds,
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["a", "b"], staff=simcc.FixedStaff(agents=1))
        ],
        routing=simcc.Routing(policy=simcc.CustomPolicy(score=score), **routing),
    )


def answered(of: simcc.Scenario) -> list[float]:
    """Instants of the answers: of the three contacts of type a, then of the two of type b."""
    log, _ = run_engine(of, 1)[0]
    return [*log.answered_at[log.contact_type == 0], *log.answered_at[log.contact_type == 1]]


def test_equal_scores_go_to_the_first_of_the_table_by_rank() -> None:
    def same(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
        return 1.0

    assert answered(two_types(same)) == [0, 100, 200, 300, 400]
    by_rank = [simcc.TypeOption(type="a", rank=2), simcc.TypeOption(type="b", rank=1)]
    assert answered(two_types(same, group_to_types={"g": by_rank})) == [0, 300, 400, 100, 200]
    by_place = [simcc.TypeOption(type="b"), simcc.TypeOption(type="a")]
    assert answered(two_types(same, group_to_types={"g": by_place})) == [0, 300, 400, 100, 200]


@pytest.mark.parametrize("never", [math.nan, -math.inf])
@pytest.mark.parametrize("form", [lambda score: score, numba.njit], ids=["plain", "compiled"])
def test_some_scores_are_never_taken(never: float, form: Any) -> None:
    def only_b(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
        return never if type == 0 else 0.0

    of = two_types(form(only_b))
    log, _ = run_engine(of, 1)[0]
    for outcome, kind in zip(log.outcome, log.contact_type, strict=True):
        assert outcome == (Outcome.ABANDONED if kind == 0 else Outcome.SERVED)


def test_what_a_score_is_given() -> None:
    """Of both choices: by hand, at 0 s (an arrival) and at 100 s (an agent is free)."""
    given = []

    def note(type, group, wait, idle, queue_lengths, n_idle, n_busy, params):
        lists = (queue_lengths.tolist(), n_idle.tolist(), n_busy.tolist(), params.tolist())
        given.append((type, group, wait, idle, *lists))
        return 0.0

    answered(two_types(note))
    assert given[0] == (0, 0, 0.0, 0.0, [0, 0], [1], [0], [0.0])
    waiting_for_90_s = ((k, 0, 90.0, 0.0, [2, 2], [1], [0], [0.0]) for k in (0, 1))
    assert given[1:3] == list(waiting_for_90_s)
