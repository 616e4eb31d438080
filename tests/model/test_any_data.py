"""Whatever a scenario is made from: a scenario comes out, or a ScenarioError, and soon."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain import center

import simcc
from simcc.model.laws import LAWS

# A second is hundreds of times what one report takes; more is a hang to come.
SOON = settings(deadline=30000, suppress_health_check=[HealthCheck.too_slow])

NUMBERS = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(-3, 3),
    st.floats(),
    st.floats(0, 2),
    st.sampled_from([10**400, -(10**400), 1e308, 5e-324, -0.0, 1e12, 1e13]),
)
TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["3min", "1e3", "-5s", "service", "front", "sales", "gamma", "kind", "\x1f"]),
    st.characters(categories=["Cs"]),
)
ODD = st.one_of(
    st.none(),
    st.binary(max_size=5),
    st.dates(),
    st.datetimes(),
    st.timedeltas(),
    st.complex_numbers(),
    st.sampled_from([object(), int, print, np.nan, np.float32(3), np.arange(3), np.array(3)]),
    st.sampled_from([np.datetime64("NaT"), np.timedelta64("NaT"), date.max, datetime.max]),
    st.sampled_from([timedelta.max, {1, 2}, frozenset({"a"}), range(3), range(10**12)]),
    st.builds(lambda: iter([1, 2])),
)
ANYTHING = st.recursive(
    st.one_of(NUMBERS, TEXTS, ODD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(TEXTS, st.integers()), inner, max_size=4),
    ),
    max_leaves=8,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all values in nested dicts and lists."""
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    found = []
    for key, value in inside:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


CENTER_PLACES = places(center())


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """The center with a few values changed, removed, doubled, renamed or swapped."""
    data = center()
    for path in draw(st.lists(st.sampled_from(CENTER_PLACES), min_size=1, max_size=4)):
        *steps, last = path
        at: Any = data
        try:
            for step in steps:
                at = at[step]
            value = at[last]
        except (KeyError, IndexError, TypeError):
            continue  # another change has removed it
        if not isinstance(at, dict | list):
            continue
        change = draw(st.sampled_from(["set", "remove", "double", "rename", "elsewhere"]))
        if change == "set":
            at[last] = draw(ANYTHING)
        elif change == "elsewhere":
            *_, other = draw(st.sampled_from(CENTER_PLACES))
            at[last] = draw(st.sampled_from([other, value, [value], {"name": value}]))
        elif isinstance(at, list):
            at[last : last + 1] = [] if change == "remove" else [value, value]
        else:
            del at[last]
            if change != "remove":
                at[draw(TEXTS)] = value
    return data


def assert_made_or_refused(make: Any) -> Any:
    """What was made; None if it was refused in words."""
    try:
        return make()
    except simcc.ScenarioError as error:
        refusal = error
    assert refusal.problems
    for place, message in refusal.problems:
        assert message
        assert len(place) + len(message) < 2000
        assert "Traceback" not in message
        assert "pydantic" not in message
    assert all(line.isprintable() for line in str(refusal).splitlines())
    return None


@given(broken())
@settings(SOON, max_examples=300)
def test_a_center_broken_anywhere(data: dict[str, Any]) -> None:
    found = assert_made_or_refused(lambda: simcc.Scenario.from_dict(data))
    if found is not None:
        assert simcc.Scenario.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@given(ANYTHING)
@SOON
def test_anything_as_a_scenario(data: Any) -> None:
    assert_made_or_refused(lambda: simcc.Scenario.from_dict(data))


PARTS = [
    simcc.Scenario,
    simcc.Horizon,
    simcc.ContactType,
    simcc.FollowUp,
    simcc.Transfer,
    simcc.Bot,
    simcc.AgentGroup,
    simcc.FixedStaff,
    simcc.HeadCounts,
    simcc.Roster,
    simcc.Shift,
    simcc.Routing,
    simcc.GroupOption,
    simcc.TypeOption,
    simcc.Target,
    simcc.Busyness,
    simcc.PoissonArrivals,
    simcc.RateArrivals,
    simcc.LinearRateArrivals,
    simcc.TraceArrivals,
    simcc.MarkovArrivals,
    *LAWS,
]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
@given(data=st.data())
@settings(SOON, max_examples=40)
def test_any_keywords_of_any_part(part: type[Any], data: st.DataObject) -> None:
    names = [field.alias or name for name, field in part.model_fields.items()]
    keywords = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), ANYTHING))
    found = assert_made_or_refused(lambda: part(**keywords))
    if found is not None:
        hash(found)
        assert part(**keywords) == found


@pytest.mark.parametrize("part", LAWS, ids=lambda part: part.__name__)
@given(data=st.data())
@settings(SOON, max_examples=60)
def test_laws_that_are_accepted_can_be_used(part: type[simcc.Law], data: st.DataObject) -> None:
    """Any parameters of about the right kind: refused, or quantiles in order, mean as promised."""
    numbers = st.one_of(st.floats(0, 10), st.floats(1e-9, 1e9), st.integers(1, 9))
    lists = st.lists(numbers, min_size=1, max_size=4)
    kinds = {"values": lists, "times": lists, "means": lists, "args": st.lists(numbers, max_size=3)}
    shares = st.lists(st.floats(0, 1), min_size=1, max_size=4)
    texts = {
        "name": st.sampled_from(["gamma", "burr12", "lognorm", "expon", "pareto", "beta", "fisk"]),
        "tail": st.sampled_from(["exponential", "last", "never"]),
    }
    known = {**kinds, **texts, "probs": shares, "survival": shares, "kwds": st.just({})}
    names = [field.alias or name for name, field in part.model_fields.items() if name != "kind"]
    keywords = {name: data.draw(known.get(name, numbers)) for name in names}
    law = assert_made_or_refused(lambda: part(**keywords))
    if law is None:
        return
    values = law.ppf(np.array([0.0, 1e-6, 0.1, 0.5, 0.9, 1 - 1e-6]))
    assert (values >= 0).all()
    assert (values[1:] >= values[:-1]).all()
    assert np.isfinite(values).all() or getattr(law, "tail", "") == "never"
    assert law.mean() >= 0
    survival = law.sf(values)
    assert ((survival >= 0) & (survival <= 1)).all()
