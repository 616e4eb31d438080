"""Who comes back or is handed over: the same bits anyhow, the same customers under any plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_follow_ups import again
from test_identity import MANY, SETTINGS, SUMS, digest, digest_in_a_new_process, recorded
from test_identity import center as plain_center

import simcc
from simcc.engine.replication import Replication
from simcc.engine.setup import Setup
from simcc.log import Outcome
from simcc.streams import Streams
from simcc.workload import LUCKS


def center(**changes: Any) -> simcc.Scenario:
    """The center of ``test_identity``, whose customers come back and are handed over."""
    agents = changes.pop("agents", 5)
    base = plain_center(agents)
    voice, mail = base.contact_types
    voice = voice.replace(
        follow_ups=[
            again(["abandoned", "blocked"], simcc.Exponential(mean=300), [0.7, 0.5]),
            again(["unresolved", "falsely_contained"], simcc.Gamma(mean=600, cv=0.5), 0.6),
            again("gave_up", 60, 0.5, type="mail"),
        ],
        transfers=[simcc.Transfer(to="mail", probability=0.1, probability_by_group={"front": 0.2})],
        resolution=0.7,
    )
    mail = mail.replace(
        follow_ups=[again("resolved", 900, 0.2), again("abandoned", 120, 0.5, type="voice")],
        resolution_by_group={"office": 0.9},
    )
    (bot,) = base.bots
    fields = {"contact_types": [voice, mail], "bots": [bot.replace(solves=0.6)]}
    return base.replace(**(fields | changes))


def issues_digest(result: simcc.Result) -> tuple[str, bytes]:
    return digest(result), result.sums.issues.tobytes()


def test_the_center_has_all_of_it() -> None:
    log = recorded(center()).contacts()
    for what in ("transfer", "return", "return_after_end"):
        assert (log["followed_by"] == what).sum() > 10
    assert log["attempt"].max() > 3
    assert {"abandoned", "contained", "bot_gave_up", "balked"} <= set(log["outcome"])
    assert log["resolved"].sum() > 100


def test_any_number_of_workers() -> None:
    one, two, three = (recorded(center(), workers=n) for n in (1, 2, 3))
    assert issues_digest(one) == issues_digest(two) == issues_digest(three)
    pd.testing.assert_frame_equal(one.summary(), two.summary(), check_exact=True)
    pd.testing.assert_frame_equal(one.journeys(), two.journeys(), check_exact=True)


def test_memory_used_again_changes_nothing() -> None:
    kept, dropped = recorded(center()), simcc.simulate(center(), replications=MANY, seed=7)
    pd.testing.assert_frame_equal(kept.summary(), dropped.summary(), check_exact=True)


def test_one_replication_alone_is_the_one_among_many() -> None:
    many = recorded(center())
    sim = simcc.Simulation(center(), seed=7, replication=3)
    sim.run()
    for name, column in sim.contact_log.columns().items():
        np.testing.assert_array_equal(column, many.contact_logs[3].columns()[name], err_msg=name)
    for name in (*SUMS, "issues"):
        row = getattr(many.sums, name)[3]
        np.testing.assert_array_equal(getattr(sim.result().sums, name)[0], row, err_msg=name)


def test_pieces_are_one_run() -> None:
    whole, pieces = (simcc.Simulation(center(), seed=7) for _ in range(2))
    whole.run()
    for stop in (1.0, 100.0, 1800.0, 5000.0, 7200.0):
        pieces.run(until=stop)
        log = pieces.contact_log
        assert ((log.outcome == Outcome.NOT_ARRIVED) == (log.arrived_at >= stop)).all()
    pieces.run()
    for name, column in whole.contact_log.columns().items():
        np.testing.assert_array_equal(column, pieces.contact_log.columns()[name], err_msg=name)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_new_process_with_and_without_jit(setting: dict[str, str]) -> None:
    mine = simcc.simulate(center(), replications=3, seed=7, record="contacts")
    assert digest_in_a_new_process("test_follow_ups_identity", setting) == digest(mine)


# ---------------------------------------------------------------------- the same customers

BRINGS = ("patience_time", "talk_time", "wrap_time", "balks", "bot_time", "bot_luck")
OTHERS = {
    "staffing": center(agents=8),
    "lines": center(lines=6),
    "policy": center(
        routing=simcc.Routing(policy=simcc.StaticPriority(priority={"voice": 2, "mail": 1}))
    ),
    "routing": center(
        routing=simcc.Routing(
            type_to_groups={
                "voice": [
                    simcc.GroupOption(group="experts"),
                    simcc.GroupOption(group="front", rank=2, after=30),
                ]
            }
        )
    ),
}


def brought(scenario: simcc.Scenario, replication: int = 2) -> pd.DataFrame:
    """What contacts that follow have brought, by the place of their issue and their step."""
    done = Replication(Setup(scenario), Streams(7), replication)
    done.run()
    n, first = done.state.n_contacts, len(done.workload)
    work, log = done.state.work, done.contact_log
    columns = {name: getattr(work, name)[:n] for name in (*BRINGS, *LUCKS, "step", "queue_type")}
    table = pd.DataFrame(columns | {"issue": log.issue, "contact_type": log.contact_type})
    table["arrived_at"], table["outcome"] = log.arrived_at, log.outcome
    came = done.workload.contact_type  # issues are told apart by their type and place among those
    place = pd.Series(came).groupby(came).cumcount()
    table["came_as"] = np.array([one.name for one in scenario.contact_types])[came[log.issue]]
    table["place"] = place.to_numpy()[log.issue]
    return table[first:].set_index(["came_as", "place", "step"]).sort_index()


def in_both(one: pd.DataFrame, other: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    assert not one.index.has_duplicates
    both = one.index.intersection(other.index)
    assert len(both) > 30
    assert (both.get_level_values("step") > 1).sum() > 3
    return one.loc[both], other.loc[both]


@pytest.mark.parametrize("other", OTHERS)
def test_the_same_customers(other: str) -> None:
    """Whatever makes it come, a contact of (issue, number of contacts before) is the same."""
    mine, theirs = in_both(brought(center()), brought(OTHERS[other]))
    assert not mine["arrived_at"].equals(theirs["arrived_at"])  # they did come otherwise
    for name in LUCKS:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)
    same = (mine["contact_type"] == theirs["contact_type"]) & (
        mine["queue_type"] == theirs["queue_type"]
    )
    assert same.sum() > 20
    for name in BRINGS:
        np.testing.assert_array_equal(mine[name][same], theirs[name][same], err_msg=name)


def test_no_two_contacts_share_their_luck() -> None:
    table = brought(center())
    lucks = np.concatenate([table[name] for name in LUCKS])
    assert len(np.unique(lucks)) == len(lucks) > 200
    first = simcc.Simulation(center(), seed=7, replication=2).workload
    assert not np.isin(lucks, np.concatenate([getattr(first, name) for name in LUCKS])).any()


def test_another_type_leaves_those_who_follow_alone() -> None:
    base = center()
    chat = simcc.ContactType(
        name="chat", arrivals=simcc.PoissonArrivals(rate_per_hour=40), talk_time="2min",
        follow_ups=[again("served", 300, 0.5)],
    )  # fmt: skip
    front, *rest = base.agent_groups
    other = base.replace(
        contact_types=[chat, *base.contact_types],
        agent_groups=[front.replace(skills={"chat": 1.0, **front.skills}), *rest],
    )
    mine, theirs = in_both(brought(base), brought(other))
    for name in LUCKS:
        np.testing.assert_array_equal(mine[name], theirs[name], err_msg=name)


def test_a_law_of_one_attribute_leaves_the_others_alone() -> None:
    base = center()
    voice, mail = base.contact_types
    other = base.replace(contact_types=[voice.replace(patience=simcc.Exponential(mean=9)), mail])
    mine, theirs = in_both(brought(base), brought(other))
    same = (mine["contact_type"] == theirs["contact_type"]) & (mine["queue_type"] == 0)
    assert same.sum() > 20
    for name in (*BRINGS, *LUCKS):
        equal = np.array_equal(mine[name][same], theirs[name][same])
        assert equal == (name != "patience_time"), name


def test_what_follows_leaves_the_first_contacts_alone() -> None:
    """The customers of a center in which nobody comes back are the first contacts of one where."""
    with_, without = (
        simcc.Simulation(of, seed=7, replication=2).workload for of in (center(), plain_center())
    )
    for name in ("arrived_at", "contact_type", "queue_type", *BRINGS):
        np.testing.assert_array_equal(getattr(with_, name), getattr(without, name), err_msg=name)


def test_submitted_contacts_leave_those_who_follow_alone() -> None:
    quiet, busy = (Replication(Setup(center()), Streams(7), 2) for _ in range(2))
    quiet.run()
    sim = simcc.Simulation(center(), seed=7, replication=2)

    def process() -> Any:
        while True:
            yield sim.env.timeout(400)
            sim.submit("voice")

    sim.process(process())
    sim.run()
    first = len(busy.workload)
    lucks = []
    for done in (quiet.state, sim._replication.state):
        n, steps = done.n_contacts, done.work.step
        rows = [c for c in range(first, n) if steps[c] > 0]
        keys = zip(done.log.issue[rows].tolist(), steps[rows].tolist(), strict=True)
        lucks.append(dict(zip(keys, done.work.return_luck[rows].tolist(), strict=True)))
    both = set(lucks[0]) & set(lucks[1])
    assert len(both) > 20
    assert {key: lucks[0][key] for key in both} == {key: lucks[1][key] for key in both}
