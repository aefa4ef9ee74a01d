"""Resolvers that carry the arguments of a field; the read engine answers, so none is ever called."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any

import strawberry

from hub.read.bind import DEFAULT_PAGE, MAX_PAGE, TYPES, BoundType
from hub.read.filters import AsOf
from hub.read.identifiers import arguments_of
from hub.tables import HISTORIES


def list_resolver(target: str) -> Callable[..., Any]:
    """The arguments of a connection."""
    bound_type = TYPES[target]

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    arguments: dict[str, tuple[Any, str]] = {
        "first": (int | None, f"Rows from the start, at most {MAX_PAGE}; {DEFAULT_PAGE} if absent — 前几条"),
        "after": (str | None, "Continue behind this cursor — 从此游标之后"),
        "last": (int | None, "Rows from the end — 后几条"),
        "before": (str | None, "Continue before this cursor — 到此游标之前"),
        **_where(bound_type),
    }
    if bound_type.table.name in HISTORIES:
        arguments["as_of"] = (AsOf | None, "As of a day and a moment — 按有效日与知悉时间回溯")
    if bound_type.order is not None:
        arguments["order_by"] = (list[bound_type.order] | None, "Order — 排序")  # type: ignore[name-defined]
    return with_arguments(resolver, arguments)


def aggregate_resolver(target: str) -> Callable[..., Any]:
    """The argument of an aggregate."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    return with_arguments(resolver, _where(TYPES[target]))


def changes_resolver(target: str) -> Callable[..., Any]:
    """The arguments of a stream of changes."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    after = (str | None, "Go on behind this position; from now on if absent — 从此位置之后，缺省为从现在起")
    return with_arguments(resolver, {"after": after, **_where(TYPES[target])})


def copy_resolver() -> Callable[..., Any]:
    """The arguments of a copy."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    since = (str | None, "Cursor of the page before; a first pull if absent — 上一页的游标，缺省为首次拉取")
    first = (int | None, "Entries of a page, 1 to 5000; 200 if absent — 每页条数，1 至 5000，缺省 200")
    return with_arguments(resolver, {"since": since, "first": first})


def _where(bound_type: BoundType) -> dict[str, tuple[Any, str]]:
    return {"where": (bound_type.where | None, "Which rows — 筛选条件")}  # type: ignore[operator]


def root_one(target: str) -> Callable[..., Any]:
    """The identifiers of a root field that finds one row; exactly one is given."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    return with_arguments(resolver, arguments_of(TYPES[target]))


def root_node(argument: str) -> Callable[..., Any]:
    """The argument of ``node`` or ``nodes``."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    one = (strawberry.ID, "Global id — 全局编号")
    several = (list[strawberry.ID], f"Global ids, at most {MAX_PAGE} — 全局编号")
    return with_arguments(resolver, {argument: one if argument == "id" else several})


def with_arguments(resolver: Any, arguments: Mapping[str, tuple[Any, str]]) -> Callable[..., Any]:
    """Those whose type has no null are required."""
    resolver.__annotations__ = {
        name: typing.Annotated[annotation, strawberry.argument(description=text)]
        for name, (annotation, text) in arguments.items()
    }
    resolver.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=strawberry.UNSET if type(None) in typing.get_args(given) else inspect.Parameter.empty,
                annotation=resolver.__annotations__[name],
            )
            for name, (given, _) in arguments.items()
        ]
    )
    return typing.cast("Callable[..., Any]", resolver)
