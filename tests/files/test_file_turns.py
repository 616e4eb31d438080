"""Chats in turns in files: read, written, and reported where they are wrong."""

import pytest
from center_files import Center

import simcc

TOML = """\
[horizon]
length = "2h"

[[contact_types]]
name = "chat"
channel = "chat"
arrivals = { rate_per_hour = 60 }
talk_time = "6min"

[contact_types.turns]
work = { law = "exponential", mean = "45s" }
think_time = { sample = "pauses.csv", column = "s" }
patience = "3min"
silence = 0.05
timeout = "5min"

[[agent_groups]]
name = "front"
skills = ["chat"]
agents = 4
concurrency = { most = 3, speed = [1, 0.7, 0.5] }
"""
PAUSES = "s,who\n10,Ann\n20.5,Ben\n60,Cem\n"


@pytest.fixture
def center(center: Center) -> Center:
    center.write("center.toml", TOML)
    center.write("pauses.csv", PAUSES)
    return center


def test_what_is_written_is_what_is_meant(center: Center) -> None:
    scenario = center.load()
    assert scenario.contact_types[0].turns == simcc.Turns(
        work=simcc.Exponential(mean=45),
        think_time=simcc.Sample(values=[10, 20.5, 60]),
        patience=180,
        silence=0.05,
        timeout=300,
    )
    assert simcc.Scenario.from_dict(scenario.to_dict()) == scenario


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("silence = 0.05", "silence = 5", ["turns.silence", "5", "at most 1"]),
        ('timeout = "5min"', "", ["turns.timeout", "missing"]),
        ('work = { law = "exponential", mean = "45s" }', "", ["turns.work", "missing"]),
        ("silence =", "silent =", ["turns.silent", "silence"]),
        ("most = 3", 'mode = "fixed_at_start", most = 3', ["concurrency.mode", "dynamic"]),
    ],
)
def test_what_is_wrong_is_named(center: Center, old: str, new: str, words: list[str]) -> None:
    assert old in TOML
    center.write("center.toml", TOML.replace(old, new))
    with pytest.raises(simcc.ScenarioError) as raised:
        center.load()
    assert all(word in str(raised.value) for word in words), str(raised.value)
