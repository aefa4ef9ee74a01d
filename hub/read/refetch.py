"""``node`` and ``nodes``, and what many items of a mutation were about: rows of any type by their global ids,
null where there is none to be seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from hub.errors import BadArgument
from hub.read import bind
from hub.read import plan as p
from hub.read.bind import MAX_ITEMS, MAX_PAGE, TYPES
from hub.read.leaves import Param, Request, value_of
from hub.read.plan import Leaf
from hub.read.standing import standing
from hub.read.text import Row, cast_of

if TYPE_CHECKING:
    from hub.read.sql import Writer

GLOBAL_ID: Final = re.compile("[A-Za-z]{1,40}(:[0-9]{1,18}){1,2}")
PARTS: Final = ("type", "first", "second")
"""Of a global id: its type, and one or two keys."""


def rows(writer: Writer, node: p.Rows) -> str:
    if node.relation.argument == "id":
        return _row(writer, node, [writer.put(part_param(node.ids, i, "text")) for i in range(3)])
    count = writer.put(count_param(node.ids, most_of(node)))
    given = writer.alias()
    items = writer.array(_row(writer, node, [f"{given}.{part}" for part in PARTS]), f"{given}.n")
    parts = ", ".join(writer.put(part_param(node.ids, i, "text[]")) for i in range(3))
    return (
        f"(select {items} from unnest({parts}) with ordinality {given}({', '.join(PARTS)}, n)"
        f" where {given}.n <= {count})"
    )


def _row(writer: Writer, node: p.Rows, parts: list[str]) -> str:
    branches = [
        f" when '{name}' then {_of_type(writer, name, child.fields, parts)}"
        for name, child in node.fields
        if isinstance(child, p.Nodes)
    ]
    return f"case {parts[0]}{''.join(branches)} else 'null' end"


def _of_type(writer: Writer, name: str, fields: p.Fields, parts: list[str]) -> str:
    table = TYPES[name].table
    row, keys = Row(writer.alias(), writer.readable(table.name)), list(table.primary_key.columns)
    # As bigint, whatever the width of the column: a number may be given that is none of its keys.
    given = [
        f"{part}{'' if cast_of(c) == 'text' else '::bigint'}"
        for c, part in zip(keys, parts[1:], strict=False)
    ]
    given[-1] = standing(writer, row, given[0], given[-1])
    tests = [f"{row.column(c.name)} = {part}" for c, part in zip(keys, given, strict=True)]
    if len(keys) == 1:
        tests.append(f"{parts[2]} is null")
    return writer.single(row, name, fields, tests + writer.visible(row, "its key"))


def most_of(node: p.Rows) -> int:
    """Rows it may be asked for."""
    return MAX_ITEMS if isinstance(node.relation, bind.WrittenEach) else MAX_PAGE


def part_param(leaf: Leaf, index: int, cast: str) -> Param:
    """Part ``index`` of the one id or of each."""

    def read(request: Request) -> Any:
        found = [parts[index] if index < len(parts) else None for parts in _split(request, leaf)]
        return found if cast == "text[]" else found[0]

    return Param(("node", leaf, index), cast, read)


def count_param(leaf: Leaf, most: int) -> Param:
    def read(request: Request) -> int:
        count = len(value_of(request, leaf))
        if count > most:
            raise BadArgument(f"Expected at most {most} of them.", zh=f"最多 {most} 项")
        return count

    return Param(("nodes", leaf), "int", read)


def _split(request: Request, leaf: Leaf) -> list[list[str]]:
    given = value_of(request, leaf)
    ids = given if isinstance(given, list) else [given]
    if not all(GLOBAL_ID.fullmatch(each) for each in ids):
        raise BadArgument("Expected ids as this hub gives them.", zh="应为本系统给出的全局编号")
    return [each.split(":") for each in ids]
