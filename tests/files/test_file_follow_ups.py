"""Follow-ups and transfers in files: read, written, and reported where they are wrong."""

import json

import pytest
from center_files import Center

import simcc

TOML = """\
[horizon]
length = "2h"

[[contact_types]]
name = "service"
arrivals = { rate_per_hour = 60 }
talk_time = "4min"
patience = "2min"
resolution = 0.8
resolution_by_group = { back = 0.9 }
bot = "helper"

[[contact_types.follow_ups]]
when = ["abandoned", "balked", "blocked"]
probability = [0.6, 0.3]
delay = { sample = "delays.csv", column = "s" }
at_most = 4
patience_factor = 0.8

[[contact_types.follow_ups]]
when = "unresolved"
probability = 0.5
probability_by_group = { front = 0.6 }
delay = { law = "lognormal", mean = "1h", cv = 1.2 }
type = "sales"
talk_factor = 0.7

[[contact_types.follow_ups]]
when = "falsely_contained"
probability = 1
delay = "30min"

[[contact_types.transfers]]
to = "sales"
probability = 0.1
probability_by_group = { back = 0 }
talk_factor = 1.5
patience_factor = 2

[[contact_types]]
name = "sales"
talk_time = "3min"

[[bots]]
name = "helper"
session_time = "1min"
contained = 0.4
solves = 0.75

[[agent_groups]]
name = "front"
skills = ["service"]
agents = 4

[[agent_groups]]
name = "back"
skills = ["service", "sales"]
agents = 2
"""
DELAYS = "s,who\n300,Ann\n600.5,Ben\n1200,Cem\n"


@pytest.fixture
def center(center: Center) -> Center:
    center.write("center.toml", TOML)
    center.write("delays.csv", DELAYS)
    return center


def test_what_is_written_is_what_is_meant(center: Center) -> None:
    service, sales = center.load().contact_types
    assert service.follow_ups == (
        simcc.FollowUp(
            when=["abandoned", "balked", "blocked"],
            probability=[0.6, 0.3],
            delay=simcc.Sample(values=[300, 600.5, 1200]),
            at_most=4,
            patience_factor=0.8,
        ),
        simcc.FollowUp(
            when="unresolved",
            probability=0.5,
            probability_by_group={"front": 0.6},
            delay=simcc.Lognormal(mean=3600, cv=1.2),
            type="sales",
            talk_factor=0.7,
        ),
        simcc.FollowUp(when="falsely_contained", probability=1, delay=1800),
    )
    assert service.transfers == (
        simcc.Transfer(
            to="sales",
            probability=0.1,
            probability_by_group={"back": 0},
            talk_factor=1.5,
            patience_factor=2,
        ),
    )
    assert (service.resolution, service.resolution_by_group) == (0.8, {"back": 0.9})
    assert center.load().bots[0].solves == 0.75
    assert (sales.follow_ups, sales.transfers, sales.resolution) == ((), (), 1)


def test_it_is_the_same_after_writing_and_reading(center: Center) -> None:
    scenario = center.load()
    data = json.loads(json.dumps(scenario.to_dict()))
    assert simcc.Scenario.from_dict(data) == scenario
    assert simcc.Scenario.from_dict(data).hash() == scenario.hash()
    alone = center.folder / "alone"
    alone.mkdir()
    (alone / "scenario.json").write_text(json.dumps(data))
    assert simcc.load(alone / "scenario.json") == scenario
    fewer = TOML.replace("at_most = 4\n", "")
    center.write("center.toml", fewer)
    assert center.load() != scenario
    assert center.load().hash() != scenario.hash()


def test_it_runs(center: Center) -> None:
    journeys = simcc.simulate(center.load(), replications=2, seed=1, record="contacts").journeys()
    assert journeys["attempts"].max() > 1
    assert journeys["transfers"].max() == 1


SERVICE = 'contact_types["service"]'
WRONG = [
    ("delays.csv", "600.5", "soon", 'delays.csv, line 3, column s: is "soon"; must be a number of'),
    ("delays.csv", "600.5", "-1", 'delays.csv, line 3, column s: is "-1"; must be a number of at'),
    ("delays.csv", "s,who", "t,who", 'delays.csv, line 1: has no column "s"; its columns: "t", '),
    ("center.toml", '"delays.csv"', '"delay.csv"', "delay.csv: "),
    ("center.toml", '"delays.csv"', '"../delays.csv"', f"{SERVICE}.follow_ups[0].delay"),
    ("center.toml", "mean = ", "men = ", f"{SERVICE}.follow_ups[1].delay.m"),
    ("center.toml", '"30min"', '"30 parsecs"', f'{SERVICE}.follow_ups[2].delay: "30 parsecs"'),
    ("center.toml", '"30min"', "0", f"{SERVICE}.follow_ups[2].delay: has mean 0; must be more "),
    ("center.toml", "at_most = 4", "at_most = 0", f"{SERVICE}.follow_ups[0].at_most: is 0; must"),
    ("center.toml", "[0.6, 0.3]", "[0.6, 3]", f"{SERVICE}.follow_ups[0].probability[1]: is 3; "),
    ("center.toml", '"falsely_', '"truly_', f"{SERVICE}.follow_ups[2].when[0]: is"),
    ("center.toml", 'to = "sales"', 'to = "sails"', f'{SERVICE}.transfers[0].to: is "sails", '),
    ("center.toml", 'type = "sales"', 'type = "x"', f'{SERVICE}.follow_ups[1].type: is "x", '),
    ("center.toml", "solves = 0.75", "solves = 75", 'bots["helper"].solves: is 75; must be at'),
]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"), WRONG, ids=[new for _, _, new, _ in WRONG]
)
def test_what_is_wrong_is_told_with_its_place(
    name: str, old: str, new: str, message: str, center: Center
) -> None:
    center.change(name, old, new, 1)
    found = center.problems()
    assert any(problem.startswith(message) for problem in found), found
    place = message.partition(":")[0].partition(",")[0]
    assert all(problem.startswith(place.removesuffix(".m")) for problem in found)


def test_one_table_instead_of_a_list(center: Center) -> None:
    """A pair of brackets too few is a usual slip."""
    for field in ("follow_ups", "transfers"):
        written = f"[[contact_types.{field}]]"
        head, *_, last = TOML.split(written)
        center.write("center.toml", f"{head}[contact_types.{field}]{last}")
        found = center.problems()
        assert any(one.startswith(f"{SERVICE}.{field}: is ") for one in found), found
        assert any("must be a list" in one for one in found)


def test_all_at_once(center: Center) -> None:
    for name, old, new, _ in (WRONG[0], WRONG[6], WRONG[8], WRONG[11], WRONG[13]):
        center.change(name, old, new, 1)
    assert len(center.problems()) == 5
