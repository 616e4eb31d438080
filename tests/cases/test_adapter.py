"""The adapter: what it refuses, and what it counts where the case language has other words."""

import copy

import adapter
import numpy as np
import own_models
import pytest
import solved
from own_models import again, exponential, handed

import simcc
from simcc.metrics import Reducer

VOICE = solved.MARKOV["own-hyperexponential"]


def changed(where: str, word: str, content: object) -> dict:
    """The case of one queue with one more word."""
    case = copy.deepcopy(VOICE) | {"metrics": []}
    model = case["model"]
    place = {"type": model["types"][0], "group": model["groups"][0], "model": model}
    place["routing"] = model["routing"]
    place[where][word] = content
    return case


@pytest.mark.parametrize(
    ("where", "word", "content"),
    [
        ("group", "concurrency", {"max": 3, "think_time": 60}),
        ("routing", "preemption", [{"type": "voice"}]),
        ("model", "callback", {"accept_prob": 0.5, "retries": 3}),
    ],
)
def test_words_of_later_versions_are_refused(where: str, word: str, content: object) -> None:
    adapter.scenario_of(changed(where, word, None))
    with pytest.raises(adapter.Unsupported, match=word):
        adapter.scenario_of(changed(where, word, content))


def test_callback() -> None:
    offer = {"accept_prob": 0.5, "min_waiting": 2, "idle_needed": 3}
    (voice,) = adapter.scenario_of(changed("model", "callback", offer)).contact_types
    assert voice.callback == simcc.Callback(accepts=0.5, min_waiting=2, idle_needed=3)


def test_concurrency() -> None:
    several = {"max": 3, "mode": "fixed_at_start", "speed": [1.0, 0.8, 0.7]}
    (group,) = adapter.scenario_of(changed("group", "concurrency", several)).agent_groups
    assert group.concurrency == simcc.Concurrency(
        most=3, mode="fixed_at_start", speed=[1.0, 0.8, 0.7], ties="random"
    )


REDIAL = again(0.5, 300)


@pytest.mark.parametrize(
    ("word", "content", "match"),
    [
        ("redial_after_abandon", {"prob": 0.5}, "delay"),
        ("redial_after_busy", {"delay": exponential(60)}, "prob"),
        ("reconnect_after_service", REDIAL | {"from": "start"}, "from"),
        ("redial_after_busy", 0.5, "0.5"),
        ("redial_after_busy", REDIAL | {"prob": [0.5, 0.2]}, "prob"),
        ("transfer", {"prob": 0.1}, "to"),
        ("transfer", [handed("voice", 0.1) | {"delay": exponential(60)}], "delay"),
    ],
)
def test_objects_that_are_not_understood_are_refused(
    word: str, content: object, match: str
) -> None:
    with pytest.raises(adapter.Unsupported, match=f"{word}.*{match}"):
        adapter.scenario_of(changed("type", word, content))


def test_reservation_for_a_type_that_is_not_routed_there_is_refused() -> None:
    row = {"type": "voice", "group": "agents", "idle_needed": 2}
    adapter.scenario_of(changed("routing", "reserve", [row]))
    for wrong in (row | {"group": "others"}, row | {"type": "others"}):
        with pytest.raises(adapter.Unsupported, match="reserve"):
            adapter.scenario_of(changed("routing", "reserve", [wrong]))


def voice_with(word: str, content: object) -> simcc.ContactType:
    return adapter.scenario_of(changed("type", word, content)).contact_types[0]


def test_words_for_those_who_come_again() -> None:
    delay = simcc.Exponential(mean=300)
    for word, when in (
        ("redial_after_abandon", ["abandoned", "balked"]),
        ("redial_after_busy", "blocked"),
        ("reconnect_after_service", "served"),
    ):
        expected = simcc.FollowUp(when=when, probability=0.5, delay=delay)
        assert voice_with(word, REDIAL).follow_ups == (expected,)
        expected = simcc.FollowUp(when=when, probability=0.5, delay=delay, at_most=2)
        assert voice_with(word, REDIAL | {"max_redials": 2}).follow_ups == (expected,)
        assert voice_with(word, REDIAL | {"max_redials": 0}).follow_ups == ()
    row = handed("voice", 0.1)
    expected = simcc.Transfer(to="voice", probability=0.1)
    assert voice_with("transfer", row).transfers == (expected,)
    assert voice_with("transfer", [row, row]).transfers == (expected, expected)


def test_a_type_that_only_transfers_feed() -> None:
    case = solved.MARKOV["own-transfer-shared"] | {"metrics": []}
    assert [one.arrivals is None for one in adapter.scenario_of(case).contact_types] == [
        False,
        True,
    ]


def test_steady_window_is_kept_and_the_margins_only_grow() -> None:
    regime = {"kind": "steady_state", "warmup_s": 7200, "horizon_s": 100_000, "cooldown_s": 3600}
    horizon, intervals = adapter.horizon_of(regime)
    assert horizon.window[1] - horizon.window[0] == 100_000
    assert horizon.warmup >= 7200
    assert horizon.cooldown >= 3600
    assert horizon.length < 1.15 * 100_000
    assert set(intervals) == {0}


def test_unequal_intervals_are_put_together() -> None:
    regime = {"kind": "transient", "interval_edges_s": [0.0, 450.0, 1350.0, 1800.0]}
    horizon, intervals = adapter.horizon_of(regime)
    assert (horizon.interval, horizon.length) == (450.0, 1800.0)
    assert intervals == [0, 1, 1, 2]


def test_counters_that_have_other_names_in_the_cases() -> None:
    case = copy.deepcopy(solved.MARKOV["own-balking"])
    names = [
        "A.offered", "A.fresh", "A.offered_repeat", "A.wait_sum", "A.wait_served_sum",
        "A.wait_abandoned_sum", "A.served_le_0", "A.abandoned_le_0", "A.queued", "A.blocked",
        "G.agent_idle_time", "G.busy_time", "G.staffed_time", "A|G.busy_time", "B|G.busy_time",
        "window_s", "A.offered@0", "A.served",
    ]  # fmt: skip
    case["metrics"] = [{"name": name, "num": [name], "den": 1} for name in names]
    result = simcc.simulate(adapter.scenario_of(case), replications=3, seed=4, record="contacts")
    found = adapter.CaseCounters(case, result.sums)
    log = result.contacts()
    start, end = result.scenario.horizon.window
    log = log[(log.arrived_at >= start) & (log.arrived_at < end) & (log.contact_type == "A")]
    for r, mine in log.groupby("replication"):
        assert found["A.offered"][r] == found["A.fresh"][r] == found["A.offered@0"][r] == len(mine)
        assert found["A.served_le_0"][r] == (mine.answered_at == mine.offered_at).sum()
        assert found["A.abandoned_le_0"][r] == (mine.outcome == "balked").sum()
        waits = mine.answered_at.fillna(mine.left_at) - mine.offered_at
        kept = waits[mine.outcome.isin(["served", "abandoned", "balked"])]
        assert found["A.wait_sum"][r] == pytest.approx(kept.sum())
    assert not found["A.offered_repeat"].any()
    both = found["A|G.busy_time"] + found["B|G.busy_time"]
    assert both == pytest.approx(found["G.busy_time"])
    idle = found["G.staffed_time"] - found["G.busy_time"]
    assert found["G.agent_idle_time"] == pytest.approx(idle)
    assert np.all(found["window_s"] == case["regime"]["horizon_s"])


def test_counters_of_attempts() -> None:
    case = copy.deepcopy(solved.MARKOV["own-transfer-redial"])
    names = ["fresh", "offered_first", "offered_repeat", "abandoned_first", "abandoned_repeat"]
    case["metrics"] = [
        {"name": f"{t}.{name}", "num": [f"{t}.{name}"], "den": 1} for t in "AB" for name in names
    ]
    result = simcc.simulate(adapter.scenario_of(case), replications=2, seed=4, record="contacts")
    found = adapter.CaseCounters(case, result.sums)
    log = result.contacts()
    start, end = result.scenario.horizon.window
    log = log[(log.arrived_at >= start) & (log.arrived_at < end)]
    for (r, t), mine in log.groupby(["replication", "contact_type"]):
        gave_up = mine.outcome.isin(["abandoned", "balked"])
        first = mine.attempt == 1
        assert found[f"{t}.fresh"][r] == (first & (mine.leg == 1)).sum()
        assert found[f"{t}.offered_first"][r] == first.sum()
        assert found[f"{t}.offered_repeat"][r] == (~first).sum() > 0
        assert found[f"{t}.abandoned_first"][r] == (first & gave_up).sum()
        assert found[f"{t}.abandoned_repeat"][r] == (~first & gave_up).sum() > 0


def test_every_own_case_becomes_a_scenario_with_room_for_its_counters() -> None:
    for name, case in solved.MARKOV.items():
        case = case | {"metrics": own_models.metrics_of(case)}
        counters = Reducer(adapter.scenario_of(case)).counters(1)
        assert set(adapter.CaseCounters(case, counters)), name
