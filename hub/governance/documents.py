"""Whom a change of the schema concerns, among documents that clients have registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

from hub.governance.changes import Change, Severity
from hub.governance.coordinates import above
from hub.governance.deprecation import Days, days_of, deprecated
from hub.governance.uses import Use, sendable, uses


@dataclass(frozen=True, slots=True)
class Document:
    """``audience``: whose schema it was written for. ``schema``: what its client sees now."""

    client: str
    name: str
    audience: str
    schema: GraphQLSchema
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """``path``: of response keys. ``certain`` is false where the variables of a request decide."""

    client: str
    document: str
    operation: str
    path: str
    line: int
    column: int
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Break:
    """``coordinate`` is None where no change of the schema explains why the document is refused."""

    place: Place
    coordinate: str | None
    severity: Severity
    why: str


@dataclass(frozen=True, slots=True)
class Reliance:
    """A document relies on something deprecated."""

    place: Place
    coordinate: str
    days: Days | None


def breaks(document: Document, old: GraphQLSchema, changes: Iterable[Change]) -> list[Break]:
    """``changes`` lead from ``old``, the released schema of the document's audience, to the one of now."""
    try:
        tree = parse(document.text)
    except GraphQLError as error:
        return [_refusal(document, error)]
    used = _uses(tree, old) or _uses(tree, document.schema)
    found = list(_touched(document, old, used, changes))
    if not any(b.severity is Severity.BREAKING and b.place.certain for b in found):
        faults = validate(document.schema, tree, hide_suggestions=True)
        found += [_refusal(document, fault) for fault in faults]
    return found


def reliances(document: Document) -> list[Reliance]:
    """Empty where the document does not fit the schema of now."""
    reasons = deprecated(document.schema)
    try:
        used = _uses(parse(document.text), document.schema) if reasons else []
    except GraphQLError:
        return []
    return [
        Reliance(_place(document, use, certain=use.mode == "names"), coordinate, days_of(reason))
        for coordinate, reason in reasons.items()
        for use in used
        if _holds(document.schema, use, coordinate)
    ]


def _uses(tree: DocumentNode, schema: GraphQLSchema) -> list[Use]:
    """Empty where the document does not fit."""
    return [] if validate(schema, tree) else uses(schema, tree)


def _touched(
    document: Document, old: GraphQLSchema, used: list[Use], changes: Iterable[Change]
) -> Iterator[Break]:
    taken: set[tuple[str, int, int]] = set()
    # What is said of a field says more than that its type is gone.
    for change in sorted(changes, key=lambda change: change.what == "TYPE_REMOVED"):
        if change.severity is Severity.SAFE:
            continue
        meets = _meeting(change, old, used)
        for use in used:
            at = use.operation, use.line, use.column
            if meets(use) and (change.what != "TYPE_REMOVED" or at not in taken):
                taken.add(at)
                place = _place(document, use, certain=use.mode != "may send")
                yield Break(place, change.coordinate, change.severity, change.en)


HOLDER_SENDS: Final = {"REQUIRED_INPUT_FIELD_ADDED", "INPUT_FIELD_DEFAULT_VALUE_CHANGE"}
HOLDER_NAMED: Final = {"REQUIRED_ARG_ADDED", "ARG_DEFAULT_VALUE_CHANGE", "REQUIRED_DIRECTIVE_ARG_ADDED"}


def _meeting(change: Change, schema: GraphQLSchema, used: list[Use]) -> Callable[[Use], bool]:
    """Whether a use meets with the change."""
    coordinate, holder = change.coordinate, above(change.coordinate) or ""
    if change.what in HOLDER_NAMED:
        holder = holder or coordinate.partition("(")[0]
        given = {(use.operation, use.path) for use in used if use.coordinate == coordinate}
        return lambda use: use.coordinate == holder and (use.operation, use.path) not in given
    if change.what in HOLDER_SENDS:
        return lambda use: use.mode in ("sends", "may send") and _holds(schema, use, holder)
    if change.what == "VALUE_ADDED_TO_ENUM":
        return lambda use: use.mode == "reads" and use.coordinate == holder
    return lambda use: _holds(schema, use, coordinate)


def _holds(schema: GraphQLSchema, use: Use, coordinate: str) -> bool:
    if use.mode == "may send":
        return coordinate in sendable(schema, use.coordinate)
    return use.coordinate == coordinate


def _place(document: Document, use: Use, *, certain: bool) -> Place:
    return Place(
        document.client, document.name, use.operation, use.path, use.line, use.column, certain=certain
    )


def _refusal(document: Document, error: GraphQLError) -> Break:
    line, column = (error.locations[0].line, error.locations[0].column) if error.locations else (0, 0)
    place = Place(document.client, document.name, "", "", line, column)
    return Break(place, None, Severity.BREAKING, error.message)
