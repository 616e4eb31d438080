"""What may stand for a law, and what is refused with which words."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import simcc


def talk_time(value: Any) -> simcc.Law:
    """The law that a contact type makes of a value."""
    found = simcc.ContactType(name="a", talk_time=value).talk_time
    assert isinstance(found, simcc.Law)
    return found


@pytest.mark.parametrize(
    "value",
    [
        180,
        180.0,
        "3min",
        "180s",
        timedelta(minutes=3),
        pd.Timedelta("3min"),
        np.timedelta64(3, "m"),
        np.float32(180),
        np.int64(180),
        {"law": "constant", "value": "3min"},
        {"kind": "constant", "value": 180},
        simcc.Constant(value=180),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_duration_is_a_constant(value: Any) -> None:
    assert talk_time(value) == simcc.Constant(value=180)


@pytest.mark.parametrize(
    "frozen",
    [
        stats.gamma(2.0, 5.0, 60.0),
        stats.gamma(2.0, loc=5.0, scale=60.0),
        stats.gamma(a=2.0, loc=5.0, scale=60.0),
        stats.gamma(2.0, 5.0, scale=60.0),
        stats.expon(),
        stats.expon(0, 90),
        stats.burr12(3.0, d=2.0, scale=300),
        stats.truncnorm(-1.0, 3.0, loc=180, scale=60),
        stats.lognorm(np.float64(0.9), scale=200),
    ],
    ids=lambda frozen: frozen.dist.name,
)
def test_a_frozen_law_keeps_its_values(frozen: Any) -> None:
    u = np.linspace(0.01, 0.99, 25)
    law = talk_time(frozen)
    np.testing.assert_array_equal(law.ppf(u), frozen.ppf(u))
    assert law.mean() == frozen.mean()
    again = simcc.ContactType(**simcc.ContactType(name="a", talk_time=frozen).model_dump())
    assert again.talk_time == law


class Triangle(stats.rv_continuous):
    """A law of the user's own."""

    def _pdf(self, x: Any) -> Any:
        return 2 * x


@pytest.mark.parametrize(
    ("value", "place", "words"),
    [
        ("3 parsecs", "talk_time", ["3 parsecs", "not a duration", "3min"]),
        (-5, "talk_time", ["-5", "0", "seconds"]),
        ("", "talk_time", ["not a duration"]),
        (float("nan"), "talk_time", ["nan", "finite"]),
        (float("inf"), "talk_time", ["inf", "finite"]),
        (10**400, "talk_time", ["finite"]),
        (True, "talk_time", ["true", "law"]),
        (np.True_, "talk_time", ["true", "law"]),
        ([30, 60], "talk_time", ["list", "Sample"]),
        (np.array([30, 60]), "talk_time", ["list", "Sample"]),
        (pd.Series([30, 60]), "talk_time", ["list", "Sample"]),
        (object(), "talk_time", ["object", "Gamma"]),
        ({}, "talk_time", ["no law", "gamma", "scipy"]),
        ({"law": "gama", "mean": 3}, "talk_time", ['"gama"', "gamma"]),
        ({"law": 3}, "talk_time", ["3", "allowed", "gamma"]),
        ({"law": "gamma", "kind": "gamma"}, "talk_time", ['"law"', '"kind"']),
        ({"law": "gamma", "mean": 3}, "talk_time.cv", ["missing"]),
        ({"law": "gamma", "mean": 0, "cv": 1}, "talk_time.mean", ["0", "more than 0", "seconds"]),
        ({"law": "gamma", "mean": 3, "cv": 0}, "talk_time.cv", ["is 0", "at least 0.001"]),
        ({"law": "gamma", "mean": 3, "cv": -1}, "talk_time.cv", ["-1", "at least"]),
        ({"law": "gamma", "mean": 3, "cv": 1, "sd": 1}, "talk_time.sd", ["not a field", "cv"]),
        ({"law": "lognormal", "mean": 3, "cv": float("inf")}, "talk_time.cv", ["finite"]),
        ({"law": "exponential", "mean": True}, "talk_time.mean", ["true"]),
        ({"law": "exponential", "mean": None}, "talk_time.mean", ["None", "number"]),
        ({"law": "erlang", "k": 0, "mean": 1}, "talk_time.k", ["0", "at least 1"]),
        ({"law": "erlang", "k": 1.5, "mean": 1}, "talk_time.k", ["1.5", "whole number"]),
        ({"law": "weibull", "shape": 0.01, "scale": 9}, "talk_time", ["mean", "finite"]),
        ({"law": "weibull", "shape": 1e-9, "scale": 9}, "talk_time", ["inf", "finite"]),
        ({"law": "uniform", "low": 9, "high": 9}, "talk_time.high", ["9s", "more than low"]),
        ({"law": "uniform", "low": -1, "high": 9}, "talk_time.low", ["-1", "at least 0"]),
        ({"law": "hyperexponential", "probs": [0.5, 0.6], "means": [1, 2]}, "talk_time.probs", ["1.1", "add up to 1"]),
        ({"law": "hyperexponential", "probs": [1], "means": [1, 2]}, "talk_time.probs", ["1 ", "2 means"]),
        ({"law": "hyperexponential", "probs": [1.5, 0.5], "means": [1, 2]}, "talk_time.probs[0]", ["1.5", "at most 1"]),
        ({"law": "sample", "values": []}, "talk_time.values", ["at least 1"]),
        ({"law": "sample", "values": [3, -4]}, "talk_time.values[1]", ["-4", "at least 0", "seconds"]),
        ({"law": "sample", "values": {3.0, 4.0}}, "talk_time.values", ["must be a list"]),
        ({"law": "scipy", "name": "norm"}, "talk_time", ["-inf", "negative"]),
        ({"law": "scipy", "name": "expon", "loc": -1}, "talk_time", ["-1", "negative"]),
        ({"law": "scipy", "name": "pareto", "args": [1.0]}, "talk_time", ["mean inf", "finite"]),
        ({"law": "scipy", "name": "halfcauchy"}, "talk_time", ["mean", "finite"]),
        ({"law": "scipy", "name": "gama"}, "talk_time.name", ['"gama"', '"gamma"']),
        ({"law": "scipy", "name": "poisson", "args": [3]}, "talk_time.name", ["discrete"]),
        ({"law": "scipy", "name": "describe"}, "talk_time.name", ["no continuous law"]),
        ({"law": "scipy", "name": "__doc__"}, "talk_time.name", ["no continuous law"]),
        ({"law": "scipy", "name": "studentized_range", "args": [3, 10]}, "talk_time.name", ["too long"]),
        ({"law": "scipy", "name": "gamma"}, "talk_time.args", ["gamma", "[]"]),
        ({"law": "scipy", "name": "gamma", "args": [-1]}, "talk_time.args", ["gamma", "-1"]),
        ({"law": "scipy", "name": "gamma", "args": [1], "scale": 0}, "talk_time.scale", ["0", "more"]),
        ({"law": "scipy", "name": "gamma", "kwds": {"b": 1}}, "talk_time.args", ["gamma", "b"]),
        (stats.norm(300, 30), "talk_time", ["-inf", "negative"]),
        (stats.pareto(1.0), "talk_time", ["mean inf", "finite"]),
        (stats.poisson(3), "talk_time", ["discrete"]),
        (Triangle(a=0, b=1, name="triangle")(), "talk_time", ["Triangle", "by name", "Sample"]),
        (Triangle(a=0, b=1, name="gamma")(), "talk_time", ["Triangle", "by name"]),
        (stats.gamma, "talk_time", ["gamma_gen", "frozen"]),
        (stats.gamma([1.0, 2.0]), "talk_time.args[0]", ["number"]),
    ],
)  # fmt: skip
def test_refused(value: Any, place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as caught:
        talk_time(value)
    (problem,) = caught.value.problems
    assert problem.place == place
    for word in words:
        assert word in problem.message


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"times": [60, 60]}, "times[1]", ["60", "more than"]),
        ({"times": [60, 30]}, "times[1]", ["30", "more than", "seconds"]),
        ({"times": [60]}, "survival", ["2 numbers", "1 times"]),
        ({"times": [], "survival": []}, "times", ["at least 1"]),
        ({"survival": [0.5, 0.6]}, "survival[1]", ["0.6", "at most", "0.5"]),
        ({"survival": [1.5, 0.6]}, "survival[0]", ["1.5", "at most 1"]),
        ({"times": [0, 60]}, "survival[0]", ["0.9", "must be 1", "balking"]),
        ({"survival": [1, 1]}, "tail", ["exponential", "no hazard", "last"]),
        ({"tail": "linear"}, "tail", ["linear", "exponential", "never"]),
    ],
)
def test_survival_curves_refused(changes: dict[str, Any], place: str, words: list[str]) -> None:
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.SurvivalCurve(**{"times": [60, 120], "survival": [0.9, 0.5], **changes})
    found = {problem.place: problem.message for problem in caught.value.problems}
    assert place in found
    for word in words:
        assert word in found[place]


@pytest.mark.parametrize(
    "field", ["talk_time", "after_call_work", "talk_time_by_group", "talk_time_by_interval"]
)
def test_only_patience_may_never_end(field: str) -> None:
    never = simcc.SurvivalCurve(times=[60], survival=[0.5], tail="never")
    assert simcc.ContactType(name="a", talk_time=1, patience=never).patience == never
    values: dict[str, Any] = {"talk_time_by_group": {"g": never}, "talk_time_by_interval": [never]}
    with pytest.raises(simcc.ScenarioError, match="patience only"):
        simcc.ContactType(name="a", **{field: values.get(field, never)})
    with pytest.raises(simcc.ScenarioError, match="patience only"):
        simcc.Bot(name="b", contained=0.5, session_time=never)


def test_all_problems_of_a_law_at_once() -> None:
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.SurvivalCurve(times=[9, 3], survival=[0.2, 0.3], tail="x", end=3)
    assert {problem.place for problem in caught.value.problems} == {
        "times[1]",
        "survival[1]",
        "tail",
        "end",
    }


def test_plain_laws_need_no_scipy_stats() -> None:
    code = (
        "import sys, simcc; simcc.ContactType(name='a', talk_time={'law': 'gamma', 'mean': 3,"
        " 'cv': 1}, patience=60); print('scipy.stats' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
