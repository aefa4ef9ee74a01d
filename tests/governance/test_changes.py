"""What differs between two schemas, where, and whom it breaks."""

from __future__ import annotations

import pytest
from graphql import build_schema
from graphql.utilities.find_schema_changes import BreakingChangeType, DangerousChangeType

from graphql_schema.schema import whole
from hub.governance.changes import Change, Kind, Severity, changes_between
from hub.governance.documents import Break, Document, breaks
from tests.governance.evolutions import BEFORE, DOCUMENTS, EVOLUTIONS, Evolution

OLD = build_schema(BEFORE)
every_evolution = pytest.mark.parametrize("it", EVOLUTIONS, ids=lambda it: f"{it.what}-{it.coordinate}")


def the_change(it: Evolution) -> Change:
    (found,) = [c for c in changes_between(OLD, it.after) if c.what == it.what]
    return found


def met(it: Evolution, name: str) -> list[Break]:
    """What of one document the evolution meets."""
    document = Document("portal", name, "whole", it.after, DOCUMENTS[name])
    return breaks(document, OLD, changes_between(OLD, it.after))


@every_evolution
def test_a_change_is_found_where_it_is(it: Evolution) -> None:
    found = the_change(it)
    assert (found.coordinate, found.severity) == (it.coordinate, it.severity)


@every_evolution
def test_a_change_names_whom_it_meets(it: Evolution) -> None:
    change = the_change(it)
    for name in DOCUMENTS:
        hits = [b for b in met(it, name) if b.coordinate == it.coordinate and b.why == change.en]
        if name in it.meets:
            assert it.meets[name] in [b.place.path for b in hits if b.place.certain], name
        elif name in it.may_meet:
            assert hits
            assert not any(b.place.certain for b in hits)
        else:
            assert hits == []
        for hit in hits:
            assert (hit.place.client, hit.place.document) == ("portal", name)
            assert hit.place.operation == DOCUMENTS[name].split()[1].partition("(")[0]
            assert hit.severity is it.severity


@every_evolution
def test_nobody_else_is_refused(it: Evolution) -> None:
    for name in DOCUMENTS:
        if it.severity is not Severity.BREAKING:
            assert [b for b in met(it, name) if b.severity is Severity.BREAKING] == []
        assert [b for b in met(it, name) if b.coordinate is None] == []


def test_every_kind_of_breaking_and_dangerous_change_is_tried() -> None:
    tried = {it.what for it in EVOLUTIONS}
    assert tried >= {kind.name for kind in (*BreakingChangeType, *DangerousChangeType)}


def test_a_place_says_where_to_look() -> None:
    (hit,) = met(EVOLUTIONS[0], "person")
    assert DOCUMENTS["person"][hit.place.column - 1 :].startswith("age")
    assert hit.place.line == 1


def test_what_stands_in_a_fragment_counts_for_the_operation() -> None:
    (it,) = [e for e in EVOLUTIONS if e.coordinate == "Person.age" and e.what == "FIELD_REMOVED"]
    text = "query One { people { ...Q } } query Two { day }"
    text += " fragment Q on Person { name ...R } fragment R on Person { age }"
    found = breaks(Document("a", "b", "whole", it.after, text), OLD, changes_between(OLD, it.after))
    assert [(b.place.operation, b.place.path) for b in found] == [("One", "...R.age")]


def test_descriptions_are_no_change() -> None:
    described = BEFORE.replace("type Person", '"A person" type Person')
    assert changes_between(OLD, build_schema(described)) == []


def test_a_type_that_nothing_leads_to_any_more_is_gone_with_its_fields() -> None:
    shorter = BEFORE.replace("union Found = Person | Station", "").replace("found: [Found!]!", "")
    found = changes_between(OLD, build_schema(shorter))
    assert [(c.coordinate, c.kind) for c in found] == [("Found", Kind.REMOVED), ("Query.found", Kind.REMOVED)]
    document = Document("a", "b", "whole", build_schema(shorter), DOCUMENTS["found"])
    assert [b.coordinate for b in breaks(document, OLD, found)] == ["Query.found"]


def test_a_sentence_holds_no_word_that_is_a_type() -> None:
    """The coordinate of a change is the first name in graphql-core's sentence that the schema knows."""
    words = "A An Argument Directive Enum Field Repeatable Standard The required optional value field scalar"
    assert not set(words.split()) & set(whole()._schema.type_map)


def test_one_of_given_up() -> None:
    one_of = build_schema("input I @oneOf { a: Int b: Int } type Query { x(i: I): Int }")
    several = build_schema("input I { a: Int b: Int } type Query { x(i: I): Int }")
    (found,) = changes_between(one_of, several)
    assert (found.coordinate, found.severity, found.what) == ("I", Severity.SAFE, "ONE_OF_REMOVED")


def test_a_document_that_is_no_graphql_is_refused() -> None:
    (found,) = breaks(Document("a", "b", "whole", OLD, "query {"), OLD, [])
    assert found.coordinate is None
    assert "Syntax Error" in found.why


def test_a_document_that_fits_no_more_is_refused_without_a_change() -> None:
    (found,) = breaks(Document("a", "b", "whole", OLD, "{ nothing }"), OLD, [])
    assert (found.coordinate, found.place.line, found.place.column) == (None, 1, 3)
