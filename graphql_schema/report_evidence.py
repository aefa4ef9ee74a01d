"""Lists that prove a report: records that the viewer sees, of one contract or division, in a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import strawberry

from graphql_schema.access import NAMES
from graphql_schema.report_draft_types import DraftList, DraftRow
from hub.access.readable import readable
from hub.access.viewer import Capability
from hub.compliance.forms import EVIDENCE, STANDING, Column, Evidence
from hub.domain import vocabulary
from hub.read.beside import Question
from hub.read.bind import MAX_PAGE
from hub.tables import metadata

MOST_PAGES: Final = 5
MOST_ROWS: Final = MOST_PAGES * MAX_PAGE
"""Of a list. A bound of the hub's own: what is longer is handed in as an export, not as a report."""
PERSON: Final = ("beneficiary", "nameMasked")
NAMED_WITH: Final = "care"
"""Group without which a list names nobody: it tells who was visited, and why."""

Node = Mapping[str, Any]


def columns_of(capability: Capability, each: Evidence) -> Sequence[Column]:
    """Those the viewer may read; none where the viewer reads no such record."""
    return [column for column in each.columns if _shows(capability, each.table, column.path)]


def _shows(capability: Capability, table: str, path: Sequence[str]) -> bool:
    own = readable(capability, table)
    if own is None:
        return False
    if tuple(path) == PERSON and NAMED_WITH not in capability.groups:
        return False
    if len(path) > 1:
        pointed = _pointed(table, path[0])
        return _shows(capability, pointed, path[1:])
    name = _snake(path[0])
    return name not in own.table.c or own.shows(own.table.c[name])


def _pointed(table: str, field: str) -> str:
    """The table that a field leads to."""
    return {"operator": "contractor", "budgetLine": "budget_line"}.get(field, field)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def document_of(capability: Capability, each: Evidence, of: str) -> str | None:
    """The question for a page; None where nothing of it may be read."""
    columns = columns_of(capability, each)
    if not columns:
        return None
    told = " ".join(_selected(column.path) for column in columns)
    by = "contract { id }" if _is_by_contract(each, of) else ""
    page = f"{each.root}(first: {MAX_PAGE}, after: $after, where: $where)"
    return (
        f"query Evidence($where: {NAMES[each.table]}Where, $after: String) {{ {page} "
        f"{{ nodes {{ id {each.day} {by} {told} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )


def _selected(path: Sequence[str]) -> str:
    return path[0] if len(path) == 1 else f"{path[0]} {{ {_selected(path[1:])} }}"


def _where(
    each: Evidence, of: str, about: Mapping[str, str], first: dt.date, last: dt.date
) -> dict[str, Any]:
    where: dict[str, Any] = {"divisionCode": {"within": about["division"]}}
    if _is_by_contract(each, of):
        where = {"contract": {"number": {"eq": about["number"]}}}
    if each.searched:
        where[each.day] = {"gte": first.isoformat(), "lte": last.isoformat()}
    return where


async def list_of(
    context: Any, each: Evidence, of: str, about: Mapping[str, str], first: dt.date, last: dt.date
) -> DraftList | None:
    """``about``: ``id`` and ``number`` of the contract, code of its ``division``. None: may not be read."""
    capability = context.viewer.capability
    document = document_of(capability, each, of)
    if document is None:
        return None
    found, after, more = [], None, True
    for _ in range(MOST_PAGES):
        given = {"where": _where(each, of, about, first, last), "after": after}
        page = (await context.ask(document, given))[each.root]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        if not more:
            break
    kept = sorted(
        _kept(each, of, about["id"], found, first, last), key=lambda node: (node[each.day] or "", node["id"])
    )
    columns = columns_of(capability, each)
    rows = [
        DraftRow(record=strawberry.ID(node["id"]), cells=[_cell(each.table, one, node) for one in columns])
        for node in kept
    ]
    return DraftList(
        heading=each.zh,
        columns=[one.zh for one in columns],
        rows=rows,
        total=len(rows),
        is_attached=True,
        is_cut=more,
    )


def _is_by_contract(each: Evidence, of: str) -> bool:
    return of == "contract" and each.table != "contract"


def _kept(
    each: Evidence, of: str, record: str, found: Iterable[Node], first: dt.date, last: dt.date
) -> Iterator[Node]:
    for node in found:
        if _is_by_contract(each, of) and (node["contract"] or {}).get("id") != record:
            continue
        if each.table in STANDING or first.isoformat() <= (node[each.day] or "")[:10] <= last.isoformat():
            yield node


def _cell(table: str, column: Column, node: Node) -> str | None:
    value: Any = node
    *way, last = column.path
    for name in way:
        table, value = _pointed(table, name), value and value[name]
    return _words(table, _snake(last), value and value[last])


def _words(table: str, name: str, value: Any) -> str | None:
    """Chinese words for codes, and texts for all else."""
    if value is None:
        return None
    column = metadata.tables[table].c.get(name)
    kind = column.info.get("vocabulary") if column is not None else None
    values = value if isinstance(value, list) else [value]
    if kind is not None:
        words = {term.value: term.zh for term in getattr(vocabulary, kind)}
        values = [words.get(each, each) for each in values]
    return "、".join(map(str, values))


def evidence_questions(capability: Capability, tables: Iterable[str], of: str) -> Iterator[Question]:
    for table in dict.fromkeys(tables):
        document = document_of(capability, EVIDENCE[table], of)
        if document is not None:
            for _ in range(MOST_PAGES):
                yield Question(document, {})
