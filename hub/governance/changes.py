"""What differs between two schemas, element by element.

graphql-core's ``find_schema_changes`` finds the differences. It does not say where they are (its sentences
do, and every one names a coordinate), does not see deprecations, ``@oneOf`` nor an enum that only arguments
use, and takes a new optional argument or input field for dangerous, though no request of today changes its
meaning by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from graphql.utilities.find_schema_changes import (
    BreakingChangeType,
    DangerousChangeType,
    SafeChangeType,
    find_schema_changes,
)

from hub.governance.coordinates import Elements, elements


class Severity(Enum):
    BREAKING = "breaking"
    """A request that was answered is refused, or its answer has another form."""
    DANGEROUS = "dangerous"
    """An answer may hold what a client does not expect."""
    SAFE = "safe"


class Kind(Enum):
    ADDED = "ADDED"
    DEPRECATED = "DEPRECATED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class Change:
    """``what``: the name of the difference, as graphql-core calls it. ``en`` is a sentence."""

    coordinate: str
    kind: Kind
    severity: Severity
    what: str
    en: str


NOT_A_CHANGE: Final = {SafeChangeType.DESCRIPTION_CHANGED}
HARMLESS: Final = {DangerousChangeType.OPTIONAL_INPUT_FIELD_ADDED, DangerousChangeType.OPTIONAL_ARG_ADDED}
LAST_NAMED: Final = {
    DangerousChangeType.TYPE_ADDED_TO_UNION,
    DangerousChangeType.IMPLEMENTED_INTERFACE_ADDED,
    BreakingChangeType.TYPE_REMOVED_FROM_UNION,
}
"""Of whose two types the one that changed comes last."""
ONE_OF_ADDED: Final = "ONE_OF_ADDED"
ONE_OF_REMOVED: Final = "ONE_OF_REMOVED"

_COORDINATE: Final = re.compile(r"@?[A-Za-z_]\w*(?:\.\w+)?(?:\(\w+:\))?")


def changes_between(old: GraphQLSchema, new: GraphQLSchema) -> list[Change]:
    """Sorted by coordinate; descriptions do not count."""
    there = {**elements(old), **elements(new)}
    found = {*_differences(old, new, there), *_one_of(old, new), *_deprecations(old, new)}
    return sorted(found, key=lambda change: (change.coordinate, change.what))


def _differences(old: GraphQLSchema, new: GraphQLSchema, there: Elements) -> Iterator[Change]:
    shown = shown_enums(new)
    for found in find_schema_changes(old, new):
        type_: Any = found.type
        coordinate = _coordinate(found.description, there, last=type_ in LAST_NAMED)
        if type_ in NOT_A_CHANGE or coordinate is None:
            continue
        severity = _severity(type_)
        unseen = type_ is DangerousChangeType.VALUE_ADDED_TO_ENUM and coordinate.split(".")[0] not in shown
        if type_ in HARMLESS or unseen:
            severity = Severity.SAFE
        yield Change(coordinate, _kind(type_), severity, type_.name, found.description)


def _coordinate(sentence: str, there: Elements, *, last: bool) -> str | None:
    """The coordinate a sentence is about; None for what every schema has, such as ``Int``."""
    named = [word for word in _COORDINATE.findall(sentence) if word in there]
    return named[-1 if last else 0] if named else None


def _severity(type_: Any) -> Severity:
    if isinstance(type_, BreakingChangeType):
        return Severity.BREAKING
    return Severity.DANGEROUS if isinstance(type_, DangerousChangeType) else Severity.SAFE


ELEMENT_ADDED: Final = re.compile(
    r"(REQUIRED|OPTIONAL)_.*_ADDED|(FIELD|TYPE|DIRECTIVE)_ADDED|VALUE_ADDED_TO_ENUM"
)
ELEMENT_REMOVED: Final = re.compile(
    r"(FIELD|TYPE|ARG|DIRECTIVE|DIRECTIVE_ARG)_REMOVED|VALUE_REMOVED_FROM_ENUM"
)


def _kind(type_: Any) -> Kind:
    if ELEMENT_ADDED.fullmatch(type_.name):
        return Kind.ADDED
    return Kind.REMOVED if ELEMENT_REMOVED.fullmatch(type_.name) else Kind.CHANGED


def _one_of(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    for name, before in old.type_map.items():
        after = new.type_map.get(name)
        if not isinstance(before, GraphQLInputObjectType) or not isinstance(after, GraphQLInputObjectType):
            continue
        if after.is_one_of and not before.is_one_of:
            sentence = f"{name} takes one field at a time now."
            yield Change(name, Kind.CHANGED, Severity.BREAKING, ONE_OF_ADDED, sentence)
        elif before.is_one_of and not after.is_one_of:
            yield Change(
                name, Kind.CHANGED, Severity.SAFE, ONE_OF_REMOVED, f"{name} takes several fields now."
            )


def _deprecations(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    before, after = elements(old), elements(new)
    for coordinate, element in after.items():
        reason = getattr(element, "deprecation_reason", None)
        known = getattr(before.get(coordinate), "deprecation_reason", None)
        if reason == known:
            continue
        if reason is None:
            sentence = f"{coordinate} is not deprecated any more."
            yield Change(coordinate, Kind.CHANGED, Severity.SAFE, "DEPRECATION_REMOVED", sentence)
        else:
            sentence = f"{coordinate} is deprecated: {reason.partition(' — ')[0]}"
            yield Change(coordinate, Kind.DEPRECATED, Severity.SAFE, "DEPRECATED", sentence)


def shown_enums(schema: GraphQLSchema) -> set[str]:
    """Enums that answers hold; the others are arguments only."""
    outputs = (t for t in schema.type_map.values() if isinstance(t, GraphQLObjectType | GraphQLInterfaceType))
    held = (get_named_type(field.type) for type_ in outputs for field in type_.fields.values())
    return {type_.name for type_ in held if isinstance(type_, GraphQLEnumType)}
