"""Same seed, same bits: workers, processes, with and without JIT, routings, staffings."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import simcc
from simcc.jit import ENABLED

MANY = 12 if ENABLED else 4
SUMS = ("types", "origins", "groups", "pairs", "center", "agents")


def center(agents: int = 5, **changes: object) -> simcc.Scenario:
    """Two types, one behind a bot, three groups with all kinds of staff; laws of all kinds."""
    voice = simcc.ContactType(
        name="voice",
        arrivals=simcc.RateArrivals(
            rates_per_hour=[60, 90, 80, 50], busyness=simcc.Busyness(cv=0.2)
        ),
        talk_time=simcc.Lognormal(mean="4min", cv=1.1),
        after_call_work=simcc.Gamma(mean=20, cv=0.8),
        patience=simcc.Weibull(shape=1.3, scale="4min"),
        bot="helper",
    )
    mail = simcc.ContactType(
        name="mail",
        arrivals=simcc.PoissonArrivals(rate_per_hour=20),
        talk_time_by_group={
            "front": simcc.Exponential(mean=300),
            "office": simcc.Gamma(mean=200, cv=0.5),
        },
        patience=simcc.SurvivalCurve(times=[0, 60, 600], survival=[1, 0.9, 0.3]),
        balking=0.1,
    )
    bot = simcc.Bot(
        name="helper", sessions=4, when_full="agent", session_time=simcc.Gamma(mean=60, cv=0.7),
        contained=0.3, gives_up=0.05, talk_factor=1.2, patience_factor=0.8,
    )  # fmt: skip
    shifts = [
        simcc.Shift(agent="Ann", start=0, end=5000, breaks=[(1000, 1600)]),
        simcc.Shift(agent="Ben", start=1800, end=7200),
    ]
    groups = [
        simcc.AgentGroup(
            name="front", skills=["voice", "mail"], staff=simcc.FixedStaff(agents=agents)
        ),
        simcc.AgentGroup(
            name="office", skills={"mail": 1.0}, staff=simcc.HeadCounts(counts=[1, 2, 1, 1])
        ),
        simcc.AgentGroup(name="experts", skills=["voice"], staff=simcc.Roster(shifts=shifts)),
    ]
    fields = {
        "horizon": simcc.Horizon(length="2h"),
        "contact_types": [voice, mail],
        "bots": [bot],
        "agent_groups": groups,
    }
    return simcc.Scenario(**(fields | changes))  # type: ignore[arg-type]


def digest(result: simcc.Result) -> str:
    """Of every contact log and every sum."""
    found = hashlib.sha256()
    for log in result.contact_logs:
        for column in log.columns().values():
            found.update(np.ascontiguousarray(column).tobytes())
    for name in SUMS:
        found.update(getattr(result.sums, name).tobytes())
    return found.hexdigest()


def recorded(scenario: simcc.Scenario, **options: int) -> simcc.Result:
    return simcc.simulate(scenario, replications=MANY, seed=7, record="contacts", **options)


def test_any_number_of_workers() -> None:
    one, two, three = (recorded(center(), workers=n) for n in (1, 2, 3))
    assert digest(one) == digest(two) == digest(three)
    pd.testing.assert_frame_equal(one.summary(), two.summary(), check_exact=True)
    pd.testing.assert_frame_equal(one.intervals(), two.intervals(), check_exact=True)


def test_memory_used_again_changes_nothing() -> None:
    """Without the log, a thread's arrays are used again for its next replication."""
    kept, dropped = recorded(center()), simcc.simulate(center(), replications=MANY, seed=7)
    pd.testing.assert_frame_equal(kept.summary(), dropped.summary(), check_exact=True)


SETTINGS = [{"PYTHONHASHSEED": "1"}, {"NUMBA_DISABLE_JIT": "1"}]


def digest_in_a_new_process(module: str, setting: dict[str, str]) -> str:
    """Of the center of a module of tests."""
    here = os.path.dirname(__file__)
    code = (
        f"import sys; sys.path.insert(0, {here!r}); from {module} import *; "
        "print(digest(simcc.simulate(center(), replications=3, seed=7, record='contacts')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env=dict(os.environ) | setting,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_new_process_with_and_without_jit(setting: dict[str, str]) -> None:
    mine = simcc.simulate(center(), replications=3, seed=7, record="contacts")
    assert digest_in_a_new_process("test_identity", setting) == digest(mine)


def digest_of_random_scenarios() -> str:
    """Of the logs of one run each, with all that ``tests/oracle/scenarios.py`` knows."""
    from scenarios import scenario

    found = hashlib.sha256()
    for seed in range(60):
        sim = simcc.Simulation(scenario(seed), seed=seed)
        sim.run()
        columns = [*sim.contact_log.columns().values(), sim.agent_log.at, sim.agent_log.agent]
        for column in columns:
            found.update(np.ascontiguousarray(column).tobytes())
    return found.hexdigest()


@pytest.mark.skipif(not ENABLED, reason="compares compiled code with the same source in Python")
def test_random_scenarios_without_jit() -> None:
    folders = [os.path.dirname(__file__), os.path.join(os.path.dirname(__file__), "../oracle")]
    code = (
        f"import sys; sys.path[:0] = {folders!r}; from test_identity import *; "
        "print(digest_of_random_scenarios())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    assert done.stdout.strip() == digest_of_random_scenarios()


def test_another_seed_gives_another_result() -> None:
    other = simcc.simulate(center(), replications=MANY, seed=8, record="contacts")
    assert digest(other) != digest(recorded(center()))


def test_one_replication_alone_is_the_one_among_many() -> None:
    many = recorded(center())
    sim = simcc.Simulation(center(), seed=7, replication=3)
    sim.run()
    for name, column in sim.contact_log.columns().items():
        np.testing.assert_array_equal(column, many.contact_logs[3].columns()[name], err_msg=name)
    alone = sim.result().sums
    for name in SUMS:
        row = getattr(many.sums, name)[3]
        np.testing.assert_array_equal(getattr(alone, name)[0], row, err_msg=name)


def test_how_many_replications_run_does_not_matter() -> None:
    many, few = recorded(center()), simcc.simulate(center(), replications=2, seed=7)
    for name in ("types", "origins", "groups", "pairs", "center"):
        rows = getattr(many.sums, name)[:2]
        np.testing.assert_array_equal(getattr(few.sums, name), rows, err_msg=name)


def test_looking_changes_nothing() -> None:
    def look(sim: simcc.Simulation):  # type: ignore[no-untyped-def]
        while True:
            yield sim.env.timeout(7.0)
            sim.queue_length("voice"), sim.agent_states("front")

    quiet, watched = (simcc.Simulation(center(), seed=7) for _ in range(2))
    watched.process(look(watched))
    quiet.run()
    watched.run()
    for name, column in quiet.contact_log.columns().items():
        np.testing.assert_array_equal(column, watched.contact_log.columns()[name], err_msg=name)


BROUGHT = ("arrived_at", "contact_type", "queue_type", "patience_time", "talk_time", "wrap_time",
           "balks", "bot_time", "bot_luck")  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        center(agents=9),
        center(
            routing=simcc.Routing(policy=simcc.StaticPriority(priority={"voice": 2, "mail": 1}))
        ),
        center(
            routing=simcc.Routing(
                type_to_groups={
                    "voice": [
                        simcc.GroupOption(group="experts"),
                        simcc.GroupOption(group="front", rank=2, after=30, idle_needed=2),
                    ]
                }
            )
        ),
        center(lines=4),
    ],
    ids=["staffing", "policy", "routing", "lines"],
)
def test_the_same_customers(other: simcc.Scenario) -> None:
    one, two = (simcc.Simulation(s, seed=7, replication=2) for s in (center(), other))
    for name in BROUGHT:
        first, second = (getattr(sim.workload, name) for sim in (one, two))
        np.testing.assert_array_equal(first, second, err_msg=name)
    one.run()
    two.run()
    mine, theirs = one.contact_log, two.contact_log
    np.testing.assert_array_equal(mine.arrived_at, theirs.arrived_at)
    assert not np.array_equal(mine.answered_at, theirs.answered_at, equal_nan=True)
    served = (mine.outcome == 3) & (theirs.outcome == 3) & (mine.queue_type == 0)
    same_help = np.isnan(mine.bot_ended_at) == np.isnan(theirs.bot_ended_at)
    both = served & same_help
    assert both.sum() > 20
    by_group = (mine.outcome == 3) & (mine.group == theirs.group) & (mine.queue_type == 1)
    assert by_group.sum() > 3
    for chosen in (both, by_group):
        talk = [log.left_at[chosen] - log.answered_at[chosen] for log in (mine, theirs)]
        np.testing.assert_allclose(*talk, rtol=1e-9)


def with_chat(name: str, bot: str | None = None) -> simcc.Scenario:
    """The same center with a type more, which comes first and may have a bot of its own."""
    base = center()
    chat = simcc.ContactType(
        name=name, arrivals=simcc.PoissonArrivals(rate_per_hour=40), talk_time="2min", bot=bot
    )
    own = simcc.Bot(name="own", session_time=simcc.Exponential(mean=50), contained=0.5)
    front, *rest = base.agent_groups
    front = front.replace(skills={name: 1.0, **front.skills})
    return base.replace(
        contact_types=[chat, *base.contact_types],
        agent_groups=[front, *rest],
        bots=[own, *base.bots] if bot else base.bots,
    )


@pytest.mark.parametrize("replication", [0, 5])
@pytest.mark.parametrize(
    "other",
    [with_chat("chat"), with_chat("a"), with_chat("chat", bot="own")],
    ids=["a type more", "of another name", "with a bot"],
)
def test_another_type_leaves_the_others_alone(other: simcc.Scenario, replication: int) -> None:
    base = center()
    one, two = (
        simcc.Simulation(of, seed=7, replication=replication).workload for of in (base, other)
    )
    for k, kind in enumerate(base.contact_types):
        mine, theirs = one.contact_type == k, two.contact_type == other.type_index(kind.name)
        assert mine.sum() > 20
        for name in set(BROUGHT) - {"contact_type", "queue_type"}:
            np.testing.assert_array_equal(getattr(one, name)[mine], getattr(two, name)[theirs])


def test_a_bot_leaves_what_people_get_alone() -> None:
    """Without its bot a type's customers have the same patience and the same work."""
    base = center()
    voice, mail = base.contact_types
    without = base.replace(contact_types=[voice.replace(bot=None), mail], bots=[])
    one, two = (simcc.Simulation(of, seed=7).workload for of in (base, without))
    for name in ("arrived_at", "contact_type", "patience_time", "talk_time", "wrap_time", "balks"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)
    assert one.bot_time.any()
    assert not two.bot_time.any()


def test_a_law_of_one_attribute_leaves_the_others_alone() -> None:
    base = center()
    voice, mail = base.contact_types
    other = base.replace(contact_types=[voice.replace(patience=simcc.Exponential(mean=9)), mail])
    one, two = (simcc.Simulation(of, seed=7).workload for of in (base, other))
    for name in BROUGHT:
        same = np.array_equal(getattr(one, name), getattr(two, name))
        assert same == (name != "patience_time"), name
