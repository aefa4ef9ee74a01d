"""How a mutation is declared: what it shows, the verb that does it, the scope it needs, who has it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final, get_args

import strawberry

from hub.access.mutation import ITEMS
from hub.read import bind
from hub.read.arguments import with_arguments
from hub.read.bind import BINDING, ITEM, MAX_ITEMS
from hub.write import emergency
from hub.write.each import perform_each
from hub.write.refused import attempt
from hub.write.work import Key, perform

KEY: Final = {
    "key": (
        str | None,
        "Your own key, 1 to 64 characters: a repeat shows the same record and does nothing — 幂等键",
    )
}

VERSION: Final = {
    "version": (
        str | None,
        "Version you read; STALE where it has moved on — 读取时的版本，已被更改则不予办理",
    )
}

QUESTIONS: Final[dict[Callable[..., Awaitable[Key]], int]] = {emergency.open_access: emergency.MOST_PEOPLE}
"""Persons a verb asks about by their numbers, at most. That it was refused is written down."""


def does(
    target: str,
    verb: Callable[..., Awaitable[Key]],
    act: str,
    roles: tuple[str, ...],
    en: str,
    zh: str,
    **arguments: tuple[Any, str],
) -> Any:
    """``verb`` takes the arguments; ``act``: scope it needs. Null where the record may not be seen then."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    do = attempt if verb in QUESTIONS else perform
    made = bind.Written(target, partial(do, verb), act, frozenset(roles), QUESTIONS.get(verb, 0))
    return strawberry.field(
        resolver=with_arguments(resolver, {**arguments, **KEY}),
        description=bind.described(en, zh),
        metadata={BINDING: made},
    )


def does_each(
    target: str,
    verb: Callable[..., Awaitable[Key]],
    act: str,
    roles: tuple[str, ...],
    one: str,
    zh: str,
    **arguments: tuple[Any, str],
) -> Any:
    """The verb of the mutation ``one`` for many: each item has its arguments and a key of its own."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    item = _item(f"{one[0].upper()}{one[1:]}{ITEM}", zh, {**arguments, **KEY})
    en = f"{one} of up to {MAX_ITEMS:,}, each by itself, in this order; one that fails is null, with an error"
    items = {ITEMS: (list[item], f"At most {MAX_ITEMS:,} — 逐项办理的内容")}  # type: ignore[valid-type]
    return strawberry.field(
        resolver=with_arguments(resolver, items),
        description=bind.described(en, f"批量{zh}，逐项办理，次序不变；未办成的为空并附错误"),
        metadata={
            BINDING: bind.WrittenEach("ids", target, partial(perform_each, verb, one), act, frozenset(roles))
        },
    )


def _item(name: str, zh: str, arguments: Mapping[str, tuple[Any, str]]) -> type:
    members: dict[str, Any] = {"__annotations__": {each: given for each, (given, _) in arguments.items()}}
    for each, (given, text) in arguments.items():
        default = {"default": strawberry.UNSET} if type(None) in get_args(given) else {}
        members[each] = strawberry.field(description=text, **default)
    return strawberry.input(type(name, (), members), description=bind.described("One of many", f"{zh}，一项"))
