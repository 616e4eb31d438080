"""What does not fit together is refused, with the place, the value and what is allowed."""

# ruff: noqa: E501 - one case per line

from __future__ import annotations

import math
from typing import Any

import pytest
from plain import REMOVED, assert_refused, center, changed, problems

import simcc

TYPES, GROUPS, BOTS = "contact_types", "agent_groups", "bots"
SERVICE, SALES, MAIL = (f'contact_types["{name}"]' for name in ("service", "sales", "mail"))
FRONT, EXPERTS, NIGHT = (f'agent_groups["{name}"]' for name in ("front", "experts", "night"))
HELPER = 'bots["helper"]'


def test_the_center_itself_is_fine() -> None:
    simcc.Scenario.from_dict(center())


# (path, value, place, words of the message)
CASES: list[tuple[str, Any, str, list[str]]] = [
    # unknown or misspelt fields
    ("horizn", {}, "horizn", ["not a field", '"horizon"']),
    ("horizon.lenght", "1h", "horizon.lenght", ["not a field", '"length"']),
    ("contact_types.0.patiense", 3, f"{SERVICE}.patiense", ["not a field", '"patience"']),
    ("contact_types.0.arrivals.rate", 3, f"{SERVICE}.arrivals.rate", ["not a field", "rates_per_hour"]),
    ("contact_types.0.arrivals.busyness.cvv", 3, f"{SERVICE}.arrivals.busyness.cvv", ['"cv"']),
    ("bots.0.containd", 3, f"{HELPER}.containd", ['"contained"']),
    ("agent_groups.1.staff.shifts.0.brakes", [], f"{EXPERTS}.staff.shifts[0].brakes", ['"breaks"']),
    ("routing.type_to_groups.service.0.afer", 3, "routing.type_to_groups.service[0].afer", ['"after"']),
    ("targets.0.witin", 3, "targets[0].witin", ['"within"']),
    # missing
    ("contact_types.0.name", REMOVED, "contact_types[0].name", ["missing"]),
    ("contact_types", [], "contact_types", ["at least 1"]),
    ("contact_types", REMOVED, "contact_types", ["missing"]),
    ("agent_groups", REMOVED, "agent_groups", ["missing"]),
    ("bots.0.session_time", REMOVED, f"{HELPER}.session_time", ["missing", "seconds"]),
    ("contact_types.0.talk_time", REMOVED, f"{SERVICE}.talk_time", ["missing", "seconds"]),
    # numbers: negative, not finite, of the wrong kind
    ("contact_types.0.arrivals.rates_per_hour.2", -3, f"{SERVICE}.arrivals.rates_per_hour[2]", ["-3", "at least 0", "per hour"]),
    ("contact_types.0.arrivals.rates_per_hour.2", math.nan, f"{SERVICE}.arrivals.rates_per_hour[2]", ["nan", "finite", "per hour"]),
    ("contact_types.0.arrivals.rates_per_hour.2", math.inf, f"{SERVICE}.arrivals.rates_per_hour[2]", ["inf", "finite"]),
    ("contact_types.0.arrivals.rates_per_hour.2", "80", f"{SERVICE}.arrivals.rates_per_hour[2]", ['"80"', "number"]),
    ("contact_types.0.arrivals.rates_per_hour.2", True, f"{SERVICE}.arrivals.rates_per_hour[2]", ["true", "number"]),
    ("contact_types.0.arrivals.rates_per_hour", 80, f"{SERVICE}.arrivals.rates_per_hour", ["80", "list"]),
    ("contact_types.0.queue_capacity", -1, f"{SERVICE}.queue_capacity", ["-1", "at least 0", "contacts"]),
    ("contact_types.0.queue_capacity", 2.5, f"{SERVICE}.queue_capacity", ["2.5", "whole number"]),
    ("contact_types.0.priority", "high", f"{SERVICE}.priority", ['"high"', "whole number"]),
    ("agent_groups.0.staff.counts.1", -1, f"{FRONT}.staff.counts[1]", ["-1", "at least 0", "agents"]),
    ("agent_groups.2.staff.agents", 1.5, f"{NIGHT}.staff.agents", ["1.5", "whole number", "agents"]),
    ("agent_groups.2.staff.agents", 10**30, f"{NIGHT}.staff.agents", ["1000000000"]),
    ("agent_groups.1.skills.mail", 0, f"{EXPERTS}.skills.mail", ["0", "more than 0"]),
    ("bots.0.sessions", 0, f"{HELPER}.sessions", ["0", "at least 1"]),
    ("bots.0.talk_factor", 0, f"{HELPER}.talk_factor", ["0", "more than 0"]),
    ("lines", 0, "lines", ["0", "at least 1"]),
    ("thresholds", [20, 0], "thresholds[1]", ["0", "more than 0", "seconds"]),
    ("thresholds", [], "thresholds", ["at least 1"]),
    ("thresholds", [20, "20s"], "thresholds[1]", ["20", "differ"]),
    ("contact_types.2.talk_scale_by_interval.1", 0, f"{MAIL}.talk_scale_by_interval[1]", ["0", "more than 0"]),
    # probabilities and sets that exceed 1
    ("contact_types.0.balking", 1.2, f"{SERVICE}.balking", ["1.2", "at most 1", "probability"]),
    ("contact_types.0.balking", -0.1, f"{SERVICE}.balking", ["-0.1", "at least 0"]),
    ("bots.0.contained", 1.2, f"{HELPER}.contained", ["1.2", "at most 1"]),
    ("bots.0.gives_up", 0.8, f"{HELPER}.gives_up", ["0.8", "1.05", "at most 1"]),
    ("targets.0.share", 80, "targets[0].share", ["80", "at most 1"]),
    ("targets.0.share", 0, "targets[0].share", ["0", "more than 0"]),
    # words out of a fixed list
    ("bots.0.when_full", "queue", f"{HELPER}.when_full", ['"queue"', "'wait'", "'lost'"]),
    ("targets.0.denominator", "all", "targets[0].denominator", ['"all"', "'offered'", "'handled'"]),
    ("horizon.after", "end", "horizon.after", ['"end"', "'drain'"]),
    ("agent_groups.2.staff", {"kind": "fixt", "agents": 1}, f"{NIGHT}.staff", ['"fixt"', '"fixed"']),
    ("contact_types.0.arrivals", {"rate_per_hour": 3}, f"{SERVICE}.arrivals", ["kind", "poisson", "trace"]),
    ("contact_types.0.arrivals", 60, f"{SERVICE}.arrivals", ["kind", "poisson"]),
    # names
    ("contact_types.1.name", "service", "contact_types[1].name", ['"service"', "contact_types[0]"]),
    ("agent_groups.2.name", "front", "agent_groups[2].name", ['"front"', "agent_groups[0]"]),
    ("bots.1", {"name": "helper", "session_time": 3, "contained": 0}, "bots[1].name", ['"helper"', "bots[0]"]),
    ("contact_types.0.name", "", "contact_types[0].name", ["at least one character"]),
    ("contact_types.0.name", "a\n", 'contact_types["a\\n"].name', ["printable"]),
    ("contact_types.0.name", 5, "contact_types[0].name", ["5", "text"]),
    ("contact_types.0.bot", "helpr", f"{SERVICE}.bot", ['"helpr"', '"helper"']),
    ("bots.0.escalate_to", "sale", f"{HELPER}.escalate_to", ['"sale"', '"sales"']),
    ("agent_groups.2.skills", ["mails"], f"{NIGHT}.skills", ['"mails"', '"mail"']),
    ("agent_groups.2.skills", ["mail", "mail"], f"{NIGHT}.skills", ['"mail"', "twice"]),
    ("agent_groups.2.skills", [3], f"{NIGHT}.skills", ["3", "names"]),
    ("targets.0.type", "servce", "targets[0].type", ['"servce"', '"service"']),
    ("targets.1", {"share": 0.8, "within": 20, "type": "service"}, "targets[1]", ["targets[0]"]),
    ("contact_types.1.talk_time_by_group.frnt", 3, f"{SALES}.talk_time_by_group", ['"frnt"', '"front"']),
    ("contact_types.1.talk_time_by_group.night", 3, f"{SALES}.talk_time_by_group", ['"night"', "skill"]),
    # who serves
    ("agent_groups.0.skills", [], f"{FRONT}.skills", ["empty", "at least one"]),
    ("contact_types.3", {"name": "chat", "talk_time": 3, "arrivals": {"kind": "poisson", "rate_per_hour": 1}}, 'contact_types["chat"]', ["anybody", "no agent group", '"chat"']),
    ("contact_types.2.arrivals", REMOVED, MAIL, ["no arrivals", "no bot"]),
    # talk times
    ("contact_types.1.talk_time_by_group.experts", REMOVED, f"{SALES}.talk_time", ["missing", '"experts"']),
    ("contact_types.0.talk_time_by_interval", [1, 2, 3, 4], f"{SERVICE}.talk_time", ["talk_time_by_interval", "both"]),
    ("contact_types.1.talk_scale_by_interval", [1, 2, 3, 4], f"{SALES}.talk_scale_by_interval", ["talk_time_by_group", "both"]),
    ("contact_types.2.talk_scale_by_interval", [1, 2], f"{MAIL}.talk_scale_by_interval", ["2 entries", "4"]),
    # the horizon is covered
    ("contact_types.0.arrivals.rates_per_hour", [1, 2, 3], f"{SERVICE}.arrivals.rates_per_hour", ["3 entries", "4", "interval"]),
    ("contact_types.0.arrivals.edges", [0, 1800, 3600, 5400, 7000], f"{SERVICE}.arrivals.edges", ["1h56min40s", "cover", "2h"]),
    ("contact_types.0.arrivals.edges", [60, 1800, 3600, 5400, 7200], f"{SERVICE}.arrivals.edges[0]", ["60", "must be 0"]),
    ("contact_types.0.arrivals.edges", [0, 3600, 1800, 5400, 7200], f"{SERVICE}.arrivals.edges[2]", ["1800", "more than", "3600"]),
    ("contact_types.0.arrivals.edges", [0, 7200], f"{SERVICE}.arrivals.edges", ["2 instants", "5", "one more"]),
    ("contact_types.1.arrivals.times", [0, 3600, 7000], f"{SALES}.arrivals.times", ["1h56min40s", "cover"]),
    ("contact_types.1.arrivals.times", [0, 7200], f"{SALES}.arrivals.rates_per_hour", ["3 numbers", "2 times"]),
    ("contact_types.1.arrivals.times", [0, 0, 7200], f"{SALES}.arrivals.times[1]", ["0", "more than"]),
    ("contact_types.2.arrivals.times", [1, 7200], f"{MAIL}.arrivals.times[1]", ["7200", "before", "seconds"]),
    ("contact_types.2.arrivals.times", [2, 1], f"{MAIL}.arrivals.times[1]", ["1", "at least", "2"]),
    ("contact_types.2.arrivals.times", [-1], f"{MAIL}.arrivals.times[0]", ["-1", "at least 0"]),
    ("contact_types.2.arrivals", {"kind": "markov", "rates_per_hour": [1], "phase_means": [1, 2]}, f"{MAIL}.arrivals.rates_per_hour", ["at least 2"]),
    ("contact_types.2.arrivals", {"kind": "markov", "rates_per_hour": [1, 2, 3], "phase_means": [1, 2]}, f"{MAIL}.arrivals.rates_per_hour", ["at most 2"]),
    ("contact_types.2.arrivals", {"kind": "markov", "rates_per_hour": [1, 2], "phase_means": [0, 2]}, f"{MAIL}.arrivals.phase_means[0]", ["0", "more than 0"]),
    ("contact_types.1.arrivals.busyness.cv", 0.2, f"{SALES}.arrivals.busyness.cv", ["0.2", "0.1", '"service"', '"day"']),
    ("contact_types.1.arrivals.busyness.cv", 0, f"{SALES}.arrivals.busyness.cv", ["0", "at least 0.001"]),
    ("agent_groups.0.staff.counts", [1, 2], f"{FRONT}.staff.counts", ["2 entries", "4"]),
    ("agent_groups.0.staff.edges", [0, 3600], f"{FRONT}.staff.edges", ["2 instants", "5"]),
    ("agent_groups.0.staff.edges", [0, 9, 8, 10, 11], f"{FRONT}.staff.edges[2]", ["8", "more than"]),
    # rosters
    ("agent_groups.1.staff.shifts", [], f"{EXPERTS}.staff.shifts", ["at least 1"]),
    ("agent_groups.1.staff.shifts.1.start", "1h", f"{EXPERTS}.staff.shifts[1].end", ["1h", "after start"]),
    ("agent_groups.1.staff.shifts.1.start", "2h", f"{EXPERTS}.staff.shifts[1].end", ["1h", "2h"]),
    ("agent_groups.1.staff.shifts.1", {"agent": "Cem", "start": "2h", "end": "3h"}, f"{EXPERTS}.staff.shifts[1].start", ["2h", "before the end"]),
    ("agent_groups.1.staff.shifts.0.breaks", [["1h", "3h"]], f"{EXPERTS}.staff.shifts[0].breaks[0]", ["1h to 3h", "inside", "0s to 2h"]),
    ("agent_groups.1.staff.shifts.0.breaks", [["1h", "1h"]], f"{EXPERTS}.staff.shifts[0].breaks[0]", ["1h", "after its start"]),
    ("agent_groups.1.staff.shifts.0.breaks", [[60, 120], [90, 180]], f"{EXPERTS}.staff.shifts[0].breaks[1]", ["1min30s", "2min"]),
    ("agent_groups.1.staff.shifts.0.breaks", [[60, 120, 180]], f"{EXPERTS}.staff.shifts[0].breaks[0]", ["2"]),
    ("agent_groups.1.staff.shifts.2", {"agent": "Ben", "start": "30min", "end": "2h"}, f"{EXPERTS}.staff.shifts[2]", ["30min", "Ben", "1h", "overlap"]),
    ("agent_groups.2.staff", {"kind": "roster", "shifts": [{"agent": "Ann", "start": 0, "end": 9}]}, f"{NIGHT}.staff.shifts", ['"Ann"', '"experts"']),
    # routing
    ("routing.type_to_groups.servic", [{"group": "front"}], "routing.type_to_groups.servic", ['"servic"', '"service"']),
    ("routing.type_to_groups.service.0.group", "frnt", "routing.type_to_groups.service[0].group", ['"frnt"', '"front"']),
    ("routing.type_to_groups.service.0.group", "night", "routing.type_to_groups.service[0].group", ['"service"', '"night"', "lacks"]),
    ("routing.type_to_groups.service.0.group", "experts", "routing.type_to_groups.service[1].group", ['"experts"', "already"]),
    ("routing.type_to_groups.service", [], "routing.type_to_groups.service", ["empty", "leave it out"]),
    ("routing.type_to_groups.service.0.idle_needed", 0, "routing.type_to_groups.service[0].idle_needed", ["0", "at least 1"]),
    ("routing.type_to_groups.service.1.after", -1, "routing.type_to_groups.service[1].after", ["-1", "at least 0", "seconds"]),
    ("routing.group_to_types.expert", [{"type": "mail"}], "routing.group_to_types.expert", ['"expert"', '"experts"']),
    ("routing.group_to_types.experts.0.type", "slaes", "routing.group_to_types.experts[0].type", ['"slaes"', '"sales"']),
    ("routing.group_to_types.front", [{"type": "mail"}], "routing.group_to_types.front[0].type", ['"mail"', '"front"', "lacks"]),
    ("routing.group_to_types.experts", [], "routing.group_to_types.experts", ["empty"]),
    ("routing.policy", "shortest_delay", "routing.policy", ["shortest_delay", "round_robin"]),
    ("routing.policy", {"kind": "static_priority", "priority": {"slaes": 1}}, "routing.policy.priority", ['"slaes"', '"sales"']),
    ("routing.policy", {"kind": "weight_based", "constant": {"sales": {"expert": 1}}}, "routing.policy.constant.sales", ['"expert"', '"experts"']),
    ("routing.policy", {"kind": "queue_ratio", "queue_share": {"slaes": 1}}, "routing.policy.queue_share", ['"slaes"', '"sales"']),
    ("routing.policy", {"kind": "queue_ratio", "idle_share": {"frnt": 1}}, "routing.policy.idle_share", ['"frnt"', '"front"']),
    ("routing.policy", {"kind": "queue_ratio", "queue_share": {"sales": -1}}, "routing.policy.queue_share.sales", ["-1", "at least 0"]),
    ("routing.policy", {"kind": "queue_ratio", "idle_share": {"front": 0, "experts": 0, "night": 0}}, "routing.policy.idle_share", ["0 for all", "more than 0"]),
    ("routing.policy", {"kind": "generalised_c_mu", "cost": {"sales": 0}}, "routing.policy.cost.sales", ["0", "more than 0"]),
    ("routing.policy", {"kind": "generalised_c_mu", "exponent": 0.5}, "routing.policy.exponent", ["0.5", "at least 1"]),
    ("routing.policy", {"kind": "max_weight", "exponent": 0}, "routing.policy.exponent", ["0", "more than 0"]),
    ("routing.policy", {"kind": "max_weight", "weight": {"front": 2}}, "routing.policy.weight", ['"front"', "contact type"]),
    ("routing.policy", {"kind": "random", "weight": {"sales": 2}}, "routing.policy.weight", ['"sales"', "agent group"]),
    ("routing.policy", {"kind": "random", "among": "people"}, "routing.policy.among", ["people", "agents", "groups"]),
    ("routing.policy", {"kind": "round_robin", "weight": 2}, "routing.policy.weight", ["not a field", "kind"]),
    ("routing.policy", {"kind": "custom", "score": max, "update": 3}, "routing.policy.update", ["Python function"]),
    ("routing.policy", {"kind": "custom", "score": max, "update": max}, "routing.policy.update", ["state is empty"]),
    ("routing.policy", {"kind": "custom", "score": max, "random": True}, "routing.policy.random", ["state is empty"]),
    # the horizon itself
    ("horizon.length", 0, "horizon.length", ["0", "more than 0", "seconds"]),
    ("horizon.length", "100000 weeks", "horizon.length", ["at most"]),
    ("horizon.interval", 0, "horizon.interval", ["0", "more than 0"]),
    ("horizon.interval", "1 ms", "horizon.interval", ["0.001s", "longer", "seconds"]),
    ("horizon.warmup", "2h", "horizon.warmup", ["2h", "less than length"]),
    ("horizon.start", "yesterday", "horizon.start", ["yesterday", "2024-03-04T08:00"]),
    ("horizon.start", "2024-02-30", "horizon.start", ["2024-02-30"]),
    ("horizon.start", "2024-03-04T08:00+01:00", "horizon.start", ["local", "time_zone"]),
    ("horizon.start", "0001-01-01", "horizon.start", ["1900"]),
    ("horizon.start", 1709539200, "horizon.start", ["1709539200", "local date"]),
    ("horizon.start", "2024-03-31T02:30", "horizon.start", ["02:30", "Europe/Amsterdam", "skip"]),
    ("horizon.time_zone", "Europe/Amsterdm", "horizon.time_zone", ["Europe/Amsterdm", '"Europe/Amsterdam"']),
    ("horizon.time_zone", "../../etc/passwd", "horizon.time_zone", ["passwd", "IANA"]),
    ("horizon.time_zone", "", "horizon.time_zone", ["IANA"]),
    # sizes that only a wrong unit explains
    ("contact_types.0.arrivals", {"kind": "poisson", "rate_per_hour": 5e8}, "contact_types", ["1e+09", "2e+08", "per hour"]),
    ("contact_types.2.arrivals", {"kind": "markov", "rates_per_hour": [1, 2], "phase_means": [1e-5, 1e-5]}, f"{MAIL}.arrivals.phase_means", ["2e-05", "0.00072"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "place", "words"), CASES, ids=lambda v: str(v)[:40])
def test_refused(path: str, value: Any, place: str, words: list[str]) -> None:
    assert_refused((path, value), place, words)


def test_a_message_names_place_value_unit_and_what_is_allowed() -> None:
    found = problems(changed(("contact_types.0.arrivals.rates_per_hour.2", -3)))
    assert found == {
        'contact_types["service"].arrivals.rates_per_hour[2]': (
            "is -3; must be at least 0 (unit: contacts per hour)"
        )
    }


def test_all_problems_at_once() -> None:
    """Wrong fields hide neither one another nor what does not fit together."""
    data = changed(
        ("contact_types.0.patiense", 3),
        ("contact_types.0.balking", 7),
        ("bots.1", {"name": "helper", "session_time": 3, "contained": 0}),
        ("contact_types.2.arrivals.times", [9000]),
        ("bots.0.contained", 0.97),
        ("bots.0.talk_factor", -1),
        ("bots.0.escalate_to", "sale"),
        ("agent_groups.0.staff.counts", [1, 2]),
        ("agent_groups.2.skills", ["mials"]),
        ("agent_groups.2.staff.agents", -2),
        ("routing.type_to_groups.service.0", {"group": "frnt", "rank": 1.5}),
        ("targets.0", {"share": 2, "within": -1, "type": "servce"}),
        ("lines", -1),
    )
    assert set(problems(data)) == {
        f"{SERVICE}.patiense",
        f"{SERVICE}.balking",
        "bots[1].name",
        f"{MAIL}.arrivals.times[0]",
        f"{HELPER}.talk_factor",
        f"{HELPER}.gives_up",
        f"{HELPER}.escalate_to",
        f"{FRONT}.staff.counts",
        f"{NIGHT}.skills",
        f"{NIGHT}.staff.agents",
        "routing.type_to_groups.service[0].rank",
        "routing.type_to_groups.service[0].group",
        "targets[0].share",
        "targets[0].within",
        "targets[0].type",
        "lines",
    }


def test_a_broken_name_is_not_reported_as_missing_elsewhere() -> None:
    """Who names the type cannot be judged while the type's own name is unreadable."""
    assert set(problems(changed(("contact_types.0.name", 5)))) == {"contact_types[0].name"}


def test_a_broken_horizon_hides_only_what_depends_on_it() -> None:
    found = problems(changed(("horizon.length", -1), ("agent_groups.2.skills", ["mials"])))
    assert set(found) == {"horizon.length", f"{NIGHT}.skills"}


def zero_agents(**changes: Any) -> simcc.Scenario:
    data = {"talk_time": 60, "arrivals": simcc.PoissonArrivals(rate_per_hour=1), **changes}
    return simcc.Scenario(
        contact_types=[simcc.ContactType(name="a", **data)],
        agent_groups=[
            simcc.AgentGroup(name="g", skills=["a"], staff=simcc.HeadCounts(counts=[0] * 48))
        ],
    )


def test_nobody_on_duty_is_refused_only_where_contacts_would_wait_for_ever() -> None:
    zero_agents(patience="1min")
    never = simcc.SurvivalCurve(times=[60], survival=[0.5], tail="never")
    for patience in (None, never):
        with pytest.raises(simcc.ScenarioError, match="waits for ever"):
            zero_agents(patience=patience)
    staff = simcc.HeadCounts(counts=[0] * 48, after_last=1)
    group = simcc.AgentGroup(name="g", skills=["a"], staff=staff)
    zero_agents(patience=60).replace(agent_groups=[group])


def test_agents_together_must_fit_into_memory() -> None:
    data = changed(
        *((f"agent_groups.{g}.staff", {"kind": "fixed", "agents": 400_000}) for g in range(3))
    )
    assert "1,200,000" in problems(data)["agent_groups"]


def test_a_type_behind_a_bot_that_escalates_elsewhere_needs_no_agents_of_its_own() -> None:
    simcc.Scenario.from_dict(
        changed(
            ("contact_types.3", {"name": "web", "bot": "helper", "arrivals": {"kind": "poisson", "rate_per_hour": 9}}),
            ("bots.0.escalate_to", "service"),
        )
    )  # fmt: skip


def test_a_type_without_arrivals_may_be_fed_by_a_bot() -> None:
    simcc.Scenario.from_dict(
        changed(("contact_types.2.arrivals", REMOVED), ("bots.0.escalate_to", "mail"))
    )


@pytest.mark.parametrize("data", [None, [], 3, "text", {}, {1: 2}, {"contact_types": 3}, object()])
def test_data_that_is_no_scenario(data: Any) -> None:
    assert problems(data)


def test_what_is_made_in_python_is_refused_where_it_is_made() -> None:
    with pytest.raises(simcc.ScenarioError) as caught:
        simcc.ContactType(name="a", talk_time=-1, balking=2, bott="b")
    assert [problem.place for problem in caught.value.problems] == ["talk_time", "balking", "bott"]
    with pytest.raises(TypeError):
        simcc.ContactType("a")  # type: ignore[call-arg]
