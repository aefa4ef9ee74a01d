"""Values that no statement needs and that must be right all the same.

The size of a page of which only the count is asked is no parameter; a wrong one is an error nevertheless.
So is an identity number where only the day of ``beneficiaryStatus`` is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.errors import BadUserInput
from hub.read.bind import TYPES
from hub.read.eligible import count_param, person_param
from hub.read.leaves import (
    Param,
    Request,
    blind_param,
    cursor_param,
    day_param,
    leaf_param,
    limit_param,
    range_param,
)
from hub.read.naming import keys_param
from hub.read.plan import (
    ActiveOn,
    AllOf,
    AnyOf,
    Condition,
    Eligibilities,
    Eligibility,
    Fields,
    Leaf,
    Named,
    Not,
    Page,
    Plan,
    Related,
    Status,
    Test,
)
from hub.read.text import spec_of, total_order


def checks_of(plan: Plan, params: Iterable[Param]) -> tuple[Param, ...]:
    """Those beside ``params``, the statement's own."""
    known = {param.key for param in params}
    return tuple({p.key: p for p in _of_fields(plan.fields) if p.key not in known}.values())


def wrong(plan: Plan, params: Iterable[Param], request: Request) -> dict[int, BadUserInput]:
    """What is wrong with the arguments of each field, by ``id`` of its node."""
    found: dict[int, BadUserInput] = {}
    for param in params:
        try:
            param.read(request)
        except BadUserInput as error:
            found.setdefault(id(plan.slots[_leaf(param).slot].node), error)
    return found


def _leaf(param: Param) -> Leaf:
    """A value that can be wrong was found somewhere in the request."""
    assert isinstance(param.key, tuple)
    found: Leaf = next(part for part in param.key if isinstance(part, Leaf))
    return found


def _of_fields(fields: Fields) -> Iterator[Param]:
    for _, node in fields:
        if isinstance(node, Page):
            yield from _of_page(node)
        if isinstance(node, Status):
            yield from (blind_param(node.id_number), day_param(node.on), leaf_param(node.programme, "text"))
        if isinstance(node, Eligibility):
            yield from (person_param(node.persons), day_param(node.on))
        if isinstance(node, Eligibilities):
            yield from (count_param(node.asked.persons), day_param(node.asked.on))
        yield from _of_fields(getattr(node, "fields", ()))


def _of_page(page: Page) -> Iterator[Param]:
    table = TYPES[page.relation.target].table
    if page.limit is not None:
        yield limit_param(page.limit)
    if page.cursor is not None:
        yield cursor_param(page.cursor, spec_of(table, total_order(table, page.sorts)), 0, "text", str)
    if page.where is not None:
        yield from _of_condition(page.where)


def _of_condition(condition: Condition) -> Iterator[Param]:
    match condition:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _of_condition(part)
        case Not(part) | Related(_, part):
            yield from _of_condition(part)
        case Named(leaf):
            yield keys_param(leaf)
        case Test(_, "within", leaf):
            yield range_param(leaf, 0)
        case Test(_, _, leaf) | ActiveOn(_, leaf):
            yield leaf_param(leaf, "text")
