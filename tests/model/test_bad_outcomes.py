"""Prices, sales, satisfaction and complaints that do not fit are refused, with place and value."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import math
from typing import Any

import pytest
from plain import REMOVED, assert_refused, changed, problems

SERVICE, SALES = (f'contact_types["{name}"]' for name in ("service", "sales"))
HELPER, FRONT = 'bots["helper"]', 'agent_groups["front"]'
SALE = "contact_types.1.sale"

# (path, value, place, words of the message)
CASES: list[tuple[str, Any, str, list[str]]] = [
    # prices
    ("contact_types.0.cost_per_contact", -1, f"{SERVICE}.cost_per_contact", ["-1", "at least 0", "money"]),
    ("contact_types.0.cost_per_contact", "2 EUR", f"{SERVICE}.cost_per_contact", ['"2 EUR"', "number", "money"]),
    ("contact_types.0.cost_per_contact", 1e10, f"{SERVICE}.cost_per_contact", ["10000000000", "at most 1e+09"]),
    ("contact_types.0.cost_per_contct", 1, f"{SERVICE}.cost_per_contct", ["not a field", '"cost_per_contact"']),
    ("bots.0.cost_per_session", -0.1, f"{HELPER}.cost_per_session", ["-0.1", "at least 0", "money"]),
    ("bots.0.cost_per_session", math.nan, f"{HELPER}.cost_per_session", ["nan", "finite"]),
    ("bots.0.cost_per_minute", -0.1, f"{HELPER}.cost_per_minute", ["-0.1", "at least 0", "money"]),
    ("bots.0.cost_per_minute", math.inf, f"{HELPER}.cost_per_minute", ["inf", "finite"]),
    ("agent_groups.0.cost_per_hour", -30, f"{FRONT}.cost_per_hour", ["-30", "at least 0", "money"]),
    ("agent_groups.0.cost_per_hour", True, f"{FRONT}.cost_per_hour", ["true", "number"]),
    ("agent_groups.0.overtime_factor", -1, f"{FRONT}.overtime_factor", ["-1", "at least 0"]),
    ("agent_groups.0.cost_per_hours", 1, f"{FRONT}.cost_per_hours", ["not a field", '"cost_per_hour"']),
    # sales
    (f"{SALE}.probability", 1.2, f"{SALES}.sale.probability", ["1.2", "at most 1", "probability"]),
    (f"{SALE}.probability", REMOVED, f"{SALES}.sale.probability", ["missing", "probability"]),
    (f"{SALE}.value", -5, f"{SALES}.sale.value", ["-5", "at least 0", "money"]),
    (f"{SALE}.value", REMOVED, f"{SALES}.sale.value", ["missing", "money"]),
    (f"{SALE}.value", "5min", f"{SALES}.sale.value", ['"5min"', "number", "money"]),
    (f"{SALE}.probability_by_group.experts", 2, f"{SALES}.sale.probability_by_group.experts", ["2", "at most 1"]),
    (f"{SALE}.probability_by_group.frnt", 0.1, f"{SALES}.sale.probability_by_group", ['"frnt"', "no agent group", '"front"']),
    (f"{SALE}.probability_by_group.night", 0.1, f"{SALES}.sale.probability_by_group", ['"night"', "lacks", '"sales"']),
    (f"{SALE}.price", 5, f"{SALES}.sale.price", ["not a field", "value"]),
    (SALE, 0.1, f"{SALES}.sale", ["0.1", "table"]),
    # satisfaction
    ("satisfaction.base", 1.1, "satisfaction.base", ["1.1", "at most 1"]),
    ("satisfaction.per_minute_waiting", -0.1, "satisfaction.per_minute_waiting", ["-0.1", "at least 0"]),
    ("satisfaction.per_further_attempt", "a lot", "satisfaction.per_further_attempt", ['"a lot"', "number"]),
    ("satisfaction.per_transfer", -1, "satisfaction.per_transfer", ["-1", "at least 0"]),
    ("satisfaction.unresolved", -1, "satisfaction.unresolved", ["-1", "at least 0"]),
    ("satisfaction.left_unserved", math.nan, "satisfaction.left_unserved", ["nan", "finite"]),
    ("satisfaction.per_minute", 0.1, "satisfaction.per_minute", ["not a field", '"per_minute_waiting"']),
    ("satisfaction", 0.8, "satisfaction", ["0.8", "table"]),
    # complaints
    ("contact_types.0.complaint", "yes", f"{SERVICE}.complaint", ['"yes"', "true or false"]),
    ("contact_types.0.complaint", 1, f"{SERVICE}.complaint", ["1", "true or false"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), CASES, ids=lambda v: str(v)[:40])
def test_refused(path: str, value: Any, place: str, words: list[str]) -> None:
    assert_refused((path, value), place, words)


def test_everything_at_once() -> None:
    data = changed(
        ("contact_types.0.cost_per_contact", -1),
        (f"{SALE}.probability_by_group", {"frnt": 0.1}),
        ("bots.0.cost_per_minute", -1),
        ("agent_groups.0.cost_per_hour", -1),
        ("satisfaction.base", 2),
    )
    assert set(problems(data)) == {
        f"{SERVICE}.cost_per_contact",
        f"{SALES}.sale.probability_by_group",
        f"{HELPER}.cost_per_minute",
        f"{FRONT}.cost_per_hour",
        "satisfaction.base",
    }
