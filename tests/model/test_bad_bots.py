"""Bots that cannot be are refused, with the place, the value and what is allowed."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import math
from typing import Any

import pytest
from plain import REMOVED, assert_refused, changed, problems

import simcc

HELPER = 'bots["helper"]'
STRONG = {"name": "strong", "session_time": 60, "contained": 0.5}


# (field of the first bot, value, place, words of the message)
CASES: list[tuple[str, Any, str, list[str]]] = [
    ("escalation_time", -3, "escalation_time", ["-3", "in 0 to", "seconds"]),
    ("escalation_time", {"kind": "exponential", "mean": 0}, "escalation_time.mean", ["0", "more than 0", "seconds"]),
    ("latency", "soon", "latency", ['"soon"']),
    ("latency", {"kind": "survival", "times": [1, 2], "survival": [0.5, 0.2], "tail": "never"}, "latency", ["infinite mean"]),
    ("sessions_per_minute", 0, "sessions_per_minute", ["0", "more than 0", "sessions per minute"]),
    ("sessions_per_minute", -4, "sessions_per_minute", ["-4", "more than 0"]),
    ("sessions_per_minute", math.inf, "sessions_per_minute", ["inf", "finite"]),
    ("sessions_per_minute", 1e7, "sessions_per_minute", ["at most 1e+06", "sessions per minute"]),
    ("sessions_per_minute", "60", "sessions_per_minute", ['"60"', "number"]),
    ("burst", 3, "burst", ["without sessions_per_minute"]),
    ("burst", 0, "burst", ["0", "at least 1"]),
    ("when_limited", "error", "when_limited", ['"error"', "'lost'"]),
    ("then", "helper", "then", ['"helper"', "leads back"]),
    ("then", "strongr", "then", ['"strongr"', "no bot"]),
    ("misrouted", {"sale": 0.1}, "misrouted", ['"sale"', '"sales"']),
    ("misrouted", {"sales": 1.1}, "misrouted.sales", ["1.1", "at most 1", "share"]),
    ("misrouted", {"sales": 0.6, "mail": 0.6}, "misrouted", ["1.2", "at most 1", "share"]),
    ("misrouted", {"service": 0.1}, "misrouted", ['"service"', "right queue"]),
    ("misrouted", 0.1, "misrouted", ["0.1", "a table"]),
    ("by_type", {"servce": {}}, "by_type", ['"servce"', '"service"']),
    ("by_type", {"mail": {}}, "by_type", ['"mail"', "never gets to this bot"]),
    ("by_type", {"service": {"containd": 0.1}}, "by_type.service.containd", ["not a field", '"contained"']),
    ("by_type", {"service": {"contained": 1.2}}, "by_type.service.contained", ["1.2", "at most 1"]),
    ("by_type", {"service": {"contained": 0.97}}, "by_type.service.gives_up", ["0.05", "1.02", "at most 1"]),
    ("by_type", {"service": {"misrouted": {"service": 0.1}}}, "by_type.service.misrouted", ['"service"', "right queue"]),
    ("by_type", {"service": {"misrouted": {"sales": 0.7, "mail": 0.7}}}, "by_type.service.misrouted", ["1.4", "at most 1"]),
    ("by_type", {"service": {"session_time": -1}}, "by_type.service.session_time", ["-1", "in 0 to"]),
    ("contained_by_time", {"times": [0], "factors": []}, "contained_by_time.factors", ["at least 1"]),
    ("contained_by_time", {"times": [0, 60], "factors": [1]}, "contained_by_time.factors", ["1 entries", "must have 2"]),
    ("contained_by_time", {"times": [60, 60], "factors": [1, 2]}, "contained_by_time.times[1]", ["60", "must increase"]),
    ("contained_by_time", {"times": [0], "factors": [-1]}, "contained_by_time.factors[0]", ["-1", "at least 0"]),
    ("contained_by_time", {"times": [-1], "factors": [1]}, "contained_by_time.times[0]", ["-1", "at least 0", "seconds"]),
    ("contained_by_time", {"times": [0], "factors": [4]}, "contained", ["0.25", "4", "1.05"]),
    ("contained_by_sessions", {"sessions": [0.5], "factors": [1]}, "contained_by_sessions.sessions[0]", ["0.5", "whole number"]),
    ("contained_by_sessions", {"sessions": [9, 3], "factors": [1, 1]}, "contained_by_sessions.sessions[1]", ["3", "after 9"]),
    ("contained_by_sessions", {"session": [9], "factors": [1]}, "contained_by_sessions.session", ["not a field", '"sessions"']),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "place", "words"), CASES, ids=lambda v: str(v)[:40])
def test_refused(field: str, value: Any, place: str, words: list[str]) -> None:
    assert_refused((f"bots.0.{field}", value), f"{HELPER}.{place}", words)


def test_only_the_last_bot_misroutes() -> None:
    for field, value in (
        ("misrouted", {"sales": 0.1}), ("by_type", {"service": {"misrouted": {"sales": 0.1}}})
    ):  # fmt: skip
        data = changed(("bots.0.then", "strong"), ("bots.1", STRONG), (f"bots.0.{field}", value))
        assert '"strong"' in problems(data)[f"{HELPER}.misrouted"]


def test_bots_in_a_circle() -> None:
    data = changed(("bots.0.then", "strong"), ("bots.1", {**STRONG, "then": "helper"}))
    found = problems(data)
    assert set(found) == {f"{HELPER}.then", 'bots["strong"].then'}
    assert all("leads back" in message for message in found.values())


def test_what_is_right_and_wrong_for_types_of_a_bot_behind() -> None:
    """The types that get to a bot are those of the bots before it."""
    strong = {**STRONG, "by_type": {"service": {"contained": 0.1}}, "misrouted": {"sales": 0.1}}
    both = changed(("bots.0.then", "strong"), ("bots.1", strong))
    assert simcc.Scenario.from_dict(both).bots[1].by_type["service"].contained == 0.1
    alone = changed(("bots.1", strong))
    assert list(problems(alone)) == ['bots["strong"].by_type']
    wrong = changed(("bots.0.then", "strong"), ("bots.1", {**strong, "misrouted": {"service": 1}}))
    assert list(problems(wrong)) == ['bots["strong"].misrouted']


def test_nobody_serves_a_wrong_queue() -> None:
    """A type that nothing else leads to needs agents and a talk time if a bot misroutes there."""
    spare = {"name": "spare"}
    found = problems(changed(("contact_types.3", spare), ("bots.0.misrouted", {"spare": 0.1})))
    assert set(found) == {'contact_types["spare"]', 'contact_types["spare"].talk_time'}
    without = changed(
        ("contact_types.3", spare), ("bots.0.misrouted", {"spare": 0.0}),
        ("contact_types.0.follow_ups", REMOVED),
    )  # fmt: skip
    assert "no arrivals" in problems(without)['contact_types["spare"]']


def test_all_problems_are_reported_at_once() -> None:
    data = changed(
        ("bots.0.latency", -1), ("bots.0.burst", 2), ("bots.0.then", "x"),
        ("bots.0.by_type", {"service": {"contained": 2}}),
    )  # fmt: skip
    expected = ["latency", "burst", "then", "by_type.service.contained"]
    assert set(problems(data)) == {f"{HELPER}.{place}" for place in expected}
