"""Search by name. Row-level security lets no index be read by the content of an array, so a function of the
owner's looks for the keys of rows, and the rows themselves stay under the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.domain.pinyin import LONGEST, Sought, sought
from hub.errors import BadArgument
from hub.read.leaves import Param, Request, value_of
from hub.read.plan import Leaf
from hub.read.text import Row

if TYPE_CHECKING:
    from hub.read.sql import Writer


def named(writer: Writer, row: Row, leaf: Leaf, driving: bool) -> str:
    """Where something else drives the query, ``coalesce`` makes it a filter, whose keys are found once."""
    row.readable.column("name")  # who may not be shown it may not search by it
    keys = [c.name for c in row.table.primary_key.columns]
    found = writer.alias()
    given = f"{writer.put(keys_param(leaf))}, {writer.put(piece_param(leaf))}"
    mine, theirs = (", ".join(f"{alias}.{name}" for name in keys) for alias in (row.alias, found))
    row.used.update(keys)
    test = f"({mine}) in (select {theirs} from {row.table.name}_named({given}) {found})"
    return test if driving else f"coalesce({test}, false)"


def keys_param(leaf: Leaf) -> Param:
    return Param(("sought", leaf), "text[]", lambda request: _sought(request, leaf).keys)


def piece_param(leaf: Leaf) -> Param:
    return Param(("piece", leaf), "text", lambda request: _sought(request, leaf).piece)


def _sought(request: Request, leaf: Leaf) -> Sought:
    text: Any = value_of(request, leaf)
    if "\0" in text:
        raise BadArgument("Expected text without the character U+0000.", zh="文本不得含 U+0000 字符")
    try:
        return sought(text)
    except ValueError:
        raise BadArgument(
            f"Expected a character or two letters of a name at least, and {LONGEST} at most.",
            zh=f"检索内容应为至少一个汉字或两个字母，至多 {LONGEST} 个字符",
        ) from None
