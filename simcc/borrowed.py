"""Records of arrays for compiled code, read without counting references.

A Numba ``structref`` counts a reference whenever it is passed on or a field is read, by an atomic
instruction; in the event loop that costs more than the events do. Here a compiled function is
lent a record: Python holds it, and so its arrays, for as long as the call runs, and no compiled
function puts another array into a field or returns one. So no count is needed, and the addresses
of the arrays may be taken to be the same for the whole call.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import typeof, types
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
from numba.experimental import structref

_WORD, _POINTER = ir.IntType(64), ir.IntType(8).as_pointer()
_OWNER = ir.LiteralStructType([_WORD, _POINTER, _POINTER, _POINTER, _WORD])  # Numba's MemInfo
_DATA = 3  # its pointer to the fields


class Lent(types.Type):
    """Numba's type of a lent record: the address of its fields, nothing to count."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        # short, because the name of every compiled function repeats it, and compiling takes longer
        fields = hashlib.sha256(str(owner).encode()).hexdigest()[:16]
        super().__init__(name=f"Lent({type(owner).__name__}, {fields})")


@register_model(Lent)
class _LentModel(models.PrimitiveModel):  # type: ignore[misc, unused-ignore]
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _POINTER)


class Record:
    """A record in Python's hands; passed to a compiled function, it is lent to it."""

    __slots__ = ("_numba_type_", "address", "owner")

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        self.address = owner._meminfo.data
        self._numba_type_ = Lent(owner._numba_type_)


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
        of = typ.owner.field_dict.get(attr)
        return Lent(of) if isinstance(of, types.StructRef) else of


@lower_getattr_generic(Lent)
def _read(context: Any, builder: Any, typ: Any, address: Any, attr: str) -> Any:
    of = typ.owner.field_dict[attr]
    model = context.data_model_manager[typ.owner.get_data_type()]
    # by its offset: code that spelt out the type of the whole record would be long to compile
    position = model.get_field_position(attr)
    offset = model.get_value_type().get_element_offset(context.target_data, position)
    place = builder.gep(address, [_WORD(offset)], inbounds=True)
    kind = context.data_model_manager[of].get_value_type()
    value = _load_unchanging(builder, builder.bitcast(place, kind.as_pointer()))
    if isinstance(of, types.Array):
        return _without_owner(context, builder, of, value)
    if isinstance(of, types.StructRef):
        inner = cgutils.create_struct_proxy(of)(context, builder, value=value).meminfo
        inner = builder.bitcast(inner, _OWNER.as_pointer())
        return _load_unchanging(builder, cgutils.gep_inbounds(builder, inner, 0, _DATA))
    return value


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


def owner_class(name: str, fields: Sequence[str], module: str) -> Any:
    """The ``structref`` that owns the arrays of a kind of record.

    Parameters
    ----------
    name : str
    fields : sequence of str
    module : str
        Name of the module that keeps the class under its name, so that it can be pickled.
    """
    kind = type(f"{name}Type", (types.StructRef,), {"__module__": module})
    kind = structref.register(kind)
    kind.preprocess_fields = _any_literal
    setattr(sys.modules[module], kind.__name__, kind)  # cached code finds the type by its name
    proxy = type(name, (structref.StructRefProxy,), {"__module__": module, "__slots__": ()})
    structref.define_constructor(proxy, kind, list(fields))
    structref.define_boxing(kind, proxy)
    return proxy


def _any_literal(self: Any, given: Any) -> Any:
    return tuple((field, types.unliteral(of)) for field, of in given)


def lending(make_owner: Any, last: Any = None) -> Callable[..., Record]:
    """A function that makes a record from the values of its fields, in their order.

    ``make_owner`` is compiled code that makes the owner; ``last`` the type of the last field.
    """

    def make(*values: Any) -> Record:
        owned = [value.owner if isinstance(value, Record) else value for value in values]
        if last is not None and not make_owner.signatures:
            kinds = [*map(typeof, owned[:-1]), last]
            make_owner.compile((types.StarArgTuple(kinds),))
            make_owner.disable_compile()
        return Record(make_owner(*owned))

    return make
