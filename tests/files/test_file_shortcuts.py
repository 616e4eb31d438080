"""Each way to write something in a file gives what its Python form gives."""

import datetime
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from center_files import FILES, Center

import simcc

RATES = (80.0, 104.0, 122.0, 132.0)  # volumes of service, per half hour, as rates per hour
TYPE = """\
[horizon]
length = "2h"

[[contact_types]]
name = "service"
{fields}

[[agent_groups]]
name = "front"
skills = ["service"]
agents = 5
"""
GROUP = """\
[horizon]
start = 2024-03-04T08:00:00
length = "2h"

[[contact_types]]
name = "service"
arrivals = {{ rate_per_hour = 60 }}
talk_time = 60

[[agent_groups]]
name = "front"
skills = ["service"]
{fields}
"""


def scenario(**changes: Any) -> simcc.Scenario:
    """The scenario that TYPE and GROUP describe, but for the changes of its type or group."""
    kind = {"name": "service", "arrivals": simcc.PoissonArrivals(rate_per_hour=60), "talk_time": 60}
    group = {"name": "front", "skills": ["service"], "staff": simcc.FixedStaff(agents=5)}
    start = datetime.datetime(2024, 1, 1)
    if "staff" in changes:
        start = datetime.datetime(2024, 3, 4, 8)
        group |= changes
    else:
        kind |= changes
    return simcc.Scenario(
        horizon=simcc.Horizon(start=start, length="2h"),
        contact_types=[simcc.ContactType(**kind)],
        agent_groups=[simcc.AgentGroup(**group)],
    )


@pytest.mark.parametrize(
    ("written", "arrivals"),
    [
        ("{ rate_per_hour = 60 }", simcc.PoissonArrivals(rate_per_hour=60)),
        ('{ kind = "poisson", rate_per_hour = 60 }', simcc.PoissonArrivals(rate_per_hour=60)),
        (
            "{ rate_per_hour = 60, busyness = { cv = 0.1 } }",
            simcc.PoissonArrivals(rate_per_hour=60, busyness=simcc.Busyness(cv=0.1)),
        ),
        (
            "{ rates_per_hour = [80, 104, 122, 132] }",
            simcc.RateArrivals(rates_per_hour=RATES),
        ),
        (
            '{ rates_per_hour = [80, 20], edges = [0, "90min", "3h"] }',
            simcc.RateArrivals(rates_per_hour=[80, 20], edges=[0, 5400, 10800]),
        ),
        (
            '{ times = [0, "1h", "2h"], rates_per_hour = [0, 60, 0] }',
            simcc.LinearRateArrivals(times=[0, 3600, 7200], rates_per_hour=[0, 60, 0]),
        ),
        (
            '{ kind = "linear", times = [0, "2h"], rates_per_hour = [0, 60] }',
            simcc.LinearRateArrivals(times=[0, 7200], rates_per_hour=[0, 60]),
        ),
        (
            '{ rates_per_hour = [10, 100], phase_means = ["20min", 300] }',
            simcc.MarkovArrivals(rates_per_hour=[10, 100], phase_means=[1200, 300]),
        ),
        ('{ times = [0, 4.5, "1min"] }', simcc.TraceArrivals(times=[0, 4.5, 60])),
        ("{ times = [] }", simcc.TraceArrivals(times=[])),
        (
            '{ times_csv = "trace.csv", column = "s" }',
            simcc.TraceArrivals(times=[0.5, 60, 60, 3600]),
        ),
        (
            '{ csv = "volumes.csv", busyness = { cv = 0.1, shared = "day" } }',
            simcc.RateArrivals(rates_per_hour=RATES, busyness=simcc.Busyness(cv=0.1, shared="day")),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_arrivals(written: str, arrivals: Any, tmp_path: Path) -> None:
    (tmp_path / "trace.csv").write_text("agent,s\nx,0.5\ny,60\nz,60\n,3600\n")
    (tmp_path / "volumes.csv").write_text(
        "interval,type,volume\n0,service,40\n1800,service,52\n3600,service,61\n5400,service,66\n"
    )
    path = tmp_path / "center.toml"
    path.write_text(TYPE.format(fields=f"arrivals = {written}\ntalk_time = 60"))
    assert simcc.load(path) == scenario(arrivals=arrivals)


LAWS = [
    ("180", simcc.Constant(value=180)),
    ('"3min"', simcc.Constant(value=180)),
    ('{ law = "constant", value = "3min" }', simcc.Constant(value=180)),
    ('{ law = "exponential", mean = "3min" }', simcc.Exponential(mean=180)),
    ('{ kind = "exponential", mean = "3min" }', simcc.Exponential(mean=180)),
    ('{ law = "gamma", mean = 240, cv = 0.7 }', simcc.Gamma(mean=240, cv=0.7)),
    ('{ law = "lognormal", mean = 240, cv = 0.7 }', simcc.Lognormal(mean=240, cv=0.7)),
    ('{ law = "weibull", shape = 1.3, scale = 240 }', simcc.Weibull(shape=1.3, scale=240)),
    ('{ law = "erlang", k = 3, mean = 240 }', simcc.Erlang(k=3, mean=240)),
    (
        '{ law = "hyperexponential", probs = [0.4, 0.6], means = [20, "5min"] }',
        simcc.Hyperexponential(probs=[0.4, 0.6], means=[20, 300]),
    ),
    ('{ law = "uniform", low = 20, high = "1min" }', simcc.Uniform(low=20, high=60)),
    ("{ law = 'sample', values = [20, \"1min\"] }", simcc.Sample(values=[20, 60])),
    ('{ sample = "talk.csv", column = "s" }', simcc.Sample(values=[100, 220.5, 340])),
    (
        '{ law = "survival", times = [60, 240], survival = [0.9, 0.75], tail = "last" }',
        simcc.SurvivalCurve(times=[60, 240], survival=[0.9, 0.75], tail="last"),
    ),
    (
        '{ survival = "patience.csv", tail = "last" }',
        simcc.SurvivalCurve(times=[0, 60, 240], survival=[1, 0.9, 0.75], tail="last"),
    ),
    (
        '{ survival = "patience.csv" }',
        simcc.SurvivalCurve(times=[0, 60, 240], survival=[1, 0.9, 0.75], tail="exponential"),
    ),
    (
        '{ law = "scipy", name = "burr12", args = [3.0, 2.0], scale = 300.0 }',
        simcc.ScipyLaw(name="burr12", args=[3.0, 2.0], scale=300.0),
    ),
]


@pytest.mark.parametrize("field", ["talk_time", "after_call_work", "patience"])
@pytest.mark.parametrize(("written", "law"), LAWS, ids=[written for written, _ in LAWS])
def test_laws(field: str, written: str, law: Any, tmp_path: Path) -> None:
    for name in ("talk.csv", "patience.csv"):
        (tmp_path / name).write_text(FILES[name])
    path = tmp_path / "center.toml"
    talk = "" if field == "talk_time" else "talk_time = 60\n"
    fields = f"arrivals = {{ rate_per_hour = 60 }}\n{talk}{field} = {written}"
    path.write_text(TYPE.format(fields=fields))
    assert simcc.load(path) == scenario(**{field: law})


def test_laws_in_tables_wherever_a_law_may_stand(center: Center) -> None:
    center.change(
        "center.toml",
        'talk_time = { sample = "talk.csv", column = "s" }',
        'talk_time_by_group = { front = { sample = "talk.csv", column = "s" }, back = 60 }',
    )
    sample = '{ sample = "talk.csv", column = "s" }'
    center.change(
        "center.toml",
        'talk_time = "3min"',
        f"talk_time_by_interval = [60, 60, 60, {sample}]\nbot = 'helper'",
    )
    text = (center.folder / "center.toml").read_text()
    bot = f"[[bots]]\nname = 'helper'\ncontained = 0.2\nsession_time = {sample}\n"
    center.write("center.toml", text + bot)
    scenario = center.load()
    law = simcc.Sample(values=[100, 220.5, 340])
    assert scenario.contact_types[0].talk_time_by_group["front"] == law
    assert scenario.contact_types[1].talk_time_by_interval[3] == law
    assert scenario.bots[0].session_time == law


@pytest.mark.parametrize(
    ("written", "staff"),
    [
        ("agents = 12", simcc.FixedStaff(agents=12)),
        ("agents = 0\n[[agent_groups]]\nname='x'\nskills=['service']\nagents=1", None),
        ("agents = [9, 11, 12, 13]", simcc.HeadCounts(counts=[9, 11, 12, 13])),
        ('agents = { csv = "heads.csv" }', simcc.HeadCounts(counts=[9, 11, 12, 13])),
        (
            'agents = { csv = "heads.csv", after_last = 2, decrease = "named" }',
            simcc.HeadCounts(counts=[9, 11, 12, 13], after_last=2, decrease="named"),
        ),
        (
            'agents = { counts = [9, 4], edges = [0, 600, "1h"], after_last = 0 }',
            simcc.HeadCounts(counts=[9, 4], edges=[0, 600, 3600], after_last=0),
        ),
        (
            'roster = "roster.csv"',
            simcc.Roster(
                shifts=[
                    simcc.Shift(agent="Ann", start=0, end=7200, breaks=[(3600, 4500)]),
                    simcc.Shift(
                        agent="Ben", start=1800, end=14400, breaks=[(4500, 5400), (10800, 11400)]
                    ),
                ]
            ),
        ),
        ("staff = { kind = 'fixed', agents = 12 }", simcc.FixedStaff(agents=12)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_staff(written: str, staff: Any, tmp_path: Path) -> None:
    (tmp_path / "heads.csv").write_text(FILES["heads.csv"])
    (tmp_path / "roster.csv").write_text(FILES["roster.csv"].replace("back", "front"))
    path = tmp_path / "center.toml"
    path.write_text(GROUP.format(fields=written))
    found = simcc.load(path)
    if staff is None:
        assert found.agent_groups[0].staff == simcc.FixedStaff(agents=0)
    else:
        assert found == scenario(staff=staff)


def test_the_whole_center(center: Center) -> None:
    expected = simcc.Scenario(
        horizon=simcc.Horizon(start="2024-03-04T08:00", time_zone="Europe/Amsterdam", length="2h"),
        contact_types=[
            simcc.ContactType(
                name="service",
                arrivals=simcc.RateArrivals(rates_per_hour=RATES),
                talk_time=simcc.Sample(values=[100, 220.5, 340]),
                patience=simcc.SurvivalCurve(times=[0, 60, 240], survival=[1, 0.9, 0.75]),
            ),
            simcc.ContactType(
                name="sales",
                arrivals=simcc.RateArrivals(
                    rates_per_hour=[12, 16, 20, 22],
                    busyness=simcc.Busyness(cv=0.1, shared="day"),
                ),
                talk_time=180,
            ),
        ],
        agent_groups=[
            simcc.AgentGroup(
                name="front",
                skills=["service", "sales"],
                staff=simcc.HeadCounts(counts=[9, 11, 12, 13]),
            ),
            simcc.AgentGroup(
                name="back",
                skills={"service": 1.1},
                staff=simcc.Roster(
                    shifts=[
                        simcc.Shift(agent="Ann", start=0, end="2h", breaks=[("1h", "1h15min")]),
                        simcc.Shift(
                            agent="Ben",
                            start="30min",
                            end="4h",
                            breaks=[("1h15min", "1h30min"), ("3h", "3h10min")],
                        ),
                    ]
                ),
            ),
        ],
    )
    assert center.load() == expected


def test_the_canonical_form_loads_as_json_and_as_toml(center: Center) -> None:
    scenario = center.load()
    alone = center.folder / "alone"
    alone.mkdir()
    (alone / "scenario.json").write_text(json.dumps(scenario.to_dict()))
    found = simcc.load(alone / "scenario.json")
    assert found == scenario
    assert found.hash() == scenario.hash()


@pytest.mark.parametrize("written", ['"longest_wait"', '{ kind = "longest_wait" }'])
def test_a_policy_is_named(written: str, center: Center) -> None:
    text = (center.folder / "center.toml").read_text()
    center.write("center.toml", f"{text}\n[routing]\npolicy = {written}\n")
    assert center.load().routing.policy == simcc.LongestWait()


@pytest.mark.parametrize(
    ("written", "policy"),
    [
        ('"round_robin"', simcc.RoundRobin()),
        ("{ kind = 'random', among = 'groups' }", simcc.RandomRouting(among="groups")),
        ("{ kind = 'max_weight', exponent = 2 }", simcc.MaxWeight(exponent=2)),
        ("{ kind = 'generalised_c_mu', exponent = 3 }", simcc.GeneralisedCMu(exponent=3)),
        ("{ kind = 'queue_ratio' }", simcc.QueueRatio()),
        ('"fastest_server_first"', simcc.FastestServerFirst()),
        ('"least_loaded"', simcc.LeastLoaded()),
    ],
)
def test_policies_of_the_literature(
    written: str, policy: simcc.model.Policy, center: Center
) -> None:
    text = (center.folder / "center.toml").read_text()
    center.write("center.toml", f"{text}\n[routing]\npolicy = {written}\n")
    assert center.load().routing.policy == policy


def test_a_policy_is_never_code(center: Center) -> None:
    text = (center.folder / "center.toml").read_text()
    policy = "{ kind = 'custom', score = 'os.getcwd' }"
    center.write("center.toml", f"{text}\n[routing]\npolicy = {policy}\n")
    (problem,) = center.problems()
    assert problem.startswith("routing.policy.score")


AHTS = "interval,type,volume,aht\n" + "".join(
    f"{clock},{kind},{volume},{aht}\n"
    for kind, rows in {
        "service": (("08:00", 40, 300), ("08:30", 52, 240), ("09:00", 0, ""), ("09:30", 66, 150)),
        "sales": (("08:00", 6, ""), ("08:30", 8, ""), ("09:00", 10, ""), ("09:30", 11, "")),
    }.items()
    for clock, volume, aht in rows
)


def test_ahts_scale_talk_times(center: Center) -> None:
    """Talk and after-call work take the AHT on average; without volume nothing is scaled."""
    center.write("volumes.csv", AHTS)
    center.change(
        "center.toml",
        'talk_time = { sample = "talk.csv", column = "s" }',
        'talk_time = { law = "gamma", mean = "2min", cv = 1.0 }\n'
        'after_call_work = { law = "exponential", mean = 30 }',
    )
    service, sales = center.load().contact_types
    means = [30 + 120 * scale for scale in service.talk_scale_by_interval]
    assert means == pytest.approx([300, 240, 150, 150])
    assert sales.talk_scale_by_interval is None


def test_the_example_of_a_real_center_loads() -> None:
    path = Path(simcc.__file__).parent / "examples" / "real_center" / "real_center.toml"
    scenario = simcc.load(path)
    raw = tomllib.loads(path.read_text())
    assert len(scenario.contact_types) == len(raw["contact_types"])
    lines = (path.parent / "volumes.csv").read_text().splitlines()[1:]
    volume = sum(float(line.split(",")[2]) for line in lines)
    rates = [sum(kind.arrivals.rates_per_hour) for kind in scenario.contact_types]
    assert sum(rates) / 2 == pytest.approx(volume)
