"""The tables by which contacts follow others, from the scenario to arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simcc.engine.follow_ups import BY_GROUP
from simcc.engine.records import FOLLOW, Follow
from simcc.inversion import LawTable
from simcc.model import Consult, ContactType, Scenario, Transfer
from simcc.model.follow_ups import ENDINGS, endings_of
from simcc.model.laws import Law
from simcc.workload import queue_of

Arrays = dict[str, NDArray[Any]]
ANY_NUMBER = np.iinfo(np.int64).max


class FollowTables:
    """How contacts of a scenario follow others.

    Parameters
    ----------
    scenario : Scenario
    table : LawTable
        Receives the laws of delays.
    n_attributes : int
        Uniforms that each contact that follows draws.
    """

    def __init__(self, scenario: Scenario, table: LawTable, n_attributes: int) -> None:
        self._scenario, self._table, self._n_attributes = scenario, table, n_attributes
        self._kinds = scenario.contact_types
        self._groups = [group.name for group in scenario.agent_groups]
        self._arrays = {
            **self._transfers(),
            **self._consults(),
            **self._returns(),
            **self._solved(),
            **self._brought(),
        }

    def record(self) -> Any:
        """What the kernel reads."""
        return Follow(*(self._arrays[name] for name in FOLLOW))

    def _transfers(self) -> Arrays:
        each = [kind.transfers for kind in self._kinds]
        flat = [one for some in each for one in some]
        return {
            "transfer_from": offsets(each),
            "transfer_to": _ints(self._scenario.type_index(one.to) for one in flat),
            "transfer_chance": self._by_group(flat),
            "transfer_talk": _floats(one.talk_factor for one in flat),
            "transfer_patience": _floats(one.patience_factor for one in flat),
            "transfer_warm": _ints(one.warm for one in flat),
            "transfer_briefing": _ints(self._law(one.briefing) for one in flat),
        }

    def _consults(self) -> Arrays:
        each = [kind.consults for kind in self._kinds]
        flat = [one for some in each for one in some]
        return {
            "consult_from": offsets(each),
            "consult_to": _ints(self._scenario.type_index(one.to) for one in flat),
            "consult_chance": self._by_group(flat),
        }

    def _by_group(self, given: Sequence[Transfer | Consult]) -> NDArray[np.float64]:
        """Probabilities by row and group."""
        chances = [[one.probability_by_group.get(g, one.probability) for g in self._groups]
                   for one in given]  # fmt: skip
        return np.array(chances, float).reshape(len(given), len(self._groups))

    def _returns(self) -> Arrays:
        each = [kind.follow_ups for kind in self._kinds]
        flat = [(kind, one) for kind in self._kinds for one in kind.follow_ups]
        longest = max((len(one.probability) for _, one in flat), default=1)
        chances = [[one.probability[min(i, len(one.probability) - 1)] for i in range(longest)]
                   for _, one in flat]  # fmt: skip
        by_group = [[one.probability_by_group.get(g, np.nan) for g in self._groups]
                    for _, one in flat]  # fmt: skip
        return {
            "return_from": offsets(each),
            "return_when": _ints(
                sum(1 << ENDINGS.index(ending) for ending in endings_of(one)) for _, one in flat
            ),
            "return_type": _ints(
                self._scenario.type_index(one.type or kind.name) for kind, one in flat
            ),
            "return_most": _ints(one.at_most or ANY_NUMBER for _, one in flat),
            "return_delay": _ints(self._table.add(one.delay) for _, one in flat),
            "return_talk": _floats(one.talk_factor for _, one in flat),
            "return_patience": _floats(one.patience_factor for _, one in flat),
            "return_chance": np.array(chances, float).reshape(len(flat), longest),
            "return_chance_by_group": np.array(by_group, float).reshape(
                len(flat), len(self._groups)
            ),
        }

    def _solved(self) -> Arrays:
        return {
            "resolution": np.array(
                [[kind.resolution_by_group.get(g, kind.resolution) for g in self._groups]
                 for kind in self._kinds], float
            ),
        }  # fmt: skip

    def _brought(self) -> Arrays:
        talks = [self._talks(kind) for kind in self._kinds]
        return {
            "queue_of": _ints(queue_of(self._scenario, k) for k in range(len(self._kinds))),
            "patience_law": _ints(self._law(kind.patience) for kind in self._kinds),
            "wrap_law": _ints(self._law(kind.after_call_work) for kind in self._kinds),
            "balking": _floats(kind.balking for kind in self._kinds),
            "n_attributes": _ints([self._n_attributes]),
            "talk_from": offsets(talks),
            "talk_law": _ints(law for some in talks for law, _ in some),
            "talk_scale": _floats(scale for some in talks for _, scale in some),
            "width": _floats([self._scenario.horizon.interval]),
            "horizon": _floats([self._scenario.horizon.length]),
        }

    def _law(self, law: Law | None) -> int:
        return -1 if law is None else self._table.add(law)

    def _talks(self, kind: ContactType) -> list[tuple[int, float]]:
        """Law and scale of talk times, one of each or one per interval."""
        if kind.talk_time_by_group:
            return [(BY_GROUP, 1.0)]
        laws: Sequence[Law] = kind.talk_time_by_interval or [x for x in (kind.talk_time,) if x]
        scales = kind.talk_scale_by_interval or (1.0,)
        n = max(len(laws), len(scales)) if laws else 0
        return [(self._law(laws[i % len(laws)]), scales[i % len(scales)]) for i in range(n)]


def offsets(lists: Sequence[Sequence[Any]]) -> NDArray[np.int64]:
    """Where each list begins if they stand one behind the other, and the end of the last."""
    return np.cumsum([0, *map(len, lists)]).astype(np.int64)


def _ints(values: Any) -> NDArray[np.int64]:
    return np.array(list(values), np.int64)


def _floats(values: Any) -> NDArray[np.float64]:
    return np.array(list(values), np.float64)
