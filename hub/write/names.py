"""One name in three forms: of a table, of its type, of a field or an argument."""

from __future__ import annotations

import re
from typing import Final

HUMP: Final = re.compile("(?<!^)(?=[A-Z])")


def snake(name: str) -> str:
    """``contractStation`` and ``ContractStation`` as ``contract_station``."""
    return HUMP.sub("_", name).lower()


def pascal(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def camel(name: str) -> str:
    made = pascal(name)
    return made[:1].lower() + made[1:]
