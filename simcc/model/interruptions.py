"""Interruptions: a contact, such as an e-mail, is set aside when a live one comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from simcc.errors import Problem
from simcc.model.base import Many, Name, Part, Rule


def _differ(part: Any) -> Iterator[Problem]:
    for i, name in enumerate(part.by):
        if name in part.by[:i]:
            yield Problem(f"by[{i}]", f'is "{name}", which is there already')


class Interruption(Part):
    """Who may interrupt the contacts of a type, and how these go on.

    A contact of a type in ``by`` that finds nobody idle, and nobody of its own type waiting, takes
    an agent, by the table of its own type, who is talking to a contact of this type: in the group
    of best rank, and there the one who began last. The contact set aside returns to the head of its
    queue, does not give up any more, and goes on when somebody takes it. Agents about to leave are
    not interrupted, nor after-call work, nor agents who may hold several contacts at once, nor
    anybody for a type that needs more than one idle agent of the group.

    Parameters
    ----------
    by : list of str
        Contact types.
    then : {"resume", "restart"}, default "resume"
        Goes on with the work that was left; or the work done so far is lost.

    Examples
    --------
    >>> Interruption(by=["voice"]).then
    'resume'
    """

    by: Many[Name] = Field(min_length=1)
    then: Literal["resume", "restart"] = "resume"
    rules: ClassVar[tuple[Rule, ...]] = (_differ,)
