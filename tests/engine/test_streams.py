"""Random streams: independent of order, workers and one another."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from simcc.errors import SimccError
from simcc.streams import Streams, check_seed


def test_a_stream_does_not_depend_on_what_was_opened_before() -> None:
    one, other = Streams(5), Streams(5)
    first = one.open("a", 3).random(10)
    for name in "bcd":
        other.open(name, 0).random(7)
    np.testing.assert_array_equal(other.open("a", 3).random(10), first)


def test_a_longer_draw_begins_like_a_shorter_one() -> None:
    streams = Streams(5)
    short = streams.open("a", 0).random(10)
    np.testing.assert_array_equal(streams.open("a", 0).random(1000)[:10], short)


@pytest.mark.parametrize("changed", [("a", 1, 0), ("b", 0, 0), ("a", 0, 1)])
def test_name_replication_and_part_give_other_numbers(changed: tuple[str, int, int]) -> None:
    streams = Streams(5)
    here, there = streams.open("a", 0, 0).random(2000), streams.open(*changed).random(2000)
    assert abs(np.corrcoef(here, there)[0, 1]) < 5 / np.sqrt(2000)
    assert not np.intersect1d(here, there).size


def test_seeds_give_other_numbers() -> None:
    assert Streams(1).open("a", 0).random() != Streams(2).open("a", 0).random()


def test_numbers_are_uniform(test_seed: int) -> None:
    u = np.concatenate([Streams(test_seed).open("a", r).random(200) for r in range(200)])
    assert stats.kstest(u, "uniform").pvalue > 1e-6


def test_the_same_in_a_new_process_whatever_the_hash_seed() -> None:
    code = "from simcc.streams import Streams; print(Streams(7).open('voice/talk', 3).random(2))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
        ).stdout
        for seed in ("0", "1")
    }
    assert found == {f"{Streams(7).open('voice/talk', 3).random(2)}\n"}


@pytest.mark.parametrize("seed", [-1, 1.5, "x", True])
def test_a_bad_seed_is_refused(seed: object) -> None:
    with pytest.raises(SimccError, match="whole number >= 0"):
        check_seed(seed)  # type: ignore[arg-type]
