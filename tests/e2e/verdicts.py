"""What must become of a person whose row was harmed: worked out from the world and the README of faults."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from connectors.emulators.faults import Touched
from connectors.emulators.model import Person
from hub.domain.dates import parse_date
from hub.domain.text import mask_id_number, mask_name
from tests.e2e.scenarios import Harmed, kind_of
from tests.e2e.truth import Truth

Node = dict[str, Any]

_ALWAYS: Final = "name nameMasked idNumber idNumberMasked sex birthOn divisionCode division station"
_ETHNIC: Final = "ethnicityCode address phone"
STATED: Final[Mapping[str, set[str]]] = {
    kind: {*_ALWAYS.split(), *words.split()}
    for kind, words in {
        "dibao": f"{_ETHNIC} householdRelationCode household",
        "tekun": f"{_ETHNIC} householdRelationCode household selfCare",
        "temp_aid": _ETHNIC,
        "child": "ethnicityCode address guardianName guardianRelation guardianPhone school riskLevel"
        " dossierOpenedOn fileNumber",
        "elder": f"{_ETHNIC} abilityLevel abilityStandard dossierOpenedOn",
        "disability": "address phone disabilityCategory disabilityGrade disabilityCertificate",
        "vagrant": "fileNumber",
        "other": _ETHNIC,
    }.items()
}
"""What a list of people says of a person."""

PRECEDENCE: Final = ("dibao", "tekun", "child", "disability", "elder", "temp_aid", "other", "vagrant")
"""Lists, the one first whose word stands where two differ."""

MOVES_ROWS: Final = frozenset({"x30-two-tables", "x30-numbered-columns", "x30-merged-header"})


@dataclass(frozen=True)
class Row:
    """A harmed row, and the truth behind it."""

    harmed: Harmed
    place: Touched
    person: Person
    truth: Truth

    @property
    def kind(self) -> str:
        return kind_of(self.place.file)

    @property
    def prevails(self) -> bool:
        """Whether this list has the last word on the person's name and place."""
        return self.kind == min(self.person.list_kinds, key=PRECEDENCE.index)

    def was(self, header: str) -> str:
        return self.harmed.clean.text(self.place, header)

    def live_at(self, node: Node, code: str) -> None:
        if self.prevails:
            node["divisionCode"] = code
            node["division"] = {"code": code}
            station = self.truth.stations.get(f"{code[:9]}000")
            operator = station.one["operator"] if station else None
            node["station"] = station and {
                "divisionCode": station.fact.division_code,
                "operator": operator and {"creditCode": operator.fact.credit_code},
            }


def _place(make: Callable[[str, str], str]) -> Callable[[Row, Node], None]:
    """``make`` gets the county and the true division."""
    return lambda row, node: row.live_at(node, make(row.person.county_code, row.person.division_code))


def _renumbered(row: Row, node: Node) -> None:
    number = row.harmed.now.text(row.place, "身份证号")
    node |= {"idNumber": number or None, "idNumberMasked": mask_id_number(number) if number else None}


def _rare(row: Row, node: Node) -> None:
    if row.prevails:
        name = row.person.name[:-1] + "𠮷"
        node |= {"name": name, "nameMasked": mask_name(name)}


def _regraded(row: Row, node: Node) -> None:
    grade = node["disabilityGrade"] % 4 + 1
    node |= {"disabilityGrade": grade, "disabilityCertificate": row.was("残疾人证号")[:19] + str(grade)}


def _by_month(row: Row, node: Node) -> None:
    for membership in _of(row, node):
        membership["startsOn"] = membership["startsOn"][:8] + "01"


def _address(text: str) -> Callable[[Row, Node], None]:
    def change(row: Row, node: Node) -> None:
        if row.prevails:
            node["address"] = text

    return change


def _note(change: Callable[[str], str]) -> Callable[[Row, Node], None]:
    def apply(row: Row, node: Node) -> None:
        _visit(row, node)["textRecord"] = change(row.was("文字记录"))

    return apply


def _homeless(row: Row, node: Node) -> None:
    node["household"] = None


MARKUP: Final = "<script>alert(1)</script><img src=x onerror=alert(1)>"
ACCEPTED: Final[Mapping[str, Callable[[Row, Node], None]]] = {
    "x18-no-number-but-file": _renumbered,
    "x23-second-number": _renumbered,
    "x24-rare": _rare,
    "x26-other-grade": _regraded,
    "x27-successor": _place(lambda county, code: "350212003000"),
    "x27-township-like": _place(lambda county, code: f"{county}400000"),
    "x27-own-level": _place(lambda county, code: f"{code[:9]}000"),
    "x27-county-own-level": _place(lambda county, code: f"{county}000000"),
    "x27-six-digits": _place(lambda county, code: f"{county}000000"),
    "x27-six-digits-padded": _place(lambda county, code: f"{county}000000"),
    "x27-nine-digits": _place(lambda county, code: f"{code[:9]}000"),
    "x28-month-chinese": _by_month,
    "x28-month-digits": _by_month,
    "x28-month-dot": _by_month,
    "x30-blank-continuation": _homeless,
    "x31-quoted-newline": _note(lambda text: f'一、{text}\n二、"无"'),
    "x33-address": _address("别处村1组1号"),
    "x34-markup": _address(f"人民路1号{MARKUP}"),
    "x34-sql": _address("人民路1号'); DROP TABLE beneficiary;--"),
    "x34-markup-in-note": _note(lambda text: f"{text}{MARKUP}"),
}
"""How an accepted row changes its person; all others change nothing."""


def _of(row: Row, node: Node) -> list[Node]:
    """The memberships this list states."""
    categories = {str(m.category) for m in row.person.memberships if m.list_kind == row.kind}
    return [m for m in node["memberships"]["nodes"] if m["category"] in categories]


def _visit(row: Row, node: Node) -> Node:
    on, text = parse_date(row.was("探访日期")).isoformat(), row.was("文字记录")
    found: Node = next(v for v in node["visits"]["nodes"] if (v["visitedOn"], v["textRecord"]) == (on, text))
    return found


def _without(page: Node, gone: list[Node]) -> Node:
    left = [each for each in page["nodes"] if each not in gone]
    return {"totalCount": len(left), "nodes": left}


def _refused(row: Row, node: Node) -> Node | None:
    """The person without what the row said; None if no other row says anything."""
    if row.kind == "visit":
        return node | {"visits": _without(node["visits"], [_visit(row, node)])}
    if row.kind == "assignment":
        number, on = row.was("合同编号"), parse_date(row.was("开始日期")[:10]).isoformat()
        gone = [
            a
            for a in node["assignments"]["nodes"]
            if (a["contract"]["number"], a["startsOn"]) == (number, on)
        ]
        return _served(node, _without(node["assignments"], gone))
    others = row.person.list_kinds - {row.kind}
    if not others:
        return None
    said = {"memberships", "assignments", "contracts", "visits"}.union(*(STATED[kind] for kind in others))
    left = {name: value if name in said else None for name, value in node.items()}
    return left | {"memberships": _without(node["memberships"], _of(row, node))}


def _served(node: Node, assignments: Node) -> Node:
    numbers = sorted({a["contract"]["number"] for a in assignments["nodes"]})
    contracts = {"totalCount": len(numbers), "nodes": [{"number": number} for number in numbers]}
    return node | {"assignments": assignments, "contracts": contracts}


def rows(harmed: Harmed, truth: Truth, fault: str) -> Iterator[Row]:
    """The rows of people a fault has harmed, where it leaves the rows at their places."""
    people = {t.fact.id_number or t.fact.file_number: t.fact for t in truth.people}
    if fault not in MOVES_ROWS:
        for place in harmed.reports[fault].touched:
            person = people.get(harmed.clean.person(place))
            if person is not None:
                yield Row(harmed, place, person, truth)


def expected(harmed: Harmed, truth: Truth, people: Mapping[str, Node]) -> dict[str, Node]:
    """What the bureau must be told of everybody, from ``people``, what it would be told otherwise."""
    left = copy.deepcopy(dict(people))
    for fault, report in harmed.reports.items():
        for row in rows(harmed, truth, fault):
            key = row.person.id_number or row.person.file_number or ""
            node = left.pop(key)
            kept = _refused(row, node) if row.place.expected == "quarantined" else node
            if kept is not None:
                if row.place.expected == "accepted" and fault in ACCEPTED:
                    ACCEPTED[fault](row, kept)
                left[kept["idNumber"] or kept["fileNumber"]] = kept
        if any(p.row == 0 and p.expected == "quarantined" for p in report.touched):
            nobody = {"totalCount": 0, "nodes": []}
            left = {key: _served(node, nobody) for key, node in left.items()}
    return left
