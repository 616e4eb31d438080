"""Follow-ups, transfers and resolutions that do not fit are refused, with place and value."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import math
from typing import Any

import pytest
from plain import REMOVED, assert_refused, center, changed, problems

import simcc

SERVICE, SALES = (f'contact_types["{name}"]' for name in ("service", "sales"))
HELPER, BACK = 'bots["helper"]', 'contact_types["back"]'
FIRST = "contact_types.0.follow_ups.0"  # after "abandoned", "balked" or "blocked"
SECOND = "contact_types.0.follow_ups.1"  # after "unresolved"
THERE, THERE_TOO = f"{SERVICE}.follow_ups[0]", f"{SERVICE}.follow_ups[1]"
MOVES, MOVED = "contact_types.0.transfers", f"{SERVICE}.transfers"
NEVER = {"law": "survival", "times": [60], "survival": [0.5], "tail": "never"}


def after(when: Any, probability: Any, **more: Any) -> dict[str, Any]:
    return {"when": when, "probability": probability, "delay": "10min", **more}


def to(name: str, probability: Any, **more: Any) -> dict[str, Any]:
    return {"to": name, "probability": probability, **more}


# (path, value, place, words of the message)
CASES: list[tuple[str, Any, str, list[str]]] = [
    # after which endings
    (f"{FIRST}.when", "hung_up", f"{THERE}.when[0]", ['"hung_up"', "'abandoned'", "'bot_lost'"]),
    (f"{FIRST}.when", ["abandoned", "well_contained"], f"{THERE}.when[1]", ['"well_contained"', "'falsely_contained'"]),
    (f"{FIRST}.when", [], f"{THERE}.when", ["[]", "at least 1"]),
    (f"{FIRST}.when", ["blocked", "blocked"], f"{THERE}.when[1]", ['"blocked"', "already"]),
    (f"{FIRST}.when", ["served"] * 12, f"{THERE}.when", ["served", "at most 11"]),
    (f"{FIRST}.when", 3, f"{THERE}.when[0]", ["3", "'abandoned'"]),
    (f"{FIRST}.when", REMOVED, f"{THERE}.when", ["missing"]),
    # how often
    (f"{FIRST}.probability", 1.2, f"{THERE}.probability[0]", ["1.2", "at most 1", "probability"]),
    (f"{FIRST}.probability", -0.1, f"{THERE}.probability[0]", ["-0.1", "at least 0", "probability"]),
    (f"{FIRST}.probability", [0.5, 1.5], f"{THERE}.probability[1]", ["1.5", "at most 1"]),
    (f"{FIRST}.probability", math.nan, f"{THERE}.probability[0]", ["nan", "finite"]),
    (f"{FIRST}.probability", "often", f"{THERE}.probability[0]", ['"often"', "number"]),
    (f"{FIRST}.probability", True, f"{THERE}.probability[0]", ["true", "number"]),
    (f"{FIRST}.probability", [], f"{THERE}.probability", ["[]", "at least 1"]),
    (f"{FIRST}.probability", [0.1] * 1001, f"{THERE}.probability", ["0.1", "at most 1000"]),
    (f"{FIRST}.probability", REMOVED, f"{THERE}.probability", ["missing"]),
    (f"{SECOND}.probability_by_group.front", 2, f"{THERE_TOO}.probability_by_group.front", ["2", "at most 1", "probability"]),
    (f"{SECOND}.probability_by_group.frnt", 0.1, f"{THERE_TOO}.probability_by_group", ['"frnt"', "no agent group", '"front"']),
    (f"{SECOND}.probability_by_group.night", 0.1, f"{THERE_TOO}.probability_by_group", ['"night"', "lacks", '"service"']),
    (f"{FIRST}.probability_by_group", {"front": 0.1}, f"{THERE}.probability_by_group", ["needs an agent", '"served"', '"unresolved"']),
    (f"{SECOND}.when", ["unresolved", "gave_up"], f"{THERE_TOO}.probability_by_group", ["needs an agent", '"resolved"']),
    (f"{FIRST}.at_most", 0, f"{THERE}.at_most", ["0", "at least 1"]),
    (f"{FIRST}.at_most", 1.5, f"{THERE}.at_most", ["1.5", "whole number"]),
    # when
    (f"{FIRST}.delay", 0, f"{THERE}.delay", ["mean 0", "more than 0", "seconds"]),
    (f"{FIRST}.delay", {"law": "sample", "values": [0, 0]}, f"{THERE}.delay", ["mean 0", "more than 0"]),
    (f"{FIRST}.delay", -5, f"{THERE}.delay", ["-5", "0 to", "seconds"]),
    (f"{FIRST}.delay", NEVER, f"{THERE}.delay", ["infinite mean", '"never"', "patience only"]),
    (f"{FIRST}.delay", "soon", f"{THERE}.delay", ['"soon"', "duration"]),
    (f"{FIRST}.delay", {"law": "gama", "mean": 60, "cv": 1}, f"{THERE}.delay", ["gama", '"gamma"']),
    (f"{FIRST}.delay", REMOVED, f"{THERE}.delay", ["missing", "seconds"]),
    # as what
    (f"{FIRST}.type", "servce", f"{THERE}.type", ['"servce"', "no contact type", '"service"']),
    (f"{FIRST}.type", "", f"{THERE}.type", ["at least one character"]),
    (f"{FIRST}.talk_factor", 0, f"{THERE}.talk_factor", ["0", "more than 0"]),
    (f"{FIRST}.patience_factor", 0, f"{THERE}.patience_factor", ["0", "more than 0"]),
    (f"{FIRST}.wen", "served", f"{THERE}.wen", ["not a field", '"when"']),
    ("contact_types.0.follow_ups", 3, f"{SERVICE}.follow_ups", ["3", "list"]),
    ("contact_types.0.follow_ups", [3], f"{SERVICE}.follow_ups[0]", ["3", "table"]),
    ("contact_types.0.folow_ups", [], f"{SERVICE}.folow_ups", ["not a field", '"follow_ups"']),
    # at most one follow-up happens
    ("contact_types.0.follow_ups", [after("abandoned", 0.6), after(["balked", "abandoned"], 0.6)], f"{SERVICE}.follow_ups", ["1.2", '"abandoned"', "at most 1", "probability"]),
    ("contact_types.0.follow_ups", [after("served", [0.1, 0.6]), after("unresolved", 0.5)], f"{SERVICE}.follow_ups", ["1.1", '"unresolved"', "at most 1"]),
    ("contact_types.0.follow_ups", [after("contained", 0.6), after("falsely_contained", 0.5)], f"{SERVICE}.follow_ups", ["1.1", '"falsely_contained"', "at most 1"]),
    ("contact_types.0.follow_ups", [after("served", 0.1, probability_by_group={"front": 0.7}), after("resolved", 0.4)], f"{SERVICE}.follow_ups", ["1.1", '"resolved"', "at most 1"]),
    ("contact_types.0.follow_ups", [after("blocked", 0.6, at_most=1), after("blocked", 0.6)], f"{SERVICE}.follow_ups", ["1.2", '"blocked"', "at most 1"]),
    # transfers
    (f"{MOVES}.0.to", "slaes", f"{MOVED}[0].to", ['"slaes"', "no contact type", '"sales"']),
    (f"{MOVES}.0.to", REMOVED, f"{MOVED}[0].to", ["missing"]),
    (f"{MOVES}.0.probability", 1.2, f"{MOVED}[0].probability", ["1.2", "at most 1", "probability"]),
    (f"{MOVES}.0.probability", -1, f"{MOVED}[0].probability", ["-1", "at least 0"]),
    (f"{MOVES}.0.probability", [0.1], f"{MOVED}[0].probability", ["0.1", "number"]),
    (f"{MOVES}.0.probability", REMOVED, f"{MOVED}[0].probability", ["missing"]),
    (f"{MOVES}.0.probability_by_group.front", 1.1, f"{MOVED}[0].probability_by_group.front", ["1.1", "at most 1"]),
    (f"{MOVES}.0.probability_by_group.frnt", 0.1, f"{MOVED}[0].probability_by_group", ['"frnt"', "no agent group", '"front"']),
    (f"{MOVES}.0.probability_by_group.night", 0.1, f"{MOVED}[0].probability_by_group", ['"night"', "lacks", '"service"']),
    (f"{MOVES}.0.talk_factor", 0, f"{MOVED}[0].talk_factor", ["0", "more than 0"]),
    (f"{MOVES}.0.patience_factor", -1, f"{MOVED}[0].patience_factor", ["-1", "more than 0"]),
    (f"{MOVES}.0.delay", 5, f"{MOVED}[0].delay", ["not a field", "probability"]),
    (MOVES, [to("sales", 0.1), to("mail", 0.95)], MOVED, ["1.05", "at most 1", "probability"]),
    (MOVES, [to("sales", 0.1, probability_by_group={"front": 0.7}), to("mail", 0.4)], MOVED, ["1.1", "at most 1"]),
    # what resolves
    ("contact_types.0.resolution", 1.2, f"{SERVICE}.resolution", ["1.2", "at most 1", "probability"]),
    ("contact_types.0.resolution", -0.2, f"{SERVICE}.resolution", ["-0.2", "at least 0", "probability"]),
    ("contact_types.0.resolution_by_group.front", 1.2, f"{SERVICE}.resolution_by_group.front", ["1.2", "at most 1"]),
    ("contact_types.0.resolution_by_group.frnt", 0.2, f"{SERVICE}.resolution_by_group", ['"frnt"', "no agent group", '"front"']),
    ("contact_types.1.resolution_by_group", {"night": 0.2}, f"{SALES}.resolution_by_group", ['"night"', "lacks", '"sales"']),
    ("bots.0.solves", 1.2, f"{HELPER}.solves", ["1.2", "at most 1", "probability"]),
    ("bots.0.solves", -0.2, f"{HELPER}.solves", ["-0.2", "at least 0", "probability"]),
    ("bots.0.solves", "all", f"{HELPER}.solves", ['"all"', "number"]),
    # types that contacts reach, or do not
    ("contact_types.3", {"name": "back", "talk_time": 60}, BACK, ["no arrivals", "no bot, transfer, consult or follow-up", "rate_per_hour = 0"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), CASES, ids=lambda v: str(v)[:40])
def test_refused(path: str, value: Any, place: str, words: list[str]) -> None:
    assert_refused((path, value), place, words)


def test_everything_at_once() -> None:
    data = changed(
        (f"{FIRST}.when", "hung_up"),
        (f"{FIRST}.delay", 0),
        (f"{SECOND}.type", "slaes"),
        (f"{MOVES}.0.talk_factor", 0),
        ("contact_types.0.resolution", 7),
        ("contact_types.1.resolution_by_group", {"frnt": 0.2}),
        ("bots.0.solves", 2),
        ("agent_groups.1.skills", 3),
    )
    assert set(problems(data)) == {
        f"{THERE}.when[0]",
        f"{THERE}.delay",
        f"{THERE_TOO}.type",
        f"{MOVED}[0].talk_factor",
        f"{SERVICE}.resolution",
        f"{SALES}.resolution_by_group",
        f"{HELPER}.solves",
        'agent_groups["experts"].skills',
    }


LEADS = {
    "transfer": (MOVES, [to("back", 0.1)]),
    "two transfers": ("contact_types.1.transfers", [to("back", 0.1)]),  # service to sales to back
    "follow-up": ("contact_types.0.follow_ups", [after("blocked", 0.1, type="back")]),
    "follow-up after a transfer": (
        "contact_types.1.follow_ups",
        [after("served", 0.1, type="back")],
    ),
}


@pytest.mark.parametrize("way", LEADS)
def test_a_type_to_which_only_others_lead_needs_people_and_a_talk_time(way: str) -> None:
    def with_back(skills: list[str], **fields: Any) -> dict[str, Any]:
        sales = ("contact_types.1.arrivals", REMOVED)  # is transferred to, by service
        back = ("contact_types.3", {"name": "back", **fields})
        return changed(LEADS[way], sales, back, ("agent_groups.2.skills", skills))

    found = problems(with_back(["mail"]))
    assert set(found) == {BACK, f"{BACK}.talk_time"}
    assert 'no agent group has the skill "back"' in found[BACK]
    assert found[f"{BACK}.talk_time"] == "is missing (unit: seconds)"
    assert set(problems(with_back(["mail"], talk_time=60))) == {BACK}
    assert set(problems(with_back(["mail", "back"]))) == {f"{BACK}.talk_time"}
    simcc.Scenario.from_dict(with_back(["mail", "back"], talk_time=60))


def test_a_way_that_nobody_goes_does_not_count() -> None:
    """What leads on from a type that no contact reaches leads to nothing."""
    data = changed(
        ("contact_types.3", {"name": "back", "talk_time": 60, "transfers": [to("last", 1)]}),
        ("contact_types.4", {"name": "last", "follow_ups": [after("served", 1, type="back")]}),
    )
    assert set(problems(data)) == {BACK, 'contact_types["last"]'}


def test_a_follow_up_without_end_waits_for_ever_only_without_agents() -> None:
    """A type that customers come back as, served by nobody at any time, without patience."""
    data = changed(
        ("contact_types.3", {"name": "back", "talk_time": 60}),
        ("contact_types.0.follow_ups", [after("blocked", 0.1, type="back")]),
        ("agent_groups.3", {"name": "nobody", "skills": ["back"]}),
        ("agent_groups.3.staff", {"kind": "fixed", "agents": 0}),
    )
    assert "waits for ever" in problems(data)[BACK]


def test_sums_of_exactly_one_are_fine() -> None:
    """Also where the shares of a first attempt and of later ones are given apart."""
    tenths = [after("served", 0.1) for _ in range(10)]  # whose sum is not 1 to the last bit
    for follow_ups in (
        tenths,
        [after("resolved", 1), after("unresolved", 1), after("abandoned", [1, 1])],
        [after("blocked", 1, at_most=1), after("blocked", [0, 1])],
        [after("contained", 0.4), after("falsely_contained", 0.6)],
    ):
        simcc.Scenario.from_dict(changed(("contact_types.0.follow_ups", follow_ups)))
    simcc.Scenario.from_dict(changed((MOVES, [to("sales", 0.1) for _ in range(10)])))


def test_the_groups_of_another_queue_may_serve_what_a_bot_hands_over() -> None:
    data = changed(
        ("bots.0.escalate_to", "mail"),
        (f"{SECOND}.probability_by_group", {"night": 0.1, "front": 0.2}),
    )
    simcc.Scenario.from_dict(data)
    found = problems(changed((f"{MOVES}.0.probability_by_group", {"night": 0.1})))
    assert 'lacks the skill "service"' in found[f"{MOVED}[0].probability_by_group"]


def test_one_word_and_one_number_are_lists_of_them() -> None:
    one = simcc.FollowUp(when="served", probability=0.5, delay=60)
    assert one == simcc.FollowUp(when=["served"], probability=[0.5], delay="1min")
    assert (one.when, one.probability) == (("served",), (0.5,))
    service = simcc.Scenario.from_dict(center()).contact_types[0]
    assert service.follow_ups[1].when == ("unresolved",)


def test_what_is_made_in_python_is_refused_where_it_is_made() -> None:
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.FollowUp(when=["served", "hung_up"], probability=2, delay=0)
    places = [problem.place for problem in caught.value.problems]
    assert places == ["when[1]", "probability[0]", "delay"]
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.Transfer(to="", probability=-1, talk_factor=0)
    places = [problem.place for problem in caught.value.problems]
    assert places == ["to", "probability", "talk_factor"]
