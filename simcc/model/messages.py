"""From pydantic's errors to problems in the user's words."""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from simcc.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from simcc.model.base import Part

TAG = "\x1f"  # marks the kind of a union's member in a path; cannot occur in a name
MOST_COMPARED = 700  # names that a misspelt one is compared with
DEEPEST = 20  # tables in tables; a scenario has fewer
UNREADABLE = object()  # stands where a table could not be read: that is reported elsewhere
_SECONDS = (
    *("mean", "value", "low", "high", "scale", "loc", "values", "means", "talk_time", "patience"),
    *("after_call_work", "session_time", "phase_means", "length", "interval", "warmup", "cooldown"),
    *("within", "delay", "after", "start", "end", "times", "edges", "breaks", "thresholds"),
    *("escalation_time", "latency", "dial_time", "wrong_party_time", "retry_delay", "hours"),
)
_SHARES = (
    *("balking", "contained", "gives_up", "share", "solves", "accepts", "answers"),
    *("probability", "probability_by_group", "resolution", "resolution_by_group"),
    *("misrouted", "right_party", "right_party_by_interval", "wrong_party"),
    *("wrong_party_by_interval", "mismatch_limit"),
)
_MONEY = ("cost_per_contact", "cost_per_session", "cost_per_minute", "cost_per_hour")
UNITS = {
    **dict.fromkeys(_SECONDS, "seconds"),
    **dict.fromkeys(("rate_per_hour", "rates_per_hour"), "contacts per hour"),
    **dict.fromkeys(("agents", "counts", "after_last"), "agents"),
    **dict.fromkeys(("queue_capacity", "lines"), "contacts"),
    "sessions_per_minute": "sessions per minute",
    **dict.fromkeys(_SHARES, "a probability or share"),
    **dict.fromkeys(_MONEY, "money"),
}


_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def printable(text: str, most: int | None = 60) -> str:
    """One line of text that any terminal shows, cut to a number of characters, if there is one.

    Examples
    --------
    >>> printable("two" + chr(10) + "lines"), printable("long", most=3)
    ('two\\\\nlines', '...')
    """
    if most is not None and len(text) > most:
        text = text[: most - 3] + "..."
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def shown(value: Any) -> str:
    """A value as a person would write it, cut to a readable length.

    Examples
    --------
    >>> shown(True), shown("abc"), shown(3.5)
    ('true', '"abc"', '3.5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if value is None or isinstance(value, int | float | list | tuple | Mapping):
        try:
            return printable(_SHORT.repr(list(value) if isinstance(value, tuple) else value), 80)
        except ValueError:  # an integer too long to print
            return "a very long number"
    return str(value) if isinstance(value, date) else f"a {type(value).__name__}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """A hint that names the closest known word, or all of them if none is close.

    Examples
    --------
    >>> suggestion("patiense", ["patience", "priority"])
    'did you mean "patience"?'
    """
    some = list(islice(known, MOST_COMPARED))
    close = difflib.get_close_matches(name[:200], some, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{printable(close[0])}"?'
    return f"allowed: {printable(', '.join(some), 300) or 'nothing'}"


def problems_of(error: ValidationError, part: type[Part], data: Any) -> tuple[Problem, ...]:
    """Problems of a part that pydantic refused; ``data`` is what it was made from.

    The parts inside it have told their own problems; their places are joined to this part's.
    """
    return tuple(dict.fromkeys(_problems(error, part, data)))


def _problems(error: ValidationError, part: type[Part], data: Any) -> Iterator[Problem]:
    for found in error.errors(include_url=False):
        if found["input"] is UNREADABLE or _only_follows(found):
            continue
        inner = found.get("ctx", {}).get("error")
        place = place_of(found["loc"], data)
        if isinstance(inner, ScenarioError):
            yield from (Problem(_join(place, p.place), p.message) for p in inner.problems)
        else:
            yield Problem(place, _message(found, part))


def half_characters(data: Any) -> list[Problem]:
    """Every text with half of a surrogate pair, which is no Unicode and which pydantic refuses."""
    return [
        Problem(place_of(path, data), f"has {shown(text)}; must be Unicode text")
        for path, text in _texts(data, ())
        if any("\ud800" <= one <= "\udfff" for one in text)
    ]


def _texts(data: Any, path: tuple[int | str, ...]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """All texts in nested tables and lists, with their paths."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, Mapping) and len(path) < DEEPEST:
        for key, value in data.items():
            if isinstance(key, str):
                yield (*path, key), key
                yield from _texts(value, (*path, key))
    elif isinstance(data, list | tuple) and len(path) < DEEPEST:
        for i, value in enumerate(data):
            yield from _texts(value, (*path, i))


def _only_follows(found: Any) -> bool:
    """Whether a list is too short only because its entries are wrong, which is told already."""
    given = found["input"]
    return (
        found["type"] == "too_short"
        and isinstance(given, list | tuple)
        and len(given) >= found["ctx"]["min_length"]
    )


def _join(place: str, rest: str) -> str:
    if not place or not rest or rest.startswith("["):
        return place + rest
    return f"{place}.{rest}"


def place_of(loc: Sequence[int | str], data: Any = None) -> str:
    """A path in the user's words: parts that have a name are called by it.

    Examples
    --------
    >>> place_of(("bots", 0, "contained"), {"bots": [{"name": "helper"}]})
    'bots["helper"].contained'
    """
    text = ""
    for step in loc:
        if isinstance(step, str) and step.startswith(TAG):
            continue
        data = _child(data, step)
        if isinstance(step, int):
            name = _child(data, "name")
            named = isinstance(name, str) and name
            text += f'["{printable(name)}"]' if named else f"[{step}]"
        elif step != "[key]":
            text += f".{printable(step)}" if text else printable(step)
    return text


def _child(data: Any, step: int | str) -> Any:
    if isinstance(step, int):
        inside = isinstance(data, list | tuple) and step < len(data)
        return data[step] if inside else None
    if isinstance(data, Mapping):
        return data.get(step)
    return getattr(data, step, None) if hasattr(type(data), "model_fields") else None


def _message(found: Any, part: type[Part]) -> str:
    kind, value, ctx = found["type"], found["input"], found.get("ctx", {})
    names = [step for step in found["loc"] if isinstance(step, str) and not step.startswith(TAG)]
    if kind == "missing":
        return "is missing" + _unit(names, part)
    if kind == "extra_forbidden" and names:
        others = [name for name in part.file_fields() if name != names[-1]]
        return f"is not a field here; {suggestion(names[-1], others)}"
    if kind == "union_tag_invalid":
        return _wrong_kind(ctx)
    if kind == "value_error":
        return printable(str(ctx["error"]), 500)
    if kind == "too_short":
        return f"is {shown(value)}; must have at least {ctx['min_length']} entries"
    if kind == "too_long":
        return f"is {shown(value)}; must have at most {ctx['max_length']} entries"
    allowed = _allowed(kind, ctx)
    if allowed is None:
        return f"is {shown(value)}; {found['msg'].lower().replace('input should be', 'must be')}"
    return f"is {shown(value)}; must be {allowed}" + _unit(names, part)


def _wrong_kind(ctx: Mapping[str, Any]) -> str:
    kind = ctx["tag"].replace(TAG, "")
    known = re.findall(r"\w+", ctx["expected_tags"].replace(TAG, "").replace("\\x1f", ""))
    if kind == "None":
        return f"names no kind; allowed: {', '.join(known)}"
    return f"has kind {shown(kind)}; {suggestion(kind, known)}"


def _unit(names: Sequence[str], part: type[Part]) -> str:
    units = {**UNITS, **part.units}
    unit = next((units[name] for name in reversed(names[-2:]) if name in units), None)
    return f" (unit: {unit})" if unit else ""


def _allowed(kind: str, ctx: Mapping[str, Any]) -> str | None:
    """What a field accepts, by pydantic's name of the error."""
    fixed = {
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a finite number",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "int_parsing_size": "a whole number of sensible size",
        "string_type": "text",
        "string_too_short": "text of at least one character",
        "tuple_type": "a list",
        "dict_type": "a table",
        "mapping_type": "a table",
        "model_type": "a table of fields",
        "model_attributes_type": "a table of fields",
        "bool_type": "true or false",
    }
    limits = {"greater_than_equal": ("at least", "ge"), "greater_than": ("more than", "gt"),
              "less_than_equal": ("at most", "le"), "less_than": ("less than", "lt")}  # fmt: skip
    if kind in limits:
        word, key = limits[kind]
        return f"{word} {ctx[key]:g}"
    if kind == "literal_error":
        return f"one of {ctx['expected']}"
    return fixed.get(kind)
