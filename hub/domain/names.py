"""One name in three forms: of a table, of its type, of a field or an argument. And the ids made of them."""

from __future__ import annotations

import re
from typing import Final

from hub.errors import BadArgument

HUMP: Final = re.compile("(?<!^)(?=[A-Z])")
NUMBER: Final = re.compile("[0-9]{1,18}")


def snake(name: str) -> str:
    """``contractStation`` and ``ContractStation`` as ``contract_station``."""
    return HUMP.sub("_", name).lower()


def pascal(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def parts_of(given: str, type_name: str, count: int) -> list[str]:
    """The ``count`` parts of a global id such as ``Beneficiary:450305:17``; BadArgument for anything else."""
    name, *parts = given.split(":")
    if name != type_name or len(parts) != count or not all(map(NUMBER.fullmatch, parts)):
        raise BadArgument(f"Expected an id of {type_name}.", zh=f"应为 {type_name} 的编号")
    return parts
