"""Prices, sales, satisfaction and complaints in files: read, and written again."""

import json

from center_files import Center

import simcc

TOML = """\
[horizon]
length = "2h"

[satisfaction]
base = 0.9
per_minute_waiting = 0.02
per_further_attempt = 0.1
per_transfer = 0.05
unresolved = 0.3
left_unserved = 0.2

[[contact_types]]
name = "sales"
arrivals = { rate_per_hour = 60 }
talk_time = "4min"
bot = "helper"
cost_per_contact = 0.1
sale = { probability = 0.1, probability_by_group = { experts = 0.2 }, value = 80 }

[[contact_types]]
name = "complaint"
arrivals = { rate_per_hour = 1 }
talk_time = "4min"
complaint = true

[[bots]]
name = "helper"
session_time = "1min"
contained = 0.4
cost_per_session = 0.2
cost_per_minute = 0.05

[[agent_groups]]
name = "front"
skills = ["sales", "complaint"]
agents = 4
cost_per_hour = 30
overtime_factor = 1.5

[[agent_groups]]
name = "experts"
skills = ["sales"]
agents = 1
"""


def test_what_is_written_is_what_is_meant(center: Center) -> None:
    center.write("center.toml", TOML)
    scenario = center.load()
    sales, complaint = scenario.contact_types
    front, experts = scenario.agent_groups
    assert sales.cost_per_contact == 0.1
    assert sales.sale == simcc.Sale(
        probability=0.1, probability_by_group={"experts": 0.2}, value=80
    )
    assert (sales.complaint, complaint.complaint, complaint.sale) == (False, True, None)
    assert (scenario.bots[0].cost_per_session, scenario.bots[0].cost_per_minute) == (0.2, 0.05)
    assert (front.cost_per_hour, front.overtime_factor) == (30, 1.5)
    assert (experts.cost_per_hour, experts.overtime_factor) == (0, 1)
    assert scenario.satisfaction == simcc.Satisfaction(
        base=0.9,
        per_minute_waiting=0.02,
        per_further_attempt=0.1,
        per_transfer=0.05,
        unresolved=0.3,
        left_unserved=0.2,
    )
    again = simcc.Scenario.from_dict(json.loads(json.dumps(scenario.to_dict())))
    assert again == scenario
    assert again.hash() == scenario.hash()
