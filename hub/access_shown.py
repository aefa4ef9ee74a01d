"""How ``hub access explain`` asks the interface, and prints what it says: reasons, and no data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

_BECAUSE: Final = "because { reason sentence sentenceZh type scope group purposes }"
_ROWS: Final = """rows { day divisionCode divisionName
    rules { reason sentence sentenceZh } leaving { reason sentence sentenceZh }
    contracts { number status startsOn endsOn live because { reason sentence sentenceZh } } }"""
_FIELD: Final = f"name group visible {_BECAUSE}"
_TYPE: Final = f"type label readable {_BECAUSE} {_ROWS} fields {{ {_FIELD} }}"

RECORD: Final = f"""query($id: ID!, $field: String) {{ explainAccess(id: $id, field: $field) {{
    id visible {_BECAUSE} until field {{ {_FIELD} }} access {{ {_TYPE} }}
    grounds {{ divisionCode contract {{ number }} assignedFrom assignedUntil until }} }} }}"""


def of_type(name: str) -> str:
    """The document that explains a kind of record."""
    return f'{{ viewer {{ {name}: access(type: "{name}") {{ {_TYPE} }} }} }}'


def facts(found: Mapping[str, Any]) -> Iterator[str]:
    for name, value in found.items():
        if value:
            yield f"{name + ':':14} {value}"


def brief(types: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each kind of record."""
    for each in types:
        rules = each["rows"]["rules"] if each["rows"] else [each["because"]]
        mark = "seen" if each["readable"] else "not seen"
        yield f"{each['type']:18} {mark:9} {' '.join(rule['sentence'] for rule in rules)}"


def whole(of: Mapping[str, Any], only: str | None = None) -> Iterator[str]:
    """One kind of record: whether, which, and its fields; ``only`` one of them."""
    yield f"{of['type']} {of['label']}: {'seen' if of['readable'] else 'not seen'}."
    yield f"  {of['because']['sentence']}"
    if of["rows"]:
        yield from _rows(of["rows"])
    for each in of["fields"]:
        if only is None or only == each["name"]:
            mark = "+" if each["visible"] else "-"
            yield f"  {mark} {each['name']:24} {each['because']['sentence']}"


def _rows(rows: Mapping[str, Any]) -> Iterator[str]:
    for rule in (*rows["rules"], *rows["leaving"]):
        yield f"  {rule['sentence']}"
    for each in rows["contracts"] or ():
        days = f"{each['startsOn']} to {each['endsOn']}"
        yield f"  contract {each['number']}, {days}, {each['status']}: {each['because']['sentence']}"


def record(of: Mapping[str, Any]) -> Iterator[str]:
    """One record: whether, by which rule, and until when."""
    yield f"{of['id']}: {'seen' if of['visible'] else 'not seen'}."
    for each in of["because"]:
        yield f"  {each['sentence']}"
    for ground in of["grounds"]:
        yield f"  {_ground(ground)}"
    if of["until"]:
        yield f"  Seen up to {of['until']}, as things stand."
    if of["field"]:
        yield f"  {of['field']['name']}: {of['field']['because']['sentence']}"


def _ground(ground: Mapping[str, Any]) -> str:
    if ground["contract"] is None:
        return f"division {ground['divisionCode']}"
    assigned = f", assigned from {ground['assignedFrom']}" if ground["assignedFrom"] else ""
    ends = f" to {ground['assignedUntil']}" if ground["assignedUntil"] else ""
    return f"contract {ground['contract']['number']}{assigned}{ends}"
