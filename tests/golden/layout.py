"""Generated SQL laid out for a reader: the same text, with line breaks where clauses begin."""

from __future__ import annotations

import re
from typing import Final

from hub.read.leaves import Param
from hub.read.plan import Leaf
from hub.read.sql import Statement

INDENT: Final = "  "
_PIECES: Final = re.compile(
    r"'(?:[^']|'')*'"  # a literal, which may hold anything
    r"|\(select|\(|\)"
    r"|(?<=\s)(?:from|where|order by|cross join lateral|join source|limit|having true)(?=\s|\))"
    r"| \|\| (?=',)"  # the next member of an object
)


def laid_out(text: str) -> str:
    """``text`` with a new line before each clause, deeper inside each sub-select."""
    open_: list[bool] = []  # parentheses, and whether each holds a sub-select

    def placed(found: re.Match[str]) -> str:
        word, depth = found.group(), sum(open_)
        if word[0] == "(":
            open_.append(word == "(select")
            return f"(\n{INDENT * (depth + 1)}select" if open_[-1] else word
        if word == ")":
            return f"\n{INDENT * (depth - 1)})" if open_.pop() else word
        if word[0] == "'" or (open_ and not open_[-1]):
            return word
        if word == " || ":
            return f"\n{INDENT * (depth + 1)}|| "
        return f"\n{INDENT * depth}{word}"

    return re.sub(r" +\n", "\n", _PIECES.sub(placed, text))


def described(statement: Statement) -> str:
    """The statement as a golden file holds it."""
    params = [f"-- ${i} {_named(param)} :: {param.cast}" for i, param in enumerate(statement.params, 1)]
    head = [f"-- reads {', '.join(statement.tables) or 'nothing'}"]
    if statement.marks:
        head.append("-- holds values to open or sign")
    return "\n".join([*head, *params, laid_out(statement.text)]) + "\n"


def _named(param: Param) -> str:
    key = param.key if isinstance(param.key, tuple) else (param.key,)
    return " ".join(_part(part) for part in key)


def _part(part: object) -> str:
    if isinstance(part, Leaf):
        return ".".join(["field", str(part.slot), *map(str, part.path)])
    return "default" if part is None else str(part)
