"""Records of arrays for compiled code, read without counting references.

A Numba ``structref`` counts a reference whenever it is passed on or a field is read, by an atomic
instruction; in the event loop that costs more than the events do. Here a compiled function is
lent a record: Python holds it, and so its arrays, for as long as the call runs, and no compiled
function puts another array into a field or returns one. So no count is needed, and the addresses
of the arrays may be taken to be the same for the whole call.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from llvmlite import ir
from numba import _dispatcher, _helperlib, typeof, types
from numba.core import cgutils
from numba.core.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    unbox,
)
from numba.core.typing.templates import AttributeTemplate
from numba.experimental.function_type import _get_jit_address, _get_wrapper_address

_WORD, _POINTER = ir.IntType(64), ir.IntType(8).as_pointer()
_BYTES = 8  # in a word
_ARRAY = 5  # words of an array before its shape and strides
_FUNCTION = 3  # words of a function
_helpers: Any = _helperlib
# writes Numba's view of an array to an address
_write_array = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_void_p)(
    _helpers.c_helpers["adapt_ndarray"]
)


class Lent(types.Type):
    """Numba's type of a lent record: the address of its fields, nothing to count.

    Parameters
    ----------
    kind : str
        Name of the kind of record.
    fields : tuple of (str, numba type)
    """

    def __init__(self, kind: str, fields: tuple[tuple[str, Any], ...]) -> None:
        self.fields = dict(fields)
        sizes = [_words(of) for of in self.fields.values()]
        self.n_words = sum(sizes)
        first = np.cumsum([0, *sizes[:-1]]).tolist()
        self.offsets = dict(zip(self.fields, (_BYTES * word for word in first), strict=True))
        # short, because the name of every compiled function repeats it, and compiling takes longer
        digest = hashlib.sha256(str(fields).encode()).hexdigest()[:16]
        super().__init__(name=f"Lent({kind}, {digest})")


def _words(of: Any) -> int:
    """Size of a field: an array, a function, or the address of another record."""
    if isinstance(of, types.Array):
        return _ARRAY + 2 * of.ndim
    return _FUNCTION if isinstance(of, types.FunctionType) else 1


@register_model(Lent)
class _LentModel(models.PrimitiveModel):  # type: ignore[misc, unused-ignore]
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _POINTER)


class Record:
    """A record in Python's hands; passed to a compiled function, it is lent to it.

    Parameters
    ----------
    *values : array, Record or compiled function
        Of the fields, in their order.
    """

    __slots__ = ("_numba_type_", "_values", "_words", "address")
    fields: ClassVar[tuple[str, ...]]
    functions: ClassVar[dict[str, Any]]  # types of the fields that are functions
    known: ClassVar[dict[Any, Lent]]  # by what tells the types of the values

    def __init__(self, *values: Any) -> None:
        kind = self._kind_of(values)
        words = np.empty(kind.n_words, np.int64)
        self._numba_type_, self._values, self._words = kind, values, words
        self.address = address = words.ctypes.data
        for value, (name, offset) in zip(values, kind.offsets.items(), strict=True):
            if isinstance(value, np.ndarray):
                _write_array(value, address + offset)
            elif isinstance(value, Record):
                words[offset // _BYTES] = value.address
            else:
                first = offset // _BYTES
                words[first : first + _FUNCTION] = _addresses(value, self.functions[name])

    def _kind_of(self, values: tuple[Any, ...]) -> Lent:
        try:
            key = _dispatcher.compute_fingerprint(values)
        except NotImplementedError:  # other records or functions are among them
            return self._new_kind(values)
        kind = self.known.get(key)
        if kind is None:
            kind = self.known[key] = self._new_kind(values)
        return kind

    def _new_kind(self, values: tuple[Any, ...]) -> Lent:
        kinds = [
            self.functions[name] if name in self.functions else _type_of(value)
            for name, value in zip(self.fields, values, strict=True)
        ]
        return Lent(type(self).__name__, tuple(zip(self.fields, kinds, strict=True)))


def _type_of(value: Any) -> Any:
    return value._numba_type_ if isinstance(value, Record) else typeof(value)


def _addresses(function: Any, of: Any) -> tuple[int, int, int]:
    """What Numba keeps of a compiled function that is a value."""
    return (
        _get_wrapper_address(function, of.signature),
        id(function),
        _get_jit_address(function, of.signature),
    )


def kind_of_record(name: str, fields: Sequence[str], functions: dict[str, Any]) -> type[Record]:
    """Define a kind of record by its fields, with the types of those that are functions."""
    of_kind = {"__slots__": (), "fields": tuple(fields), "functions": functions, "known": {}}
    return type(name, (Record,), of_kind)


@unbox(Lent)
def _unbox(typ: Any, record: Any, c: Any) -> Any:
    number = c.pyapi.object_getattr_string(record, "address")
    address = c.pyapi.long_as_voidptr(number)
    c.pyapi.decref(number)
    return NativeValue(address)


@infer_getattr
class _Fields(AttributeTemplate):  # type: ignore[misc, unused-ignore]
    key = Lent

    def generic_resolve(self, typ: Any, attr: str) -> Any:  # type: ignore[override]
        return typ.fields.get(attr)


@lower_getattr_generic(Lent)
def _read(context: Any, builder: Any, typ: Any, address: Any, attr: str) -> Any:
    of = typ.fields[attr]
    place = builder.gep(address, [_WORD(typ.offsets[attr])], inbounds=True)
    kind = context.data_model_manager[of].get_value_type()
    value = _load_unchanging(builder, builder.bitcast(place, kind.as_pointer()))
    return _without_owner(context, builder, of, value) if isinstance(of, types.Array) else value


def _without_owner(context: Any, builder: Any, of: Any, value: Any) -> Any:
    """The array as compiled code may read and write it; counting its references does nothing."""
    array = context.make_array(of)(context, builder, value=value)
    array.meminfo = cgutils.get_null_value(array.meminfo.type)
    array.parent = cgutils.get_null_value(array.parent.type)
    return array._getvalue()


def _load_unchanging(builder: Any, place: Any) -> Any:
    """Load what no store of this call changes, so that it need not be loaded again."""
    load = builder.load(place)
    load.set_metadata("invariant.load", builder.module.add_metadata([]))
    return load
