"""Cases of our own, in the language of shared/cases: what the published ones leave out.

``exact.exact_values`` gives their figures.
"""

from __future__ import annotations

from typing import Any

Case = dict[str, Any]
Law = dict[str, Any]
THRESHOLD = 20.0
STEADY_REPLICATIONS, DAY_REPLICATIONS = 120, 1500  # of a quick run
COME_AGAIN = {"redial_after_abandon", "redial_after_busy", "reconnect_after_service", "transfer"}
FEWEST = 100  # events, or seconds, that a metric must expect in a quick run


def exponential(mean: float) -> Law:
    return {"dist": "exponential", "mean_s": mean}


def by_group(**laws: float) -> Law:
    return {"by_group": {g: exponential(mean) for g, mean in laws.items()}}


def poisson(rate: float) -> Law:
    return {"process": "poisson", "rate_per_hour": rate}


def steps(edges: list[float], rates: list[float], **more: Any) -> Law:
    return {
        "process": "poisson_piecewise", "edges_s": edges, "rates_per_hour": rates, **more
    }  # fmt: skip


def kind(name: str, arrivals: Law, service: Law, patience: Law | None, **more: Any) -> Case:
    return {
        "name": name, "arrivals": arrivals, "service": service, "patience": patience, **more
    }  # fmt: skip


def again(prob: float, delay: float, **more: int) -> Case:
    """A redial or a reconnection; ``max_redials`` may be given."""
    return {"prob": prob, "delay": exponential(delay), **more}


def handed(to: str, prob: float) -> Case:
    return {"prob": prob, "to": to}


def group(name: str, agents: Any, *skills: str) -> Case:
    return {"name": name, "agents": agents, "skills": list(skills)}


def heads(edges: list[float], counts: list[int], after: int, rule: str) -> Case:
    return {
        "edges_s": edges, "counts": counts, "after_last_edge": after, "decrease_rule": rule
    }  # fmt: skip


def routing(
    groups: dict[str, str], orders: dict[str, str], rule: str | dict[str, str] = "priority",
    reserve: tuple[tuple[str, str, int], ...] = (),
) -> Case:  # fmt: skip
    """Tables from names in text: {"A": "G1 G2"} and {"G1": "A B"}."""
    return {
        "contact_to_group": {t: text.split() for t, text in groups.items()},
        "group_to_contact": {
            g: {"rule": rule if isinstance(rule, str) else rule[g], "order": text.split()}
            for g, text in orders.items()
        },
        "within_type": "fcfs",
        "reserve": [{"type": t, "group": g, "idle_needed": n} for t, g, n in reserve],
    }


ONE = routing({"voice": "agents"}, {"agents": "voice"})
V = routing({"A": "G", "B": "G"}, {"G": "A B"})
X = ({"A": "G1 G2", "B": "G2 G1"}, {"G1": "A B", "G2": "B A"})
N = ({"A": "G1 G2", "B": "G2"}, {"G1": "A", "G2": "B A"})


def model(types: list[Case], groups: list[Case], tables: Case, **more: Any) -> Case:
    return {
        "types": types, "groups": groups, "routing": tables, "lines": None,
        "thresholds_s": [THRESHOLD], **more,
    }  # fmt: skip


def steady(name: str, title: str, of: Case, cap: int = 40, **more: Any) -> Case:
    regime = {
        "kind": "steady_state", "start": "empty",
        "warmup_s": 10_000, "horizon_s": 50_000, "cooldown_s": 2_500,
    }  # fmt: skip
    return {
        "id": f"own-{name}", "title": title, "model": of, "regime": regime, "cap": cap,
        "replications": STEADY_REPLICATIONS, **more,
    }  # fmt: skip


def day(name: str, title: str, of: Case, edges: list[float], cap: int = 40, **more: Any) -> Case:
    regime = {"kind": "transient", "start": "empty", "interval_edges_s": edges}
    return {
        "id": f"own-{name}", "title": title, "model": of, "regime": regime, "cap": cap,
        "replications": DAY_REPLICATIONS, **more,
    }  # fmt: skip


def _x_types(patience: float = 60) -> list[Case]:
    return [
        kind("A", poisson(65), by_group(G1=100, G2=130), exponential(patience)),
        kind("B", poisson(50), by_group(G1=160, G2=120), exponential(patience / 2)),
    ]


def multi_skill() -> list[Case]:
    """Steady states of several types and groups."""
    two_two = [group("G1", 2, "A", "B"), group("G2", 2, "A", "B")]
    w = [
        kind("A", poisson(40), exponential(100), exponential(90)),
        kind("B", poisson(50), by_group(G1=120, G2=150), exponential(60)),
        kind("C", poisson(35), exponential(140), None),
    ]
    three = [kind("A", poisson(90), exponential(100), None, wrap=None),
             kind("B", poisson(40), by_group(G1=60, G2=90, G3=120), None)]  # fmt: skip
    return [
        steady("x-reserve", "X design, priority, each group keeps one agent for its own type",
               model(_x_types(), two_two, routing(*X, reserve=(("A", "G2", 2), ("B", "G1", 2)))),
               cap=16),
        steady("n-reserve-3", "N design, the help needs three idle agents",
               model([kind("A", poisson(70), by_group(G1=100, G2=120), exponential(50)),
                      kind("B", poisson(40), by_group(G2=110), exponential(70))],
                     [group("G1", 2, "A"), group("G2", 4, "A", "B")],
                     routing(*N, reserve=(("A", "G2", 3),))), cap=18),
        steady("w-lines", "W design, one patient type, finite lines, a reservation",
               model(w, [group("G1", 2, "A", "B"), group("G2", 2, "B", "C")],
                     routing({"A": "G1", "B": "G1 G2", "C": "G2"}, {"G1": "A B", "G2": "C B"},
                             reserve=(("B", "G1", 2),)), lines=9)),
        steady("x-longest-wait", "X design, longest wait over both types, finite lines",
               model(_x_types(80), two_two, routing(*X, "longest_wait"), lines=10)),
        steady("v-longest-wait", "V design, longest wait, different patience, finite lines",
               model([kind("A", poisson(60), by_group(G=90), exponential(90)),
                      kind("B", poisson(45), by_group(G=120), exponential(30))],
                     [group("G", 3, "A", "B")],
                     routing({"A": "G", "B": "G"}, {"G": "A B"}, "longest_wait"), lines=10)),
        steady("n-mixed-rules", "N design, longest wait in one group, priority in the other",
               model([kind("A", poisson(65), exponential(100), exponential(60)),
                      kind("B", poisson(50), exponential(90), exponential(40))],
                     [group("G1", 2, "A", "B"), group("G2", 2, "A", "B")],
                     routing({"A": "G1 G2", "B": "G2 G1"}, {"G1": "B A", "G2": "A B"},
                             {"G1": "priority", "G2": "longest_wait"},
                             (("A", "G2", 2),)), lines=9)),
        steady("overflow-order", "Two types overflow through three groups, no waiting room",
               model(three, [group("G1", 2, "A", "B"), group("G2", 1, "A", "B"),
                             group("G3", 2, "A", "B")],
                     routing({"A": "G1 G2 G3", "B": "G3 G1 G2"},
                             {"G1": "A B", "G2": "B A", "G3": "A B"}), lines=5)),
    ]  # fmt: skip


def single_queue() -> list[Case]:
    """Steady states of balking, wrap, phases, alternating arrivals and bots."""
    voice = poisson(100)
    alternating = {"process": "mmpp", "rates_per_hour": [150, 30], "phase_means_s": [900, 1500]}
    two = {"dist": "hyperexponential", "probs": [0.8, 0.2], "means_s": [50.0, 350.0]}
    erlang = {"dist": "erlang", "k": 3, "mean_s": 120.0}
    bot = {"type": "voice", "time": exponential(60), "contain_prob": 0.3}
    behind_bot = [kind("voice", poisson(160), exponential(90), exponential(60)),
                  kind("other", poisson(20), exponential(120), exponential(90))]  # fmt: skip
    both = routing({"voice": "agents", "other": "agents"}, {"agents": "other voice"})
    four = [group("agents", 4, "voice", "other")]
    return [
        steady("balking", "Two types, priority, some leave at once, finite lines",
               model([kind("A", poisson(55), exponential(120), exponential(60), balk_prob=0.3),
                      kind("B", poisson(45), exponential(120), None, balk_prob=0.5)],
                     [group("G", 3, "A", "B")], V, lines=14)),
        steady("wrap-lines", "After-call work of one type, finite lines",
               model([kind("A", poisson(60), exponential(80), exponential(120),
                           wrap={"dist": "erlang", "k": 2, "mean_s": 40.0}),
                      kind("B", poisson(30), exponential(100), exponential(60))],
                     [group("G", 3, "A", "B")], V, lines=6)),
        steady("hyperexponential", "Hyperexponential handling, abandonment",
               model([kind("voice", voice, two, exponential(90))],
                     [group("agents", 3, "voice")], ONE)),
        steady("erlang-talk", "Erlang handling and hyperexponential after-call work",
               model([kind("voice", voice, erlang, exponential(90), wrap={
                   "dist": "hyperexponential", "probs": [0.5, 0.5], "means_s": [5.0, 25.0]})],
                     [group("agents", 3, "voice")], ONE, lines=12)),
        steady("mmpp", "Alternating arrivals beside Poisson ones",
               model([kind("A", alternating, exponential(100), exponential(60)),
                      kind("B", poisson(25), exponential(150), exponential(90))],
                     [group("G", 3, "A", "B")], V, lines=13)),
        steady("bot-human", "A full bot sends callers to people",
               model(behind_bot, four, both, lines=12,
                     bot={**bot, "sessions": 2, "when_full": "human"})),
        steady("bot-lost", "A full bot loses callers; finite lines",
               model(behind_bot, four, both, lines=7,
                     bot={**bot, "sessions": 3, "when_full": "lost"})),
        steady("bot-unlimited", "A bot for any number of callers",
               model([kind("voice", poisson(120), exponential(90), exponential(60))],
                     [group("agents", 3, "voice")], ONE,
                     bot={**bot, "sessions": None, "when_full": None}), cap=28),
    ]  # fmt: skip


def returning() -> list[Case]:
    """Steady states in which customers come again."""
    patient, once = exponential(60), {"max_redials": 1}
    one, two, three = ([group("agents", n, "voice")] for n in (1, 2, 3))
    return [
        steady("redial", "Redial after abandonment, any number of times",
               model([kind("voice", poisson(110), exponential(100), patient,
                           redial_after_abandon=again(0.7, 150))], three, ONE), cap=23),
        steady("redial-busy", "Redial after abandonment, balking or a busy signal, two delays",
               model([kind("voice", poisson(80), exponential(90), patient, balk_prob=0.2,
                           redial_after_abandon=again(0.5, 150),
                           redial_after_busy=again(0.8, 60))], two, ONE, lines=5), cap=15),
        steady("redial-once", "One redial at most, after abandonment or a busy signal",
               model([kind("voice", poisson(75), exponential(100), patient,
                           redial_after_abandon=again(0.8, 120, **once),
                           redial_after_busy=again(0.9, 120, **once))], two, ONE, lines=6),
               cap=15),
        steady("redial-twice", "Two redials at most, some balk",
               model([kind("voice", poisson(50), exponential(80), patient, balk_prob=0.1,
                           redial_after_abandon=again(0.7, 100, max_redials=2))],
                     one, ONE, lines=3), cap=12),
        steady("reconnect", "Reconnection after service, after-call work",
               model([kind("voice", poisson(75), exponential(80), patient, wrap=exponential(20),
                           reconnect_after_service=again(0.25, 200))], three, ONE), cap=15),
        steady("reconnect-once", "One reconnection at most; any number of redials",
               model([kind("voice", poisson(50), exponential(80), patient,
                           redial_after_abandon=again(0.5, 120),
                           reconnect_after_service=again(0.4, 120, **once))],
                     two, ONE, lines=4), cap=15),
    ]  # fmt: skip


def transferring() -> list[Case]:
    """Steady states in which agents hand customers over to another queue."""
    own, shared = [group("G1", 2, "A"), group("G2", 2, "B")], [group("G", 3, "A", "B")]
    each = routing({"A": "G1", "B": "G2"}, {"G1": "A", "G2": "B"})
    late = routing({"A": "G", "B": "G"}, {"G": "B A"})
    once = again(0.7, 60, max_redials=1)
    return [
        steady("transfer", "A's agents hand over to B's, who have callers of their own",
               model([kind("A", poisson(60), exponential(80), exponential(60),
                           transfer=handed("B", 0.4)),
                      kind("B", poisson(25), exponential(100), exponential(90))], own, each),
               cap=13),
        steady("transfer-shared", "One group hands over to itself, those handed over first",
               model([kind("A", poisson(60), exponential(80), exponential(60), balk_prob=0.2,
                           transfer=handed("B", 0.5)),
                      kind("B", None, exponential(100), exponential(120))], shared, late),
               cap=14),
        steady("transfer-back", "Both ways, after-call work, a reservation, finite lines",
               model([kind("A", poisson(50), by_group(G1=70, G2=90), exponential(60),
                           wrap=exponential(20), transfer=[handed("B", 0.3), handed("A", 0.1)]),
                      kind("B", poisson(20), exponential(90), None, transfer=handed("A", 0.2))],
                     [group("G1", 2, "A"), group("G2", 2, "A", "B")],
                     routing({"A": "G1 G2", "B": "G2"}, {"G1": "A", "G2": "B A"},
                             reserve=(("A", "G2", 2),)), lines=6)),
        steady("transfer-redial", "Who is handed over keeps the attempt; one redial at most",
               model([kind("A", poisson(40), exponential(60), exponential(60),
                           transfer=handed("B", 0.5), redial_after_abandon=once),
                      kind("B", poisson(15), exponential(80), exponential(60),
                           redial_after_abandon=once)],
                     [group("G1", 1, "A"), group("G2", 1, "B")], each, lines=3), cap=7),
    ]  # fmt: skip


def days() -> list[Case]:
    """Days that start empty, with rates and numbers of agents that change."""
    quarter = [0.0, 900.0, 1800.0, 2700.0]
    half = [0.0, 1800.0, 3600.0]
    patient, factor = exponential(90), {"cv": 0.4, "shared": "day"}
    return [
        day("named", "Named agents leave, busy ones in overtime",
            model([kind("voice", steps([*quarter, 3600.0], [90, 110, 60, 80]), exponential(150),
                        patient)],
                  [group("agents", heads([*quarter, 3600.0], [5, 3, 5, 2], 2, "named"), "voice")],
                  ONE), [*quarter, 3600.0], cap=32),
        day("named-early", "Named agents leave soon after a start with everybody idle",
            model([kind("voice", steps([0.0, 300.0, 600.0], [48, 60]), exponential(300), patient)],
                  [group("agents", heads([0.0, 300.0, 600.0], [6, 3], 3, "named"), "voice")], ONE),
            [0.0, 300.0, 600.0], cap=22, replications=3 * DAY_REPLICATIONS),
        day("named-return", "New agents come while others finish in overtime",
            model([kind("voice", steps([0.0, 2400.0, 2500.0, 3000.0], [50, 50, 80]),
                        exponential(300), patient)],
                  [group("agents", heads([0.0, 2400.0, 2500.0, 3000.0], [5, 2, 5], 3, "named"),
                         "voice")], ONE), [0.0, 2400.0, 2500.0, 3000.0], cap=26),
        day("n-staffing", "N design: head count in one group, names in the other, a reservation",
            model([kind("A", steps([0, 900, 1800, 2700], [90, 60, 80]), by_group(G1=90, G2=110),
                        exponential(60)),
                   kind("B", steps([900.0, 1800.0], [45]), by_group(G2=120), exponential(60))],
                  [group("G1", heads(quarter, [3, 1, 2], 1, "headcount"), "A"),
                   group("G2", heads(quarter, [2, 3, 1], 1, "named"), "A", "B")],
                  routing(*N, reserve=(("A", "G2", 2),)), lines=8), quarter),
        day("longest-wait-staffing", "Longest wait as the number of agents changes",
            model([kind("A", steps(half, [70, 50]), exponential(90), exponential(45)),
                   kind("B", steps(half, [40, 60]), exponential(90), exponential(60))],
                  [group("G", heads(half, [2, 3], 1, "headcount"), "A", "B")],
                  routing({"A": "G", "B": "G"}, {"G": "A B"}, "longest_wait"), lines=9), half),
        day("by-arrival-interval", "Handling depends on the interval of arrival",
            model([kind("voice", steps([0.0, 600.0, 1200.0, 1800.0], [90, 140, 60]), {
                "by_arrival_interval": [exponential(60), exponential(180),
                                        {"dist": "erlang", "k": 2, "mean_s": 90.0}]},
                exponential(60))],
                  [group("agents", 3, "voice")], ONE, lines=10), [0.0, 600.0, 1200.0, 1800.0]),
        day("day-factor", "One gamma factor for the day of both types",
            model([kind("A", steps(half, [40, 30], day_factor=factor), exponential(120), patient),
                   kind("B", steps(half, [20, 35], day_factor=factor), exponential(120), patient)],
                  [group("G", 3, "A", "B")], V, lines=9), half),
        day("mmpp-start", "Alternating arrivals that start in the first phase",
            model([kind("voice", {"process": "mmpp", "rates_per_hour": [120, 20],
                                  "phase_means_s": [1200, 2400]}, exponential(90), patient)],
                  [group("agents", 3, "voice")], ONE), half, cap=30),
        day("redial-day", "Redials as rates and numbers of agents change; none after the end",
            model([kind("voice", steps(half, [100, 70]), exponential(100), exponential(60),
                        balk_prob=0.1, redial_after_abandon=again(0.6, 200),
                        redial_after_busy=again(0.8, 200))],
                  [group("agents", heads(half, [3, 2], 2, "headcount"), "voice")], ONE, lines=7),
            half, cap=22, replications=DAY_REPLICATIONS // 2),
        day("bot-day", "A bot at the start of a day",
            model([kind("voice", steps(half, [150, 80]), exponential(100), exponential(60))],
                  [group("agents", heads(half, [3, 2], 2, "headcount"), "voice")], ONE,
                  bot={"type": "voice", "sessions": 3, "time": exponential(120),
                       "contain_prob": 0.4, "when_full": "human"}), half, cap=24,
            totals_only=True),
    ]  # fmt: skip


def metrics_of(case: Case) -> list[Case]:
    """Return the metrics of a case, without their values."""
    transient = case["regime"]["kind"] == "transient"
    ends = [""]
    if transient and not case.get("totals_only"):
        ends += [f"@{k}" for k in range(len(case["regime"]["interval_edges_s"]) - 1)]
    found = []
    for at in ends:
        for one in case["model"]["types"]:
            found += _of_type(one["name"], at, case["model"], transient)
        for one in case["model"]["groups"]:
            found += _of_group(one, at, case["model"])
    if case["model"].get("bot"):
        found += [
            _metric("bot.p_full", "", ["bot.full"], ["bot.offered"]),
            _metric("bot.mean_busy", "", ["bot.busy_time"], ["window_s"]),
        ]
    return found


def _metric(name: str, at: str, num: list[str], den: list[str] | float) -> Case:
    return {
        "name": name + at,
        "num": [f"{one}{at}" for one in num],
        "den": [f"{one}{at}" for one in den] if isinstance(den, list) else den,
    }


def _of_type(t: str, at: str, of: Case, transient: bool) -> list[Case]:
    x = f"{THRESHOLD:g}"
    served, abandoned = f"{t}.served_le_{x}", f"{t}.abandoned_le_{x}"
    offered = [f"{t}.offered"]
    rows = [
        ("offered", offered, 1) if transient else ("offered_per_s", offered, ["window_s"]),
        ("p_wait", [f"{t}.queued"], offered),
        ("p_abandon", [f"{t}.abandoned"], offered),
        ("mean_wait_s", [f"{t}.wait_sum"], [*offered, f"-{t}.blocked"]),
        ("mean_wait_served_s", [f"{t}.wait_served_sum"], [f"{t}.served"]),
        ("mean_wait_abandoned_s", [f"{t}.wait_abandoned_sum"], [f"{t}.abandoned"]),
        ("mean_queue", [f"{t}.queue_time"], ["window_s"]),
        (f"sl_{x}_offered", [served], offered),
        (f"sl_{x}_served", [served], [f"{t}.served"]),
        (f"sl_{x}_handled", [served, abandoned], offered),
        (f"sl_{x}_excl_short_abandons", [served], [*offered, f"-{abandoned}"]),
    ]
    if any(t == one["name"] and COME_AGAIN & set(one) for one in of["types"]):
        rows += _of_attempts(t, transient)
    if of["lines"] is not None:
        rows.append(("p_block", [f"{t}.blocked"], offered))
    if transient and at:
        rows.append(("abandoned_during", [f"{t}.abandoned_evt"], 1))
    return [_metric(f"{t}.{name}", at, num, den) for name, num, den in rows]


def _of_attempts(t: str, transient: bool) -> list[tuple[str, list[str], Any]]:
    first, repeat = [f"{t}.offered_first"], [f"{t}.offered_repeat"]
    each = [("fresh", [f"{t}.fresh"]), ("offered_repeat", repeat)]
    rows = [(n, num, 1) if transient else (f"{n}_per_s", num, ["window_s"]) for n, num in each]
    return [
        *rows,
        ("p_repeat", repeat, [f"{t}.offered"]),
        ("p_abandon_first", [f"{t}.abandoned_first"], first),
        ("p_abandon_repeat", [f"{t}.abandoned_repeat"], repeat),
    ]


def _of_group(one: Case, at: str, of: Case) -> list[Case]:
    g = one["name"]
    rows = [("utilisation", f"{g}.busy_time", [f"{g}.staffed_time"])]
    rows += [(f"mean_busy_on_{t}", f"{t}|{g}.busy_time", ["window_s"]) for t in one["skills"]]
    if any(each.get("wrap") for each in of["types"]):
        rows.append(("mean_wrap", f"{g}.wrap_time", ["window_s"]))
    return [_metric(f"{g}.{name}", at, [num], den) for name, num, den in rows]


def all_cases() -> list[Case]:
    """Return every case of this module, without metrics."""
    return [*multi_skill(), *single_queue(), *returning(), *transferring(), *days()]
