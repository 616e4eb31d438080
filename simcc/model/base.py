"""What every part of a scenario shares: frozen, keyword-only, every problem reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, NoReturn, Self, TypeVar

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    Tag,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from simcc.errors import Problem, ScenarioError
from simcc.model.messages import TAG, half_characters, problems_of
from simcc.model.sketch import NotKnown, sketch
from simcc.periods import seconds

LARGEST = 1e12  # of any number in a scenario; beyond it a unit is wrong
SMALLEST = 1e-9  # of what must be more than 0
LONGEST_LIST = 10_000_000
MOST_AGENTS = 1_000_000

# Looks at a part, or at what could be understood of it, and names what does not fit together.
Rule = Callable[[Any], Iterator[Problem]]


class Part(BaseModel):
    """Base of every class that describes a scenario.

    Objects cannot be changed; :meth:`replace` makes a changed copy. Wrong values raise
    :class:`simcc.errors.ScenarioError` with every problem of the object.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        serialize_by_alias=True,
        protected_namespaces=(),
    )

    rules: ClassVar[tuple[Rule, ...]] = ()
    """Checks on how the fields fit together; each uses fields only, no methods."""
    units: ClassVar[Mapping[str, str]] = {}
    """Units of fields whose names mean something else in other parts."""

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise ScenarioError(problems_of(error, type(self), data)) from None

    # Nested parts are then validated without this constructor, so that one report has them all.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="wrap")
    @classmethod
    def _all_problems_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Validate; where fields are wrong, still apply the rules to those that are right."""
        if isinstance(data, cls):
            return handler(data)
        try:
            part = handler(data)
        except ValidationError as error:
            found = problems_of(error, cls, data)
            raise ScenarioError([*found, *cls._broken_rules(sketch(cls, data))]) from None
        except UnicodeError:
            raise ScenarioError(half_characters(data)) from None
        problems = list(cls._broken_rules(part))
        if problems:
            raise ScenarioError(problems)
        return part

    @classmethod
    def _broken_rules(cls, part: Any) -> Iterator[Problem]:
        for rule in cls.rules:
            try:
                yield from rule(part)
            except NotKnown:
                continue

    @classmethod
    def file_fields(cls) -> list[str]:
        """Names of the fields as files write them."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again.

        Examples
        --------
        >>> from simcc.model import Exponential
        >>> Exponential(mean="3min").replace(mean=60)
        Exponential(kind='exponential', mean=60.0)
        """
        fields = type(self).model_fields.items()
        old = {field.alias or name: getattr(self, name) for name, field in fields}
        return type(self)(**{**old, **changes})

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, field in type(self).model_fields.items():
            yield field.alias or name, getattr(self, name)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Like pydantic's, but an update is validated; prefer :meth:`replace`."""
        return self.replace(**update) if update else super().model_copy(deep=deep)


class FrozenDict(dict[str, Any]):
    """A dict that cannot be changed, so that a part can be hashed and shared."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a part of a scenario cannot be changed; use .replace(...)")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = _refuse
    __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def plain(value: Any) -> Any:
    """A NumPy scalar as the Python number it holds; anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def as_tuple(value: Any) -> Any:
    """A list, array, Series or range as a tuple; anything else as it is."""
    if isinstance(value, str | bytes | Mapping | tuple):
        return value
    if hasattr(value, "tolist") and not isinstance(value, np.generic):
        value = value.tolist()
    if isinstance(value, Sequence) and len(value) <= LONGEST_LIST:
        return tuple(value)
    return value


def _as_seconds(value: Any) -> Any:
    if isinstance(value, float):
        return value
    if isinstance(value, bool):
        raise ValueError(f"is {str(value).lower()}; must be a duration, not true or false")
    if value is None or isinstance(value, list | tuple | Mapping):
        return value
    return seconds(value)


def _check_name(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError(f"is {name!r}; a name has printable characters, no blanks at its ends")
    return name


def _check_small(value: float) -> float:
    if value < SMALLEST:
        raise ValueError(f"is {value:g}; must be at least {SMALLEST:g}")
    return value


_NUMBER_OR_TEXT = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}]}
_T = TypeVar("_T")

Text = Annotated[str, Field(strict=True, max_length=200)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=200), AfterValidator(_check_name)]
Number = Annotated[float, Field(strict=True, ge=-LARGEST, le=LARGEST), BeforeValidator(plain)]
Positive = Annotated[
    float,
    Field(strict=True, gt=0, le=LARGEST),
    AfterValidator(_check_small),
    BeforeValidator(plain),
]
Probability = Annotated[float, Field(strict=True, ge=0, le=1), BeforeValidator(plain)]
Share = Annotated[float, Field(strict=True, ge=0.01, le=1), BeforeValidator(plain)]
Variation = Annotated[float, Field(strict=True, ge=0.001, le=100), BeforeValidator(plain)]
Integer = Annotated[int, Field(strict=True, ge=-(10**9), le=10**9), BeforeValidator(plain)]
Count = Annotated[int, Field(strict=True, ge=0, le=10**9), BeforeValidator(plain)]
PositiveCount = Annotated[int, Field(strict=True, ge=1, le=10**9), BeforeValidator(plain)]
HeadCount = Annotated[int, Field(strict=True, ge=0, le=MOST_AGENTS), BeforeValidator(plain)]
Flag = Annotated[bool, Field(strict=True), BeforeValidator(plain)]
Amount = Annotated[float, Field(strict=True, ge=0, le=1e9), BeforeValidator(plain)]
Rate = Annotated[float, Field(strict=True, ge=0, le=1e9), BeforeValidator(plain)]
Duration = Annotated[
    float,
    Field(strict=True, ge=0, le=LARGEST),
    BeforeValidator(_as_seconds),
    WithJsonSchema(_NUMBER_OR_TEXT),
]
PositiveDuration = Annotated[
    float,
    Field(strict=True, gt=0, le=LARGEST),
    AfterValidator(_check_small),
    BeforeValidator(_as_seconds),
    WithJsonSchema(_NUMBER_OR_TEXT),
]
Many = Annotated[tuple[_T, ...], Field(strict=True), BeforeValidator(as_tuple)]
Table = Annotated[dict[Name, _T], AfterValidator(FrozenDict), PlainSerializer(dict)]


def tag(kind: str) -> Tag:
    """Mark a member of a union of parts that are told apart by their ``kind``.

    Errors inside the union carry the mark in their path, so that messages can leave it out.
    """
    return Tag(f"{TAG}{kind}")


def _tag_of(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)
    return f"{TAG}{kind}"


BY_KIND = Discriminator(_tag_of)
