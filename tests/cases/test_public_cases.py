"""The published cases: every figure within four standard errors of its exact value."""

import json
import os
import zlib
from pathlib import Path

import adapter
import check
import pytest

STANDARD_ERRORS = 4.0
NAMES = [
    "anchor-erlang-b", "anchor-erlang-c", "anchor-erlang-a", "anchor-erlang-a-finite",
    "anchor-lognormal-loss", "anchor-n-model", "anchor-v-priority", "anchor-time-varying",
]  # fmt: skip


def published(shared: Path) -> dict[str, dict]:
    cases = json.loads((shared / "cases" / "public_cases.json").read_text())["cases"]
    return {case["id"]: case for case in cases}


def seed_of(name: str) -> int:
    return zlib.crc32(name.encode())


def test_every_published_case_is_here(shared: Path) -> None:
    assert sorted(published(shared)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_published_case_in_brief(name: str, shared: Path, test_seed: int) -> None:
    """A tenth of the run, fresh seeds; beyond four standard errors, a longer run must agree."""
    case = published(shared)[name]
    replications = max(check.LEAST_REPLICATIONS, case["suggested_run"]["replications"] // 10)
    found = check.two_stage(
        case["metrics"], lambda n, seed: adapter.run(case, n, seed), replications,
        test_seed + seed_of(name), STANDARD_ERRORS,
    )  # fmt: skip
    wrong = [str(one) for one in found if one.verdict == "FAIL"]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_published_case_in_full(name: str, shared: Path) -> None:
    """The whole run, one seed: within four standard errors, and conclusive by the rule."""
    cases = published(shared)
    case = cases[name]
    replications = case["suggested_run"]["replications"]
    bound = check.bound_of(sum(len(one["metrics"]) for one in cases.values()), replications)
    samples = adapter.run(case, replications, seed_of(name))
    found = [check.evaluate(one, samples[one["name"]], bound) for one in case["metrics"]]
    _write_evidence(name, replications, found)
    far = [str(one) for one in found if abs(one.t) > STANDARD_ERRORS or one.verdict == "FAIL"]
    assert not far, "\n".join(far)
    vague = [str(one) for one in found if one.verdict == "INCONCLUSIVE"]
    assert len(vague) <= len(found) // 10, "\n".join(vague)


def _write_evidence(name: str, replications: int, found: list[check.Finding]) -> None:
    """Print the largest deviation of the case, seen with ``-s``."""
    worst = max(found, key=lambda one: abs(one.t))
    passed = sum(one.verdict == "PASS" for one in found)
    print(f"{os.linesep}{name}: {replications} replications, {passed}/{len(found)} pass, {worst}")
