"""Queries that the documents show are valid for whom they are shown to, with the variables they are given.

A fence names who asks: ```` ```graphql contractor ````. In shell lines that is the persona of the token, or
everybody.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import pytest
from graphql import DocumentNode, OperationDefinitionNode, OperationType, parse, print_ast, validate
from starlette.requests import Request

from graphql_schema.schema import audience
from hub.access.viewer import Viewer
from hub.read.operation import Operation
from hub.read.run import Engine
from hub.web.parameters import types_of, variables
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, OPERATOR, QIXING, TOWNSHIP, schema, viewer

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = [ROOT / "README.md", ROOT / "clients/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE: Final = re.compile(r"(?ms)^```graphql\b *(\w*)\n(.*?)^```$")
SHELL: Final = re.compile(r"(?ms)^```sh\n(.*?)^```$")
PERSONA: Final = re.compile(r"--persona ([\w-]+)")
WATCHING: Final = viewer("agency", QIXING, scopes=AGENCY.scopes | {f"watch.{each}" for each in "crds"})
"""With what an agency has only where its registration says so."""
WHO: Final = {each.role: each for each in (BUREAU, TOWNSHIP, CONTRACTOR, WATCHING, OPERATOR)}
ENGINE: Any = Engine(None, None, audience)  # type: ignore[arg-type]  # nothing is run


def numbered(pattern: re.Pattern[str]) -> Iterator[tuple[Path, int, re.Match[str]]]:
    """Where a page has it, by its line."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in pattern.finditer(text):
            yield page, text.count("\n", 0, found.start()) + 1, found


def operations(text: str) -> list[DocumentNode]:
    """Each of a block as a client would send it, with all the fragments."""
    parts = parse(text).definitions
    fragments = tuple(part for part in parts if not isinstance(part, OperationDefinitionNode))
    return [
        DocumentNode(definitions=(part, *fragments))
        for part in parts
        if isinstance(part, OperationDefinitionNode)
    ]


def read(who: Viewer, document: DocumentNode, given: dict[str, Any]) -> Operation:
    """By the engine: validated, its variables coerced, and a query made a statement."""
    assert validate(schema(who), document) == []
    operation: Operation = ENGINE.operation(who, print_ast(document), None, streaming=True)
    values = operation.variables(given)
    if operation.node.operation is OperationType.QUERY:
        ENGINE.way(who, operation, values)
    return operation


BLOCKS = [
    pytest.param(found[1], found[2], id=f"{page.relative_to(ROOT)}:{line}")
    for page, line, found in numbered(FENCE)
]


@pytest.mark.parametrize(("role", "text"), BLOCKS)
def test_a_query_is_one_of_whom_it_is_shown_to(role: str, text: str) -> None:
    assert role in WHO, "the fence names who asks"
    for document in operations(text):
        read(WHO[role], document, {})


def requests() -> Iterator[Any]:
    """Of shell blocks: the persona that asks, the address, and the body or nothing."""
    for page, line, found in numbered(SHELL):
        persona = ""
        for command in re.sub(r"\\\n\s*", "", found[1]).splitlines():
            persona = (PERSONA.findall(command) or [persona])[-1]
            if re.match("curl .*/(graphql|documents/)", command):
                words = shlex.split(command)
                (address,) = (word for word in words if re.match("https?://", word))
                body = words[words.index("-d") + 1] if "-d" in words else "{}"
                yield pytest.param(persona, address, body, id=f"{page.relative_to(ROOT)}:{line}")


REQUESTS = list(requests())


@pytest.mark.parametrize(("persona", "address", "body"), REQUESTS)
async def test_a_request_is_good_for_who_makes_it(persona: str, address: str, body: str) -> None:
    url, given = urlsplit(address), orjson.loads(body)
    if url.path == "/graphql":
        name, given, text = given.get("documentId"), given.get("variables", {}), given.get("query")
    else:
        name = url.path.removeprefix("/documents/")
    if name:
        (file,) = (ROOT / "hub/demo_documents").glob(f"*/{name}.graphql")
        persona, text = file.parent.name, file.read_text(encoding="utf-8")
    (document,) = operations(text)
    for who in [WHO[role] for role in WHO if role in persona] or WHO.values():
        if url.query:
            types = types_of(read(who, document, {}))
            request = Request({"type": "http", "method": "GET", "query_string": url.query, "headers": []})
            given = await variables(request, types, most=0)
        read(who, document, given)


def test_there_is_something_to_look_at() -> None:
    assert len(BLOCKS) > 9
    assert len(REQUESTS) > 3
