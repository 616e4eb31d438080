"""Bots in files: read, written, and reported where they are wrong."""

import json

import pytest
from center_files import Center

import simcc

TOML = """\
[horizon]
length = "2h"

[[contact_types]]
name = "orders"
arrivals = { rate_per_hour = 60 }
talk_time = "4min"
bot = "helper"

[[contact_types]]
name = "claims"
arrivals = { rate_per_hour = 20 }
talk_time = "6min"
bot = "helper"

[[bots]]
name = "helper"
session_time = { sample = "sessions.csv", column = "s" }
escalation_time = "2min"
latency = { law = "exponential", mean = "2s" }
contained = 0.5
contained_by_time = { times = ["0h", "1h"], factors = [1.0, 0.8] }
contained_by_sessions = { sessions = [0, 1000], factors = [0.9, 1] }
sessions_per_minute = 30
burst = 5
when_limited = "agent"
then = "strong"
[bots.by_type.claims]
contained = 0.2
session_time = { sample = "sessions.csv", column = "s" }

[[bots]]
name = "strong"
session_time = "3min"
contained = 0.4
by_type.orders.misrouted = { claims = 0.1 }

[[agent_groups]]
name = "front"
skills = ["orders", "claims"]
agents = 9
"""


@pytest.fixture
def center(center: Center) -> Center:
    center.write("center.toml", TOML)
    center.write("sessions.csv", "s\n30\n60.5\n90\n")
    return center


def test_what_is_written_is_what_is_meant(center: Center) -> None:
    helper, strong = center.load().bots
    sample = simcc.Sample(values=[30, 60.5, 90])
    assert helper == simcc.Bot(
        name="helper",
        session_time=sample,
        escalation_time=120,
        latency=simcc.Exponential(mean=2),
        contained=0.5,
        contained_by_time=simcc.FactorsByTime(times=[0, 3600], factors=[1, 0.8]),
        contained_by_sessions=simcc.FactorsBySessions(sessions=[0, 1000], factors=[0.9, 1]),
        sessions_per_minute=30,
        burst=5,
        when_limited="agent",
        then="strong",
        by_type={"claims": simcc.BotForType(contained=0.2, session_time=sample)},
    )
    assert strong.by_type == {"orders": simcc.BotForType(misrouted={"claims": 0.1})}


def test_it_is_the_same_after_writing_and_reading(center: Center) -> None:
    scenario = center.load()
    data = json.loads(json.dumps(scenario.to_dict()))
    assert simcc.Scenario.from_dict(data) == scenario
    assert simcc.Scenario.from_dict(data).hash() == scenario.hash()


WRONG = [
    ("contained = 0.2", "contained = 20", 'bots["helper"].by_type.claims.contained: is 20'),
    ('then = "strong"', 'then = "strnog"', 'bots["helper"].then: is "strnog", which is no bot'),
    ("burst = 5", "burst = 0", 'bots["helper"].burst: is 0; must be at least 1'),
    ("[bots.by_type.claims]", "[bots.by_type.claim]", 'bots["helper"].by_type: is "claim"'),
    ('"0h", "1h"', '"1h", "0h"', 'bots["helper"].contained_by_time.times[1]: is 0'),
    ("{ claims = 0.1 }", "{ orders = 0.1 }", 'the right queue for contacts of "orders"'),
    ("by_type.orders.misrouted = { claims = 0.1 }", "by_type = 3", 'bots["strong"].by_type: is 3'),
    ("by_type.orders.misrouted = { claims = 0.1 }", "by_type.orders = 3", "by_type.orders: is 3"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=lambda text: str(text)[:30])
def test_what_is_wrong_is_named(center: Center, old: str, new: str, message: str) -> None:
    text = TOML.replace(old, new)
    assert text != TOML
    center.write("center.toml", text)
    with pytest.raises(simcc.ScenarioError) as raised:
        center.load()
    assert message in str(raised.value)


def test_a_column_that_is_missing_is_named(center: Center) -> None:
    claims = TOML.index("[bots.by_type.claims]")
    center.write("center.toml", TOML[:claims] + TOML[claims:].replace('"s"', '"x"'))
    with pytest.raises(simcc.ScenarioError, match=r'sessions\.csv, line 1: has no column "x"'):
        center.load()
