"""Whether two scenarios can be assessed: comparable, and one of them has a bot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simcc.errors import Problem, ScenarioError
from simcc.experiments.fit import mismatches
from simcc.model import Scenario
from simcc.model.messages import shown


def check_pair(without: Any, with_: Any) -> None:
    """Raise ScenarioError with everything that makes two scenarios incomparable."""
    for name, one in (("without", without), ("with_", with_)):
        if not isinstance(one, Scenario):
            raise ScenarioError([Problem(name, f"is {shown(one)}; must be a simcc.Scenario")])
    problems = [*mismatches("with_", with_, "without", without), *_bots(with_)]
    if problems:
        raise ScenarioError(problems)


def _bots(with_: Scenario) -> Iterator[Problem]:
    if not any(kind.bot for kind in with_.contact_types):
        where = "with_.bots" if not with_.bots else "with_.contact_types"
        message = "are none" if not with_.bots else "name no bot"
        yield Problem(where, f"{message}; must have a bot in front of at least one contact type")
