"""Making the Strawberry types of what is bound, once every type is known."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from collections.abc import Callable
from typing import Any

import strawberry

from hub.access.slices import SLICES
from hub.read.bind import (
    BINDING,
    DEFAULT_PAGE,
    MAX_PAGE,
    TYPES,
    BoundType,
    Id,
    Many,
    One,
    Scalar,
    described,
    hints,
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
    for bound_type in TYPES.values():
        _make_type(bound_type)


def _share_names(cls: type) -> None:
    module = sys.modules[cls.__module__]
    for other in TYPES.values():
        module.__dict__.setdefault(other.name, other.cls)


def _make_type(bound_type: BoundType) -> None:
    cls = bound_type.cls
    for name, annotation in hints(cls).items():
        setattr(cls, name, _field(bound_type, name, annotation))
    strawberry.type(cls, description=described(bound_type.en, bound_type.zh))


def _field(bound_type: BoundType, name: str, annotation: Any) -> Any:
    given = bound_type.cls.__dict__.get(name)
    if isinstance(given, dataclasses.Field):
        kind, en, zh, options = given.metadata["marker"]
        binding = relation_of(bound_type, name, annotation, kind, options)
        if isinstance(binding, One) and not _optional(annotation):
            _always_there(bound_type, name, binding)
        resolver: Any = list_resolver(binding.target) if isinstance(binding, Many) else None
        return strawberry.field(resolver=resolver, description=described(en, zh), metadata={BINDING: binding})
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
    return strawberry.field(
        description=described(column.info["en"], column.info["zh"]), metadata={BINDING: binding}
    )


def _optional(annotation: Any) -> bool:
    return "None" in str(annotation)


def _always_there(bound_type: BoundType, name: str, relation: One) -> None:
    """TypeError where a relation that is never null could be: no key, or a row outside the slice."""
    table, there = bound_type.table, TYPES[relation.target].table.name
    if any(table.c[column].nullable for column, _ in relation.pairs):
        raise TypeError(f"{bound_type.name}.{name}: its foreign key may be null, so it may be None")
    for role, slices in SLICES.items():
        target = slices.get(there)
        if table.name in slices and target is not None and target.rows and table.name not in target.within:
            raise TypeError(
                f"{bound_type.name}.{name}: may be outside the slice of {role}, so it may be None"
            )


def list_resolver(target: str) -> Callable[..., Any]:
    """Carries the arguments of a connection; the read engine answers, so it is never called."""
    bound_type = TYPES[target]

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    arguments: dict[str, tuple[Any, str]] = {
        "first": (int | None, f"Rows from the start, at most {MAX_PAGE}; {DEFAULT_PAGE} if absent — 前几条"),
        "after": (str | None, "Continue behind this cursor — 从此游标之后"),
        "last": (int | None, "Rows from the end — 后几条"),
        "before": (str | None, "Continue before this cursor — 到此游标之前"),
        "where": (bound_type.where | None, "Which rows — 筛选条件"),  # type: ignore[operator]
    }
    if bound_type.order is not None:
        arguments["order_by"] = (list[bound_type.order] | None, "Order — 排序")  # type: ignore[name-defined]
    return _with_arguments(resolver, arguments)


def root_one(by: str | None) -> Callable[..., Any]:
    """Carries the argument of a root field that finds one row."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    if by is None:
        return _with_arguments(resolver, {"id": (strawberry.ID, "Global id — 全局编号")}, required=True)
    return _with_arguments(resolver, {by: (str, "12-digit division code — 12 位区划代码")}, required=True)


def _with_arguments(
    resolver: Any, arguments: dict[str, tuple[Any, str]], *, required: bool = False
) -> Callable[..., Any]:
    resolver.__annotations__ = {
        name: typing.Annotated[annotation, strawberry.argument(description=text)]
        for name, (annotation, text) in arguments.items()
    }
    resolver.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if required else strawberry.UNSET,
                annotation=annotation,
            )
            for name, annotation in resolver.__annotations__.items()
        ]
    )
    return typing.cast("Callable[..., Any]", resolver)
