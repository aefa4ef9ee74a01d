"""Hooks of schemathesis: what its generated operations ask, and what an answer must be."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import schemathesis
from graphql import ArgumentNode, Visitor, parse, print_ast, visit
from graphql.language.visitor import REMOVE
from hypothesis import strategies as st
from schemathesis.graphql import nodes, scalar

import graphql_schema.schema  # noqa: F401 — with it every error is there
from hub.errors import HubError, all_errors

ARBITRARY: Final = {"after", "before", "last", "where"}
"""Arguments that are refused as a rule: cursors and division codes cannot be made up."""
scalar("Decimal", st.decimals(-10, 10**6, places=2).map(str).map(nodes.String))
CODES: Final = {error.code for error in all_errors()} - {HubError.code}


class Without(Visitor):
    def enter_argument(self, node: ArgumentNode, *_: Any) -> Any:
        return REMOVE if node.name.value in ARBITRARY else None


@schemathesis.hook
def map_case(_: Any, case: Any) -> Any:
    """Half of the operations that are meant to fit go without those, so that rows are answered too."""
    if case.meta.generation.mode.is_positive and crc32(case.body.encode()) % 2:
        case.body = print_ast(visit(parse(case.body), Without()))
    return case


@schemathesis.check
def every_error_has_a_code(_: Any, response: Any, case: Any) -> None:
    """One that the hub documents, and never that of a fault of its own."""
    del case
    body = response.json()
    for error in body.get("errors", ()):
        assert error["extensions"]["code"] in CODES, error["extensions"]
        assert error["extensions"]["messageZh"]
    assert "errors" in body or isinstance(body["data"], dict)
