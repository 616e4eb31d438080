"""Cases of our own: each word of the case language that the published ones leave out."""

import copy
import zlib
from collections.abc import Callable

import adapter
import check
import numpy as np
import pytest
import solved

N_METRICS = 2000  # about as many as all cases of this file have; they share the level
SEEN = 6.0  # standard errors that give a wrong model away
CONCLUSIVE = 0.75  # share of the metrics of a long run that must reach their precision
LONGEST = 50  # times a quick run


def judge(name: str, replications: int, seed: int) -> list[check.Finding]:
    case = solved.case(name)
    return check.two_stage(
        case["metrics"],
        lambda n, seed: adapter.run(case, n, seed),
        replications,
        seed + zlib.crc32(name.encode()),
        check.bound_of(N_METRICS, replications),
    )


@pytest.mark.parametrize("name", solved.NAMES)
def test_own_case(name: str, test_seed: int) -> None:
    found = judge(name, solved.case(name)["replications"], test_seed)
    wrong = [str(one) for one in found if one.verdict == "FAIL"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", solved.NAMES)
def test_own_case_at_length(name: str, test_seed: int) -> None:
    """As long as most metrics need to reach the precision of the rule, by a pilot run."""
    case = solved.case(name)
    pilot = adapter.run(case, case["replications"], test_seed)
    bound = check.bound_of(N_METRICS, case["replications"])
    findings = [check.evaluate(one, pilot[one["name"]], bound) for one in case["metrics"]]
    needed = [(one.half_width / check.tolerance(one.name, one.exact)) ** 2 for one in findings]
    times = np.clip(1.5 * np.quantile(needed, CONCLUSIVE + 0.05), 1, LONGEST)
    found = judge(name, int(times * case["replications"]), test_seed + 1)
    wrong = [str(one) for one in found if one.verdict == "FAIL"]
    assert not wrong, "\n".join(wrong)
    vague = [str(one) for one in found if one.verdict == "INCONCLUSIVE"]
    assert len(vague) <= (1 - CONCLUSIVE) * len(found), "\n".join(vague)


def _rule(case: dict, rule: str) -> None:
    for each in case["model"]["routing"]["group_to_contact"].values():
        each["rule"] = rule


def _redials(case: dict, most: int) -> None:
    for word in ("redial_after_abandon", "redial_after_busy", "reconnect_after_service"):
        row = case["model"]["types"][0].get(word, {})
        if "max_redials" in row:
            row["max_redials"] = most


def _order(case: dict, order: list[str]) -> None:
    case["model"]["routing"]["group_to_contact"]["G"]["order"] = order


def _needed(case: dict, n: int) -> None:
    for row in case["model"]["routing"]["reserve"]:
        row["idle_needed"] = n


def _decrease(case: dict, rule: str) -> None:
    for group in case["model"]["groups"]:
        group["agents"]["decrease_rule"] = rule


def _overflow(case: dict) -> None:
    case["model"]["routing"]["contact_to_group"]["A"] = ["G1", "G3", "G2"]


def _phases(case: dict) -> None:
    arrivals = case["model"]["types"][0]["arrivals"]
    arrivals["rates_per_hour"].reverse()
    arrivals["phase_means_s"].reverse()


def _first_type(word: str, content: object) -> Callable[[dict], None]:
    def change(case: dict) -> None:
        case["model"]["types"][0][word] = content

    return change


WRONG: dict[str, tuple[str, Callable[[dict], object]]] = {
    "no reservation": ("own-x-reserve", lambda case: _needed(case, 1)),
    "one idle agent fewer": ("own-n-reserve-3", lambda case: _needed(case, 2)),
    "priority for longest wait": ("own-v-longest-wait", lambda case: _rule(case, "priority")),
    "longest wait for priority": ("own-w-lines", lambda case: _rule(case, "longest_wait")),
    "another order of overflow": ("own-overflow-order", _overflow),
    "fewer balk": ("own-balking", _first_type("balk_prob", 0.2)),
    "no after-call work": ("own-wrap-lines", _first_type("wrap", None)),
    "a full bot loses": (
        "own-bot-human",
        lambda case: case["model"]["bot"].update(when_full="lost"),
    ),
    "one line more": ("own-bot-lost", lambda case: case["model"].update(lines=8)),
    "one redial more": ("own-redial-once", lambda case: _redials(case, 2)),
    "one reconnection more": ("own-reconnect-once", lambda case: _redials(case, 2)),
    "no redial after a busy signal": (
        "own-redial-busy",
        _first_type("redial_after_busy", None),
    ),
    "those handed over last": ("own-transfer-shared", lambda case: _order(case, ["A", "B"])),
    "numbers for names": ("own-named", lambda case: _decrease(case, "headcount")),
    "the second phase first": ("own-mmpp-start", _phases),
    "laws of other intervals": (
        "own-by-arrival-interval",
        lambda case: case["model"]["types"][0]["service"]["by_arrival_interval"].reverse(),
    ),
    "other patience": (
        "own-patience-weibull",
        _first_type("patience", {"dist": "weibull", "shape": 1.0, "scale_s": 101.3}),
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_model_is_seen(what: str, test_seed: int) -> None:
    """The cases are worth something: a slip of one word is many standard errors away."""
    name, change = WRONG[what]
    case = copy.deepcopy(solved.case(name))
    change(case)
    samples = adapter.run(case, case["replications"], test_seed)
    found = [check.evaluate(one, samples[one["name"]], SEEN) for one in case["metrics"]]
    assert max(abs(one.t) for one in found) > SEEN
