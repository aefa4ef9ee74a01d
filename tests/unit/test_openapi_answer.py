"""Schemas of answers where the hub's own types are too plain: interfaces, unions, lists of lists."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, build_schema, parse, validate

from hub.web.openapi_answer import Answers
from hub.web.openapi_types import Components

SCHEMA = build_schema("""
  scalar Anything
  interface Node { id: ID! }
  interface Named implements Node { id: ID! name: String }
  type Cat implements Named & Node { id: ID! name: String lives: Int! }
  type Dog implements Node { id: ID! owner: Cat! friends: [[Node!]]! }
  union Pet = Cat | Dog
  type Query { node: Node pets: [Pet!]! cat: Cat! anything: Anything! once(a: In): Float }
  input In @oneOf { a: Int b: [In!] }
""")


def answer_schema(text: str) -> Any:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    (operation,) = (d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    root = SCHEMA.query_type
    return Answers(SCHEMA, fragments, Components()).of(root, [(operation.selection_set, False)])


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        (
            "{ node { id ... on Cat { lives } ... on Named { name } } }",
            [{"node": None}, {"node": {"id": "1"}}, {"node": {"id": "1", "lives": 9, "name": None}}],
            [{"node": {"id": "1", "lives": 9}}, {"node": {"lives": 9, "name": "x"}}, {}],
        ),
        (
            "{ pets { __typename ... on Node { id } ... on Dog { friends { id } } } }",
            [{"pets": []}, {"pets": [{"__typename": "Dog", "id": "1", "friends": [None, [{"id": "2"}]]}]}],
            [
                {"pets": None},
                {"pets": [None]},
                {"pets": [{"__typename": "Cow", "id": "1"}]},
                {"pets": [{"__typename": "Dog", "id": "1"}]},
                {"pets": [{"__typename": "Dog", "id": "1", "friends": [[None]]}]},
            ],
        ),
        (
            "query ($a: Boolean!, $b: Boolean!) { cat { id @include(if: $a) id @skip(if: $b) } }",
            [{"cat": {}}, {"cat": {"id": "1"}}],
            [{"cat": {"id": 1}}, {}],
        ),
        (
            "query ($a: Boolean!, $b: Boolean!) { cat @skip(if: $a) { id } cat @skip(if: $b) { name } }",
            [{}, {"cat": {"id": "1"}}, {"cat": {"name": None}}, {"cat": {"id": "1", "name": "x"}}],
            [{"cat": None}, {"cat": {"id": None}}],
        ),
        (
            "query ($a: Boolean!) { cat @include(if: $a) { ...F } } fragment F on Cat { id ... { name } }",
            [{}, {"cat": {"id": "1", "name": "x"}}],
            [{"cat": {"id": "1"}}, {"cat": {}}],
        ),
        ("{ anything once }", [{"anything": {"a": [1]}, "once": 1.5}, {"anything": 1, "once": None}], [{}]),
    ],
)
def test_an_answer_fits_and_another_does_not(text: str, good: list[Any], bad: list[Any]) -> None:
    validator = jsonschema.Draft202012Validator(answer_schema(text))
    assert [found for found in good if not validator.is_valid(found)] == []
    assert [found for found in bad if validator.is_valid(found)] == []


def test_an_input_of_one_member() -> None:
    components = Components()
    schema = components.of(SCHEMA.type_map["In"])
    validator = jsonschema.Draft202012Validator({**schema, "components": {"schemas": components.schemas}})
    assert validator.is_valid({"a": 1})
    assert validator.is_valid(None)
    assert not validator.is_valid({"a": 1, "b": [{"a": 1}]})
    assert not validator.is_valid({})
    assert not validator.is_valid({"b": [{"c": 1}]})
