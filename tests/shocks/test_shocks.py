"""What holds for all shocks: laws scaled exactly, sizes, files, bad input, and any scenario."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import centers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simcc
from simcc.errors import ScenarioError, SimulationError
from simcc.model.laws import LAWS
from simcc.shocks import by_label
from simcc.shocks.customers import longer

EXAMPLES = [
    simcc.VolumeShock(percent=10, types=["rates"], start="1h"),
    simcc.ViralSpike(factor=3, start="1h", duration="30min", types=["linear"]),
    simcc.ForecastError(percent=20, same_total=True, types=["rates", "trace"]),
    simcc.HandleTimeDrift(percent=8),
    simcc.Impatience(percent=30),
    simcc.Absence(percent=10),
    simcc.GroupOutage(groups=["fixed"], start="1h", duration="1h"),
    simcc.SkillOutage(types=["linear"], start="1h", duration="30min"),
    simcc.BotOutage(start="1h", duration="30min"),
    simcc.ContainmentDrop(percent=25, bots=["helper"]),
]
ALL = [*EXAMPLES, simcc.Together(shocks=EXAMPLES[3:6], name="bad day")]
SAMPLES = [
    simcc.Constant(value=100),
    simcc.Exponential(mean=100),
    simcc.Lognormal(mean=100, cv=0.7),
    simcc.Gamma(mean=100, cv=0.7),
    simcc.Weibull(shape=0.8, scale=100),
    simcc.Erlang(k=3, mean=100),
    simcc.Hyperexponential(probs=[0.3, 0.7], means=[20, 200]),
    simcc.Uniform(low=20, high=100),
    simcc.Sample(values=[10, 50, 20, 400]),
    simcc.SurvivalCurve(times=[30, 90], survival=[0.7, 0.2]),
    simcc.ScipyLaw(name="burr12", args=[3.0, 2.0], loc=10, scale=300),
]


@pytest.mark.parametrize("law", SAMPLES, ids=lambda law: law.kind)
def test_every_law_is_scaled(law: simcc.Law) -> None:
    u = np.linspace(0.01, 0.99, 33)
    np.testing.assert_allclose(longer(law, 1.25).ppf(u), 1.25 * law.ppf(u), rtol=1e-9)


def test_no_law_is_forgotten() -> None:
    assert {type(law) for law in SAMPLES} == set(LAWS)


def test_every_customer_takes_longer_or_waits_less() -> None:
    base = centers.work(centers.mixed())
    more = centers.work(simcc.HandleTimeDrift(percent=25).apply(centers.mixed()))
    less = centers.work(simcc.Impatience(percent=25).apply(centers.mixed()))
    for name in ("talk_time", "wrap_time"):
        np.testing.assert_allclose(getattr(more, name), 1.25 * getattr(base, name), rtol=1e-9)
        assert np.array_equal(getattr(less, name), getattr(base, name))
    np.testing.assert_allclose(less.patience_time, base.patience_time / 1.25, rtol=1e-9)
    assert np.array_equal(more.patience_time, base.patience_time)
    for one in (more, less):
        assert np.array_equal(one.arrived_at, base.arrived_at)


def test_every_way_to_give_a_talk_time_is_scaled() -> None:
    laws = [simcc.Exponential(mean=60 + i) for i in range(8)]
    shock = simcc.HandleTimeDrift(percent=50)
    kind = centers.one_type(talk_time=None, talk_time_by_interval=laws).contact_types[0]
    found = shock.apply(centers.one_type(talk_time=None, talk_time_by_interval=laws))
    means = [law.mean() for law in found.contact_types[0].talk_time_by_interval]
    assert means == [1.5 * law.mean() for law in kind.talk_time_by_interval]
    found = shock.apply(centers.one_type(talk_time_by_group={"agents": laws[0]}))
    assert found.contact_types[0].talk_time_by_group["agents"].mean() == 90


@pytest.mark.parametrize("shock", ALL, ids=lambda shock: shock.kind)
def test_sizes_scale(shock: simcc.Shock) -> None:
    scenario = centers.mixed()
    assert shock.scaled(0).size == 0
    assert shock.scaled(0).apply(scenario) is scenario
    assert shock.scaled(1) == shock
    assert shock.scaled(0.5).size == pytest.approx(shock.size / 2)
    assert shock.scaled(0.5).scaled(2).size == pytest.approx(shock.size)
    found = shock.apply(scenario)
    assert found != scenario
    assert simcc.Scenario.from_dict(found.to_dict()) == found
    assert shock.apply(scenario) == found


def test_together_is_one_after_the_other() -> None:
    scenario = centers.mixed()
    first, second = simcc.VolumeShock(percent=10), simcc.Absence(percent=20)
    both = simcc.Together(shocks=[first, second])
    assert both.apply(scenario) == second.apply(first.apply(scenario))
    twice = second.scaled(2).apply(first.scaled(2).apply(scenario))
    assert both.scaled(2).apply(scenario) == twice


BAD: list[tuple[Any, dict[str, Any], str]] = [
    (simcc.VolumeShock, {}, "percent: is missing (unit: %)"),
    (simcc.VolumeShock, {"percent": -101}, "percent: is -101; must be at least -100 (unit: %)"),
    (simcc.VolumeShock, {"percent": "10"}, 'percent: is "10"; must be a number (unit: %)'),
    (simcc.VolumeShock, {"percent": float("nan")}, "must be a finite number"),
    (simcc.VolumeShock, {"percent": 1, "types": []}, "types: is []; must have at least 1"),
    (simcc.VolumeShock, {"percent": 1, "type": "a"}, 'is not a field here; did you mean "types"'),
    (simcc.HandleTimeDrift, {"percent": -100}, "must be at least -99"),
    (simcc.Absence, {"percent": 101}, "must be at most 100"),
    (simcc.Absence, {"percent": -1}, "must be at least 0"),
    (simcc.ViralSpike, {"factor": -1, "start": 0, "duration": 60}, "factor: is -1; must be at"),
    (simcc.ViralSpike, {"factor": 2, "duration": 60}, "start: is missing (unit: seconds)"),
    (simcc.ForecastError, {}, "percent: is missing; give percent or by_interval (unit: %)"),
    (simcc.ForecastError, {"percent": 1, "by_interval": [1]}, "are both given"),
    (simcc.ForecastError, {"percent": 1, "correlation": 1}, "must be less than 1"),
    (simcc.Together, {"shocks": []}, "must have at least 1"),
]
UNFIT: list[tuple[simcc.Shock, str]] = [
    (simcc.VolumeShock(percent=1, types=["line"]), 'types[0]: is "line"; there is none, did you'),
    (simcc.VolumeShock(percent=1, start="5h"), "start: is 5h; must be before the end of the"),
    (simcc.Impatience(percent=1, types=["nobody"]), 'types[0]: is "nobody"'),
    (simcc.Absence(percent=1, groups=["x"]), 'groups[0]: is "x"'),
    (simcc.GroupOutage(groups=["x"], start=0, duration=60), 'groups[0]: is "x"'),
    (simcc.SkillOutage(types=["x"], start=0, duration=60), 'types[0]: is "x"'),
    (simcc.BotOutage(bots=["x"], start=0, duration=60), 'bots[0]: is "x"'),
    (simcc.ForecastError(by_interval=[1, 2]), "by_interval: has 2 entries; must have 8, one for"),
    (simcc.VolumeShock(percent=1e5), "contacts per replication; must be at most"),
    (simcc.VolumeShock(percent=1e6), 'contact_types["fast"].arrivals.rate_per_hour: is 90009'),
    (
        simcc.Together(shocks=[simcc.Absence(percent=1, groups=["x"])], name="all"),
        'shock "all", shock "absence of x 1 %", groups[0]: is "x"',
    ),
]


@pytest.mark.parametrize(("kind", "fields", "words"), BAD)
def test_bad_fields_are_named(kind: Any, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        kind(**fields)
    assert words in str(caught.value)


@pytest.mark.parametrize(("shock", "words"), UNFIT, ids=lambda one: getattr(one, "kind", ""))
def test_what_does_not_fit_the_scenario_is_named(shock: simcc.Shock, words: str) -> None:
    scenario = centers.mixed()
    if shock.size >= 1e5:
        fast = simcc.PoissonArrivals(rate_per_hour=9e5)
        kind = centers.one_type(arrivals=fast).contact_types[0].replace(name="fast")
        group = simcc.AgentGroup(name="agents", skills=["fast"], staff=simcc.FixedStaff(agents=1))
        scenario = simcc.Scenario(contact_types=[kind], agent_groups=[group])
    with pytest.raises(ScenarioError) as caught:
        shock.apply(scenario)
    assert words in str(caught.value)
    assert f'shock "{shock.label}"' in str(caught.value)


def test_what_a_center_does_not_have() -> None:
    scenario = centers.one_type(patience=None)
    for shock, words in (
        (simcc.BotOutage(start=0, duration=60), "bots: are none"),
        (simcc.Impatience(percent=5), "types: are none; no customer"),
        (simcc.Impatience(percent=5, types=["voice"]), "patience: is missing"),
    ):
        with pytest.raises(ScenarioError, match=words):
            shock.apply(scenario)


def test_impossible_sizes_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"percent: is 150\.0; must be at most 100"):
        simcc.Absence(percent=50).scaled(3)
    with pytest.raises(ScenarioError, match="percent"):
        simcc.Together(shocks=[simcc.Absence(percent=50)]).scaled(3)
    for factor in (float("nan"), float("inf"), "2", True, None):
        with pytest.raises(SimulationError, match=r"factor is .*must be a finite number"):
            simcc.Absence(percent=50).scaled(factor)
    with pytest.raises(SimulationError, match=r"must be a simcc\.Scenario"):
        simcc.Absence(percent=50).apply("today")


def test_lists_of_shocks() -> None:
    one = simcc.VolumeShock(percent=10)
    assert by_label([one]) == {"volume +10 %": one}
    assert by_label({"busy": one}) == {"busy": one}
    for shocks, words in (
        ([one, one], r'two are called "volume \+10 %"'),
        ([], "must be at least one"),
        ("volume", "must be a list"),
        ([1], r"shocks\[0\] is 1; it must be a shock"),
        ({"": one}, "must be text of 1 to 200"),
    ):
        with pytest.raises(SimulationError, match=words):
            by_label(shocks)


FILE = """
[[shocks]]
kind = "volume"
percent = 10
types = ["rates"]

[[shocks]]
name = "bad day"
kind = "together"
shocks = [
    { kind = "absence", percent = 5 },
    { kind = "spike", factor = 2, start = "1h", duration = "30min" },
]
"""


def test_files_of_shocks(tmp_path: Path) -> None:
    path = tmp_path / "shocks.toml"
    path.write_text(FILE)
    spike = simcc.ViralSpike(factor=2, start="1h", duration="30min")
    assert simcc.load_shocks(path) == [
        simcc.VolumeShock(percent=10, types=["rates"]),
        simcc.Together(name="bad day", shocks=[simcc.Absence(percent=5), spike]),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "shocks: is missing"),
        ("shocks = []", "must have at least 1"),
        ("[[shocks]]\npercent = 5", "shocks[0]: names no kind; allowed: volume, spike"),
        ('[[shocks]]\nkind = "volum"', 'shocks[0]: has kind "volum"; did you mean "volume"?'),
        ('[[shocks]]\nkind = "volume"\npercent = "x"', 'shocks[0].percent: is "x"'),
        ('[[shocks]]\nname = "a"\nkind = "absence"\npercent = 200', 'shocks["a"].percent: is 200'),
        ('[[shocks]]\nkind = "together"\nshocks = [{ kind = "absence" }]', ".percent: is missing"),
        ("[[shocks", "is not valid TOML"),
    ],
)
def test_bad_files_are_refused_by_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "shocks.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        simcc.load_shocks(path)
    assert words in str(caught.value)
    assert "shocks.toml" in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such file"):
        simcc.load_shocks(tmp_path / "none.toml")


shocks = st.lists(
    st.tuples(st.sampled_from(EXAMPLES), st.floats(0, 2)).map(lambda pair: pair[0].scaled(pair[1])),
    min_size=1,
    max_size=3,
).map(lambda some: simcc.Together(shocks=some))


@settings(max_examples=25, deadline=None)
@given(shocks, st.integers(0, 1000))
def test_any_shocks_keep_a_center_whole(shock: simcc.Shock, seed: int) -> None:
    """Valid, and every contact offered is served, lost or in progress, in each interval."""
    found = shock.apply(centers.mixed())
    assert simcc.Scenario.from_dict(found.to_dict()) == found
    table = simcc.simulate(found, replications=1, seed=seed).counters("type")
    ends = sum(
        table[name] for name in ("served", "abandoned", "balked", "blocked", "in_queue_at_end")
    )
    assert (table["offered"] == ends).all()
    assert (table["arrivals"] >= table["offered"]).all()


def test_a_shock_of_size_zero_is_bit_equal() -> None:
    base = simcc.simulate(centers.mixed(), replications=3, seed=1)
    for shock in ALL:
        found = simcc.simulate(shock.scaled(0).apply(centers.mixed()), replications=3, seed=1)
        assert found.summary().equals(base.summary()), shock.kind
