"""Making the Strawberry types of what is bound, once every type is known."""

from __future__ import annotations

import sys
from typing import Any

import strawberry

from hub.access.slices import SLICES
from hub.access.writable import VERSIONED
from hub.read.aggregates import aggregate_type, group_keys
from hub.read.arguments import aggregate_resolver, list_resolver
from hub.read.bind import (
    BINDING,
    TYPES,
    BoundType,
    Counted,
    Id,
    Made,
    Many,
    Node,
    Number,
    One,
    Quoted,
    Scalar,
    Version,
    described,
    hints,
    marked,
    relation_of,
)
from hub.read.filters import fill_where, order_input, where_shell


def finish() -> None:
    """Turn every bound class into its Strawberry type; names resolve across modules from here on."""
    for bound_type in TYPES.values():
        _share_names(bound_type.cls)
    for bound_type in TYPES.values():
        bound_type.where, bound_type.order = where_shell(bound_type), order_input(bound_type)
    for bound_type in TYPES.values():
        fill_where(bound_type)
        bound_type.group_keys = group_keys(bound_type)
        bound_type.aggregate = aggregate_type(bound_type)
    for bound_type in TYPES.values():
        _make_type(bound_type)


def _share_names(cls: type) -> None:
    module = sys.modules[cls.__module__]
    for other in TYPES.values():
        module.__dict__.setdefault(other.name, other.cls)


def _make_type(bound_type: BoundType) -> None:
    cls = bound_type.cls
    for name, annotation in list(hints(cls).items()):
        marker, made = marked(cls, name), _field(bound_type, name, annotation)
        setattr(cls, name, made)
        if marker is not None and isinstance(made.metadata[BINDING], Many):
            _add_numbers(cls, name, made.metadata[BINDING], *marker[1:3])
    strawberry.type(cls, description=described(bound_type.en, bound_type.zh))
    if "id" in hints(cls):
        cls.__strawberry_definition__.interfaces.append(  # type: ignore[attr-defined]
            Node.__strawberry_definition__  # type: ignore[attr-defined]
        )


def _add_numbers(cls: type, name: str, relation: Many, en: str, zh: str) -> None:
    """``visits_aggregate`` beside ``visits``."""
    aggregate = TYPES[relation.target].aggregate
    made = strawberry.field(
        resolver=aggregate_resolver(relation.target),
        graphql_type=aggregate,
        description=described(f"How many, and of which kinds: {en}", f"计数：{zh}"),
        metadata={BINDING: Counted(relation)},
    )
    cls.__annotations__[f"{name}_aggregate"] = aggregate
    setattr(cls, f"{name}_aggregate", made)


def _field(bound_type: BoundType, name: str, annotation: Any) -> Any:
    marker = marked(bound_type.cls, name)
    if marker is not None:
        kind, en, zh, options = marker
        if kind == "quoted":
            quoted = Quoted(name, options["named"], options["of"].name)
            return strawberry.field(description=described(en, zh), metadata={BINDING: quoted})
        if kind == "made":
            made = Made(name, options["columns"], options["make"])
            return strawberry.field(description=described(en, zh), metadata={BINDING: made})
        if kind == "number":
            number = Number(name, options["counts"])
            return strawberry.field(description=described(en, zh), metadata={BINDING: number})
        binding = relation_of(bound_type, name, annotation, kind, options)
        if isinstance(binding, One) and not _optional(annotation):
            _always_there(bound_type, name, binding)
        resolver: Any = list_resolver(binding.target) if isinstance(binding, Many) else None
        return strawberry.field(resolver=resolver, description=described(en, zh), metadata={BINDING: binding})
    if name == "version" and name not in bound_type.table.c:
        if bound_type.table.name not in VERSIONED:
            raise TypeError(f"{bound_type.name}: nobody may change it, so it has no version")
        said = described("Version of the record, which an update gives back", "版本，修改时须原样带回")
        return strawberry.field(description=said, metadata={BINDING: Version()})
    if name == "id":
        return strawberry.field(
            description=described("Opaque, stable id", "全局编号"), metadata={BINDING: Id()}
        )
    return _scalar(bound_type, name)


def _scalar(bound_type: BoundType, name: str) -> Any:
    column = bound_type.table.c.get(name)
    if column is None:
        raise TypeError(f"{bound_type.name}.{name}: {bound_type.table.name} has no such column")
    if column.info["group"] == "internal":
        raise TypeError(f"{bound_type.name}.{name} is an internal column and cannot be shown")
    if bool(column.nullable) != _optional(hints(bound_type.cls)[name]):
        raise TypeError(f"{bound_type.name}.{name}: nullability differs from the column's")
    binding = Scalar(name, bool(column.info.get("sealed")))
    en, zh = column.info["en"], column.info["zh"]
    return strawberry.field(description=described(en, zh), metadata={BINDING: binding})


def _optional(annotation: Any) -> bool:
    return "None" in str(annotation)


def _always_there(bound_type: BoundType, name: str, relation: One) -> None:
    """TypeError where a relation that is never null could be: no key, or a row outside the slice."""
    table, there = bound_type.table, TYPES[relation.target].table.name
    if any(table.c[column].nullable for column, _ in relation.pairs):
        raise TypeError(f"{bound_type.name}.{name}: its foreign key may be null, so it may be None")
    for role, slices in SLICES.items():
        target = slices.get(there)
        if table.name in slices and target is not None and target.within.get(table.name, target.rows):
            raise TypeError(
                f"{bound_type.name}.{name}: may be outside the slice of {role}, so it may be None"
            )
