"""The exact solver of the cases against closed forms, SciPy and the published figures."""

import copy
import json
import math
from pathlib import Path

import closed_forms
import exact
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sp
import solved
from chain_center import Center
from chains import uniformise
from own_models import (
    ONE,
    Case,
    V,
    again,
    day,
    exponential,
    group,
    handed,
    heads,
    kind,
    metrics_of,
    model,
    poisson,
    routing,
    steady,
    steps,
)
from scipy import stats

from simcc import theory
from simcc.model import laws

CLOSE = 1e-9
CAPS = {
    "anchor-erlang-c": 120,
    "anchor-erlang-a": 100,
    "anchor-n-model": 25,
    "anchor-v-priority": 28,
}
LONG = {"anchor-n-model", "anchor-v-priority"}  # half a minute each
EXACT_IDS = [
    "anchor-erlang-b", "anchor-erlang-c", "anchor-erlang-a", "anchor-erlang-a-finite",
    "anchor-time-varying", *sorted(LONG),
]  # fmt: skip


def figures(case: Case) -> dict[str, float]:
    """Values of all metrics of a case of our own."""
    return exact.exact_values(case | {"metrics": metrics_of(case)}, case["cap"])


def one_queue(agents: int, rate: float, patience: float | None, lines: int | None = None) -> Case:
    law = None if patience is None else exponential(patience)
    return steady(
        "one", "", model([kind("voice", poisson(rate), exponential(180), law)],
                         [group("agents", agents, "voice")], ONE, lines=lines), cap=150,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n in LONG else n for n in EXACT_IDS]
)
def test_solver_gives_the_published_figures(name: str, shared: Path) -> None:
    cases = json.loads((shared / "cases" / "public_cases.json").read_text())["cases"]
    case = next(one for one in cases if one["id"] == name)
    found = exact.exact_values(case, CAPS.get(name, 40))
    stored = {one["name"]: one["exact"] for one in case["metrics"]}
    assert found == pytest.approx(stored, rel=CLOSE)


@pytest.mark.parametrize(("patience", "lines"), [(None, None), (120, None), (60, 9), (None, 7)])
def test_one_queue_is_the_erlang_formula_of_the_library(
    patience: float | None, lines: int | None
) -> None:
    found = figures(one_queue(6, 100, patience, lines))
    formula = theory.erlang_a(6, 100, 180, patience or math.inf, lines)
    expected = {
        "voice.p_wait": formula.p_wait,
        "voice.mean_wait_s": formula.mean_wait_time,
        "voice.mean_wait_served_s": formula.asa,
        "voice.mean_queue": formula.mean_queue,
        "voice.p_abandon": formula.p_abandon,
        "voice.sl_20_offered": formula.service_level(20),
        "voice.sl_20_served": formula.service_level(20, "served"),
        "voice.sl_20_handled": formula.service_level(20, "handled"),
        "voice.sl_20_excl_short_abandons": formula.service_level(20, "excluding_short_abandons"),
        "agents.utilisation": formula.occupancy,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=CLOSE)


def test_erlang_b_and_c_by_hand() -> None:
    load, n = 100 * 180 / 3600, 6
    terms = [load**j / math.factorial(j) for j in range(n + 1)]
    loss = terms[n] / sum(terms)
    wait = loss / (1 - load / n * (1 - loss))
    assert figures(one_queue(n, 100, None, n))["voice.p_block"] == pytest.approx(loss, rel=CLOSE)
    found = figures(one_queue(n, 100, None))
    assert found["voice.p_wait"] == pytest.approx(wait, rel=CLOSE)
    assert found["voice.mean_wait_s"] == pytest.approx(wait * 180 / (n - load), rel=CLOSE)
    within = 1 - wait * math.exp(-(n - load) * 20 / 180)
    assert found["voice.sl_20_offered"] == pytest.approx(within, rel=CLOSE)


def test_priority_at_one_agent_is_cobhams_formula() -> None:
    types = [kind(t, poisson(rate), exponential(60), None) for t, rate in (("A", 12), ("B", 18))]
    found = figures(steady("cobham", "", model(types, [group("G", 1, "A", "B")], V), cap=40))
    first, both = 12 / 60, 30 / 60
    rest = both * 60
    assert found["A.mean_wait_s"] == pytest.approx(rest / (1 - first), rel=CLOSE)
    expected = rest / ((1 - first) * (1 - both))
    assert found["B.mean_wait_s"] == pytest.approx(expected, rel=1e-7)  # the cap cuts both queues


def test_longest_wait_over_equal_types_is_one_queue() -> None:
    rates = {"A": 70, "B": 30}
    types = [kind(t, poisson(r), exponential(180), exponential(90)) for t, r in rates.items()]
    tables = routing({"A": "G", "B": "G"}, {"G": "A B"}, "longest_wait")
    found = figures(steady("two", "", model(types, [group("G", 4, "A", "B")], tables, lines=9)))
    one = figures(one_queue(4, 100, 90, 9))
    for what in ("p_wait", "mean_wait_served_s", "mean_wait_abandoned_s", "sl_20_handled"):
        assert found[f"A.{what}"] == pytest.approx(one[f"voice.{what}"], rel=CLOSE)
        assert found[f"B.{what}"] == pytest.approx(one[f"voice.{what}"], rel=CLOSE)


@pytest.mark.parametrize("name", ["erlang", "hyperexponential"])
def test_phases_of_handling_give_pollaczek_and_khinchine(name: str) -> None:
    case = closed_forms.one_agent(closed_forms.LAWS[name])
    expected = {one["name"]: one["exact"] for one in case["metrics"]}
    assert exact.exact_values(case, 200) == pytest.approx(expected, rel=CLOSE)


def test_exponential_patience_by_chain_and_by_quadrature() -> None:
    case = closed_forms.impatient({"dist": "gamma", "shape": 1.0, "mean_s": 90.0})
    expected = {one["name"]: one["exact"] for one in case["metrics"]}
    same = copy.deepcopy(case)
    same["model"]["types"][0]["patience"] = exponential(90)
    assert exact.exact_values(same, 80) == pytest.approx(expected, rel=CLOSE)


@pytest.mark.parametrize("name", closed_forms.LAWS)
def test_general_patience_of_the_library(name: str) -> None:
    law = closed_forms.LAWS[name]
    case = closed_forms.impatient(law)
    expected = {one["name"]: one["exact"] for one in case["metrics"]}
    formula = theory.general_patience(4, 130, 120, _SurvivalOnly(law))
    found = {
        "voice.p_wait": formula.p_wait,
        "voice.p_abandon": formula.p_abandon,
        "voice.mean_wait_s": formula.mean_wait_time,
        "voice.mean_wait_served_s": formula.asa,
        "voice.sl_20_offered": formula.served_within(20),
        "voice.sl_20_handled": formula.served_within(20) + formula.abandoned_within(20),
        "agents.utilisation": formula.occupancy,
    }
    assert found == pytest.approx(expected, rel=CLOSE)


class _SurvivalOnly:
    """All that the theory package asks of a law."""

    def __init__(self, law: dict) -> None:
        self.sf = closed_forms.survival(law)


def test_day_without_waiting_is_the_infinite_server_load() -> None:
    edges, rates = [0.0, 600.0, 1200.0], [150, 40]
    free = model([kind("voice", steps(edges, rates), exponential(90), None)],
                 [group("agents", 30, "voice")], ONE)  # fmt: skip
    found = figures(day("free", "", free, edges))
    load = theory.mean_offered_load(edges, rates, laws.Exponential(mean=90))
    expected = {f"agents.mean_busy_on_voice@{k}": float(load[k]) for k in range(2)}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-8)


def test_uniformisation_is_the_matrix_exponential() -> None:
    rng = np.random.default_rng(1)
    rates = rng.exponential(size=(6, 6))
    rates[rng.random((6, 6)) < 0.4] = 0.0
    matrix = rates - np.diag(rates.sum(axis=1) + 0.3)
    y, time = rng.random(6), 7.0
    end, integral = uniformise(y, sp.csr_matrix(matrix), time)
    expected = y @ scipy.linalg.expm(matrix * time)
    assert end == pytest.approx(expected, rel=CLOSE)
    assert integral == pytest.approx((expected - y) @ np.linalg.inv(matrix), rel=CLOSE)


def same_figures(one: Case, other: Case) -> None:
    """The two cases have the same figures, as far as both have them."""
    first, second = figures(one), figures(other)
    names = [n for n in first if n in second and not math.isnan(first[n])]
    assert len(names) > 10
    assert {n: first[n] for n in names} == pytest.approx({n: second[n] for n in names}, rel=1e-7)


HALF = [0.0, 600.0, 1200.0]


def half_day(
    service: dict, arrivals: dict | None = None, agents: object = 3, lines: int = 9
) -> Case:
    voice = kind("voice", arrivals or steps(HALF, [90, 60]), service, exponential(90))
    of = model([voice], [group("agents", agents, "voice")], ONE, lines=lines)
    return day("half", "", of, HALF)


def test_words_that_change_nothing_change_nothing() -> None:
    plain = half_day(exponential(100))
    same = exponential(100)
    same_figures(plain, half_day({"by_arrival_interval": [same, same]}))
    same_figures(plain, half_day({"by_group": {"agents": same}}))
    same_figures(plain, half_day({"dist": "hyperexponential", "probs": [0.4, 0.6],
                                  "means_s": [100.0, 100.0]}))  # fmt: skip
    for rule in ("named", "headcount"):
        same_figures(plain, half_day(same, agents=heads(HALF, [3, 3], 3, rule)))
    alternating = {"process": "mmpp", "rates_per_hour": [70, 70], "phase_means_s": [50.0, 90.0]}
    flat = steps(HALF, [70, 70])
    same_figures(half_day(same, flat), half_day(same, alternating))


def test_day_factor_keeps_the_mean_load_and_widens_it() -> None:
    cv = 0.5
    plain, mixed = (
        figures(half_day(exponential(90), steps(HALF, [150, 40], **more), 40, 40))
        for more in ({}, {"day_factor": {"cv": cv}})
    )
    for k in range(2):
        name = f"agents.mean_busy_on_voice@{k}"
        assert mixed[name] == pytest.approx(plain[name], rel=1e-8)
    # one agent without a queue is busy f / (1 + f) of the time, once the start is forgotten
    length = 40_000.0
    one = kind("voice", steps([0.0, length], [40], day_factor={"cv": cv}), exponential(90), None)
    lost = model([one], [group("agents", 1, "voice")], ONE, lines=1)
    busy = figures(day("lost", "", lost, [0.0, length]))["agents.mean_busy_on_voice"]
    factor = stats.gamma(1 / cv**2, scale=cv**2)
    expected = factor.expect(lambda f: f / (1 + f) - 90 / length * f / (1 + f) ** 2)
    assert busy == pytest.approx(expected, rel=1e-6)


def test_bot_for_any_number_thins_the_arrivals() -> None:
    case = solved.MARKOV["own-bot-unlimited"]
    thinned = copy.deepcopy(case)
    bot = thinned["model"].pop("bot")
    thinned["model"]["types"][0]["arrivals"]["rate_per_hour"] *= 1 - bot["contain_prob"]
    same_figures(thinned, case)


def counters(of: Case, cap: int) -> dict[str, float]:
    """Expected counters per second of a model's steady state."""
    case = steady("any", "", of)
    found = exact.expected_counters(case | {"metrics": metrics_of(case)}, cap)
    return {name: mean / found["window_s"] for name, mean in found.items()}


def test_delayed_feedback_is_the_erlang_formula_at_a_higher_rate() -> None:
    """A Jackson network of the agents and an orbit without any limit: product form."""
    share, delay = 0.3, 100
    voice = kind("voice", poisson(36), exponential(100), None,
                 reconnect_after_service=again(share, delay))  # fmt: skip
    of = model([voice], [group("agents", 4, "voice")], ONE)
    found = figures(steady("feedback", "", of, cap=22))
    formula = theory.erlang_a(4, 36 / (1 - share), 100, math.inf)
    expected = {
        "voice.offered_per_s": 36 / (1 - share) / 3600,
        "voice.p_repeat": share,
        "voice.p_wait": formula.p_wait,
        "voice.mean_wait_s": formula.mean_wait_time,
        "voice.mean_queue": formula.mean_queue,
        "voice.sl_20_offered": formula.service_level(20),
        "agents.utilisation": formula.occupancy,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-8)


def test_redial_after_busy_at_one_agent_is_the_classical_retrial_queue() -> None:
    """Falin and Templeton (1997), section 1.2: the mean number in orbit of M/M/1."""
    rate, handling, delay = 24 / 3600, 60, 30
    voice = kind("voice", poisson(24), exponential(handling), None,
                 redial_after_busy=again(1.0, delay))  # fmt: skip
    found = counters(model([voice], [group("agents", 1, "voice")], ONE, lines=1), 40)
    load = rate * handling
    in_orbit = load * (rate * delay + load) / (1 - load)
    assert found["voice.orbit_time"] == pytest.approx(in_orbit, rel=1e-8)
    assert found["voice.offered"] == pytest.approx(rate + in_orbit / delay, rel=1e-8)
    assert found["agents.busy_time"] == pytest.approx(load, rel=1e-8)


def test_one_redial_at_most_by_a_chain_written_by_hand() -> None:
    """One agent and no queue: (busy or not, callers who will try for the second, last time)."""
    rate, ends, share, delay, most = 30 / 3600, 1 / 90, 0.6, 60, 25
    moves = np.zeros((2, most + 1, 2, most + 1))
    for n in range(most + 1):
        moves[0, n, 1, n] = rate
        moves[1, n, 0, n] = ends
        if n < most:
            moves[1, n, 1, n + 1] = rate * share
        if n > 0:
            moves[:, n, 1, n - 1] = n / delay  # answered, or lost for good
    flat = moves.reshape(2 * most + 2, -1)
    balance = np.vstack([(flat - np.diag(flat.sum(axis=1))).T, np.ones(len(flat))])
    at = np.linalg.lstsq(balance, np.eye(len(balance))[-1], rcond=None)[0].reshape(2, -1)
    voice = kind("voice", poisson(30), exponential(90), None,
                 redial_after_busy=again(share, delay, max_redials=1))  # fmt: skip
    found = counters(model([voice], [group("agents", 1, "voice")], ONE, lines=1), most)
    again_rate = at @ np.arange(most + 1) / delay
    assert found["agents.busy_time"] == pytest.approx(at[1].sum(), rel=1e-8)
    assert found["voice.offered_repeat"] == pytest.approx(again_rate.sum(), rel=1e-8)
    assert found["voice.blocked"] == pytest.approx(rate * at[1].sum() + again_rate[1], rel=1e-8)


def test_attempts_told_apart_give_the_same_figures() -> None:
    """Another type, of which nobody ever comes, has a limit: the queue is a string of attempts."""
    voice = kind("voice", poisson(90), exponential(100), exponential(60), balk_prob=0.1,
                 redial_after_abandon=again(0.6, 60), redial_after_busy=again(0.5, 60),
                 reconnect_after_service=again(0.1, 60))  # fmt: skip
    nobody = kind("none", None, exponential(100), None,
                  redial_after_busy=again(1.0, 60, max_redials=1))  # fmt: skip
    both = routing({"voice": "agents", "none": "agents"}, {"agents": "none voice"})
    same_figures(*(
        steady("attempts", "", model(types, [group("agents", 3, *names)], tables, lines=7), cap=14)
        for types, names, tables in (
            ([voice], ["voice"], ONE), ([voice, nobody], ["voice", "none"], both))
    ))  # fmt: skip


def test_who_is_handed_over_reaches_other_agents_as_a_poisson_stream() -> None:
    types = [kind("A", poisson(27), exponential(80), None, transfer=handed("B", 0.5)),
             kind("B", poisson(10), exponential(100), None)]  # fmt: skip
    tables = routing({"A": "G1", "B": "G2"}, {"G1": "A", "G2": "B"})
    found = figures(steady("tandem", "", model(
        types, [group("G1", 2, "A"), group("G2", 2, "B")], tables), cap=20))  # fmt: skip
    for t, rate, handling in (("A", 27, 80), ("B", 10 + 0.5 * 27, 100)):
        formula = theory.erlang_a(2, rate, handling, math.inf)
        assert found[f"{t}.offered_per_s"] == pytest.approx(rate / 3600, rel=1e-8)
        assert found[f"{t}.p_wait"] == pytest.approx(formula.p_wait, rel=1e-8)
        assert found[f"{t}.mean_wait_s"] == pytest.approx(formula.mean_wait_time, rel=1e-8)


def test_transfer_to_the_same_queue_is_longer_handling_for_the_number_waiting() -> None:
    share, handling = 0.3, 70
    voice = kind("voice", poisson(100), exponential(handling), exponential(120),
                 transfer=handed("voice", share))  # fmt: skip
    found = counters(model([voice], [group("agents", 3, "voice")], ONE), 60)
    formula = theory.erlang_a(3, 100, handling / (1 - share), 120)
    assert found["voice.queue_time"] == pytest.approx(formula.mean_queue, rel=CLOSE)
    assert found["agents.busy_time"] == pytest.approx(3 * formula.occupancy, rel=CLOSE)
    assert found["voice.abandoned"] / found["voice.fresh"] == pytest.approx(
        formula.p_abandon, rel=CLOSE)  # fmt: skip
    assert found["voice.offered"] == pytest.approx(
        found["voice.fresh"] + share * found["voice.served"], rel=CLOSE)  # fmt: skip


def _comes(name: str, t: str, found: dict[str, float]) -> float:
    """Offered contacts of a type, from what each word says of the contacts before them."""
    types = solved.MARKOV[name]["model"]["types"]
    total = found[f"{t}.fresh"]
    for one in types:
        rows = one.get("transfer") or []
        for row in [rows] if isinstance(rows, dict) else rows:
            total += row["prob"] * found[f"{one['name']}.served"] * (row["to"] == t)
    for word, what in (("redial_after_abandon", "abandoned"), ("redial_after_busy", "blocked"),
                       ("reconnect_after_service", "served")):  # fmt: skip
        row = next(one for one in types if one["name"] == t).get(word)
        if row:
            limited = row.get("max_redials")  # known for one redial after an abandonment
            total += row["prob"] * found[f"{t}.{what}_first" if limited else f"{t}.{what}"]
    return total


@pytest.mark.parametrize(
    "name",
    ["redial", "redial-busy", "reconnect", "transfer", "transfer-shared", "transfer-back",
     "transfer-redial"],
)  # fmt: skip
def test_flows_of_returns_and_transfers_balance(name: str) -> None:
    found = solved.counters(f"own-{name}")
    for one in solved.MARKOV[f"own-{name}"]["model"]["types"]:
        t = one["name"]
        assert found[f"{t}.offered"] == pytest.approx(_comes(f"own-{name}", t, found), rel=1e-8)


def test_named_leavers_are_chosen_whatever_they_do() -> None:
    agents = group("agents", heads([0.0, 600.0], [5], 2, "named"), "voice")
    day_of = model([kind("voice", poisson(60), exponential(100), None)], [agents], ONE)
    before = Center(day_of, 0, [0.0, 600.0], cap=5)
    busy = before.empty()._replace(busy=(3,))
    after = before.later(1)
    found = {to.overtime[0]: p for p, to, _ in after.enter(busy, before)}
    assert sum(found.values()) == pytest.approx(1)
    assert sum(n * p for n, p in found.items()) == pytest.approx(3 * 3 / 5)
    assert 0 not in found  # 3 leave, only 2 are idle
    assert found[3] == pytest.approx(1 / 10)


@pytest.mark.parametrize("name", solved.MARKOV)
def test_nobody_is_lost(name: str) -> None:
    found = solved.counters(name)
    offered = [
        key for key in found
        if key.partition("@")[0].endswith(".offered") and not key.startswith("bot.")
    ]  # fmt: skip
    assert offered
    for key in offered:
        t, _, at = key.partition(".offered")
        left = sum(found[f"{t}.{what}{at}"] for what in ("served", "abandoned", "blocked"))
        assert left == pytest.approx(found[key], rel=CLOSE, abs=1e-12)


@pytest.mark.parametrize("name", [name for name in solved.MARKOV if "bot" not in name])
def test_waits_add_up_to_the_time_in_queue(name: str) -> None:
    """Little's law, exact for any finite time; a day's last waits end after its window."""
    found = solved.counters(name)
    transient = any("@" in key for key in found)
    for key in [key for key in found if key.endswith(".wait_sum")]:
        in_queue = found[key.replace("wait_sum", "queue_time")]
        if transient:
            assert in_queue <= found[key] * (1 + CLOSE)
        else:
            assert in_queue == pytest.approx(found[key], rel=CLOSE)
