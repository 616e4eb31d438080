"""What can be understood of a part that has problems, so that all of them are found at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError


class NotKnown(Exception):
    """A rule asked for something that could not be understood; that is reported already."""


class Sketch:
    """The fields of a part that are right; asking for another one raises :class:`NotKnown`."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> Any:
        raise NotKnown(name)


def sketch(part: type[BaseModel], data: Any) -> Any:
    """Read each field by itself; inside lists and tables of parts, each part by itself.

    Parameters
    ----------
    part : class
        What the data should describe.
    data : object
        Anything.

    Returns
    -------
    Sketch or part
    """
    if isinstance(data, part):
        return data
    if not isinstance(data, Mapping):
        return Sketch({})
    known = {}
    for name, field in part.model_fields.items():
        key = field.alias or name
        if key not in data:
            if not field.is_required():
                known[name] = field.get_default(call_default_factory=True)
            continue
        try:
            known[name] = _adapter(part, name).validate_python(data[key])
        except (ValidationError, UnicodeError):
            try:
                known[name] = _inside(field.annotation, data[key])
            except NotKnown:
                continue
    return Sketch(known)


@lru_cache(maxsize=256)
def _adapter(part: type[BaseModel], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(part.model_fields[name].rebuild_annotation())


def _inside(annotation: Any, value: Any) -> Any:
    """Sketch the parts in a list, a table or by themselves."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is tuple and isinstance(value, list | tuple) and value:
        return tuple(_one(inner[0], each) for each in value)
    if origin is dict and isinstance(value, Mapping):
        named = {key: one for key, one in value.items() if _is_name(key)}
        return {key: _one(inner[1], one) for key, one in named.items()}
    return _one(annotation, value)


def _is_name(key: Any) -> bool:
    return isinstance(key, str) and key.isprintable()


def _one(annotation: Any, value: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        try:
            return annotation.model_validate(value)
        except (ValidationError, UnicodeError):
            return sketch(annotation, value)
    if hasattr(annotation, "__metadata__"):  # Annotated[...]
        return _inside(get_args(annotation)[0], value)
    raise NotKnown
