"""Which records a board is of: those the viewer sees, in a division, under a contract or at a station."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graphql_schema.compliance import GROUPS, county_of, is_of
from graphql_schema.norms import place
from graphql_schema.rule_verdict import number_of
from hub.access.readable import readable
from hub.access.slices import BUREAU
from hub.access.viewer import Capability
from hub.compliance.evaluate import LEVELS, SUBJECTS
from hub.domain.vocabulary import NormSubject
from hub.errors import BadArgument, TooMuch
from hub.read.beside import Question
from hub.read.bind import MAX_PAGE

MOST_PAGES: Final = 10
MOST_RECORDS: Final = MOST_PAGES * MAX_PAGE
"""Of each kind on a board. A bound of the hub's own: the board of a whole province is no list to work by."""

FIELDS: Final = {
    "division": "code level fullName",
    "contract": "number divisionCode startsOn endsOn",
    "station": "name divisionCode",
    "personnel": "name divisionCode onboardedOn leftOn",
}
ROOTS: Final = {
    "division": ("divisions", "DivisionWhere"),
    "contract": ("contracts", "ContractWhere"),
    "station": ("stations", "StationWhere"),
    "personnel": ("personnel", "PersonnelWhere"),
}
PLACED: Final = {"station": "station", "employer": "contractor"}
"""By what staff is found at a station or under a contract, and what must be read for it."""
NAMED: Final = {"division": "fullName", "contract": "number", "station": "name", "personnel": "name"}
LEVELS_JUDGED: Final = [str(level) for level in LEVELS]

Node = Mapping[str, Any]


class Found(NamedTuple):
    """A record on a board. ``name``: what people call it."""

    subjects: tuple[NormSubject, ...]
    division_code: str
    number: int
    record: str
    name: str
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


class Scope(NamedTuple):
    """Of what a board is; ``first`` and ``last``: days on some of which contracts are live."""

    division: str | None
    contract: str | None
    station: str | None
    first: dt.date
    last: dt.date


def scope_of(
    today: dt.date,
    first: dt.date,
    last: dt.date,
    division: str | None = None,
    contract: str | None = None,
    station: str | None = None,
) -> Scope:
    """BadArgument."""
    if sum(each is not None for each in (division, contract, station)) > 1:
        raise BadArgument(
            "Expected one of division, contract and station.", zh="division、contract、station 最多给出一个"
        )
    for given, kind in ((contract, "Contract"), (station, "Station")):
        if given is not None and not (given.startswith(f"{kind}:") and given[len(kind) + 1 :].isdecimal()):
            raise BadArgument(f"Expected the global id of a {kind.lower()}.", zh="编号格式不正确")
    return Scope(division and place(division, today), contract, station, first, last)


async def records(context: Any, kinds: Collection[str], scope: Scope) -> list[Found]:
    """Of these kinds, those that are there on some of the days and that the viewer is told verdicts on."""
    told = [kind for kind in kinds if is_told(context.viewer.capability, kind)]
    found: list[Found] = []
    for kind, nodes in (await _nodes(context, told, scope)).items():
        found += [each for node in nodes if (each := _found(context, kind, node, scope)) is not None]
    return found


def is_told(capability: Capability, kind: str) -> bool:
    groups = GROUPS.get(kind, frozenset())
    bureau = kind != "division" or capability.role == BUREAU
    return bureau and readable(capability, kind) is not None and groups <= capability.groups


def by_county(found: Sequence[Found]) -> Mapping[tuple[tuple[NormSubject, ...], str], dict[int, Found]]:
    """No document is in force in less than a county; a division stands by itself."""
    grouped: dict[tuple[tuple[NormSubject, ...], str], dict[int, Found]] = defaultdict(dict)
    for each in found:
        grouped[each.subjects, each.division_code][each.number] = each
    return grouped


async def _nodes(context: Any, kinds: Sequence[str], scope: Scope) -> dict[str, list[Node]]:
    capability = context.viewer.capability
    if scope.contract is not None:
        return await _of_contract(context, kinds, scope.contract) if is_told(capability, "contract") else {}
    if scope.station is not None:
        return await _of_station(context, kinds, scope.station) if is_told(capability, "station") else {}
    return {kind: await _pages(context, kind, _where(context, kind, scope)) for kind in kinds}


def _where(context: Any, kind: str, scope: Scope) -> dict[str, Any]:
    code = scope.division
    within = {"divisionCode": {"within": code}} if code is not None else {}
    if kind == "division":
        own = code or context.viewer.division_code
        at_level = {"level": {"in": LEVELS_JUDGED}}
        return at_level if own is None else {**at_level, "code": {"within": own}}
    if kind == "contract":
        live: dict[str, Any] = {"endsOn": {"gte": scope.first.isoformat()}}
        if code is None:
            return live
        served = readable(context.viewer.capability, "station") is not None
        return {**live, "or": [within, {"stations": within}] if served else [within]}
    return within


async def _of_contract(context: Any, kinds: Sequence[str], contract: str) -> dict[str, list[Node]]:
    """Its staff is that of its contractor at its stations or at none, for who sees these."""
    inside = f" stations(first: {MAX_PAGE}) {{ nodes {{ id {FIELDS['station']} }} }}"
    capability = context.viewer.capability
    staff = {"personnel", "station"} <= {*kinds} and readable(capability, "contractor") is not None
    asked = (inside if "station" in kinds else "") + (" contractor { id }" if staff else "")
    node = await _node(context, "Contract", contract, FIELDS["contract"] + asked)
    if node is None:
        return {}
    found: dict[str, list[Node]] = {"contract": [node]} if "contract" in kinds else {}
    if "station" in kinds:
        found["station"] = node["stations"]["nodes"]
    if staff and node["contractor"] is not None:
        at = {None, *(each["id"] for each in node["stations"]["nodes"])}
        people = await _pages(context, "personnel", {"divisionCode": {"within": county_of(node)}})
        found["personnel"] = [
            each
            for each in people
            if each["employer"] == node["contractor"] and (each["station"] or {}).get("id") in at
        ]
    return found


async def _of_station(context: Any, kinds: Sequence[str], station: str) -> dict[str, list[Node]]:
    node = await _node(context, "Station", station, FIELDS["station"])
    if node is None:
        return {}
    found: dict[str, list[Node]] = {"station": [node]} if "station" in kinds else {}
    if "personnel" in kinds:
        within = {"divisionCode": {"within": node["divisionCode"]}}
        people = await _pages(context, "personnel", within)
        found["personnel"] = [each for each in people if (each["station"] or {}).get("id") == station]
    return found


async def _node(context: Any, type_name: str, id_: str, fields: str) -> Node | None:
    document = f"query Board($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_name} {{ id {fields} }} }} }}"
    (node,) = (await context.ask(document, {"ids": [id_]}))["nodes"]
    return node or None


async def _pages(context: Any, kind: str, where: Mapping[str, Any]) -> list[Node]:
    """TooMuch."""
    found: list[Node] = []
    after = None
    for _ in range(MOST_PAGES):
        page = (
            await context.ask(page_of(kind, context.viewer.capability), {"where": where, "after": after})
        )[ROOTS[kind][0]]
        found += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
    raise TooMuch(
        f"The board is of more than {MOST_RECORDS} records of a kind; name a division or a contract.",
        zh=f"看板涉及的同类记录超过 {MOST_RECORDS} 条，请指定下级区划或合同",
    )


def page_of(kind: str, capability: Capability) -> str:
    root, where = ROOTS[kind]
    fields = FIELDS[kind]
    if kind == "personnel":
        fields += "".join(
            f" {name} {{ id }}" for name in PLACED if readable(capability, PLACED[name]) is not None
        )
    page = f"first: {MAX_PAGE}, after: $after, where: $where"
    told = f"nodes {{ id {fields} }} pageInfo {{ hasNextPage endCursor }}"
    return f"query Board($where: {where}, $after: String) {{ {root}({page}) {{ {told} }} }}"


def _found(context: Any, kind: str, node: Node, scope: Scope) -> Found | None:
    name = node[NAMED[kind]]
    if kind == "division":
        subjects = LEVELS.get(node["level"])
        if subjects is None or not is_of(context.viewer, node["code"]):
            return None
        return Found(subjects, node["code"], int(node["code"]), node["id"], name)
    starts_on, ends_on = (_day(node.get(key)) for key in _DAYS.get(kind, ("", "")))
    if kind == "contract" and scope.contract is None and starts_on is not None and starts_on > scope.last:
        return None
    if kind == "personnel" and not (
        (starts_on or dt.date.min) <= scope.last and (ends_on or dt.date.max) >= scope.first
    ):
        return None
    return Found(SUBJECTS[kind], county_of(node), number_of(node["id"]), node["id"], name, starts_on, ends_on)


_DAYS: Final = {"contract": ("startsOn", "endsOn"), "personnel": ("onboardedOn", "leftOn")}


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)


def questions(kinds: Collection[str], capability: Capability) -> Iterator[Question]:
    """What a board may ask, whatever it is of: as many pages as there may be."""
    for kind in kinds:
        if is_told(capability, kind):
            for _ in range(MOST_PAGES):
                yield Question(page_of(kind, capability), {})
