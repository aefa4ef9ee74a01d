"""Documents and the SQL they become, role by role.

A difference here is to be read, not only accepted: a lost predicate shows as a lost line. After reading,
``HUB_UPDATE_GOLDEN=1 pytest tests/golden`` writes the files anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from graphql_schema.schema import audience
from hub.read.run import Engine
from hub.read.sql import Statement
from hub.read.way import Way
from tests.golden.layout import described, laid_out
from tests.support.reading import VIEWERS

FOLDER: Final = Path(__file__).parent / "operations"
ENGINE: Any = Engine(None, None, audience)  # type: ignore[arg-type]  # nothing is run
UPDATE: Final = "HUB_UPDATE_GOLDEN" in os.environ
GIVEN: Final = {
    "id": "Beneficiary:450305:1",
    "ids": ["Division:450305000000"],
    "number": "459999195003070019",
}


def roles(document: str) -> list[str]:
    found = re.match(r"# roles: (.*)", document)
    assert found, "a document begins with the roles it is compiled for"
    return found[1].split()


PAIRS = [(path, role) for path in sorted(FOLDER.glob("*.graphql")) for role in roles(path.read_text())]


def statement(path: Path, role: str) -> Statement:
    viewer, document = VIEWERS[role], path.read_text(encoding="utf-8")
    operation = ENGINE.operation(viewer, document, None)
    declared = {d.variable.name.value for d in operation.node.variable_definitions or ()}
    variables = operation.variables({k: v for k, v in GIVEN.items() if k in declared})
    way: Way = ENGINE.way(viewer, operation, variables)
    assert way.compiled is not None
    assert not way.ordinary
    return way.compiled.statement


@pytest.mark.parametrize(("path", "role"), PAIRS, ids=[f"{path.stem}-{role}" for path, role in PAIRS])
def test_a_document_becomes_this_sql(path: Path, role: str) -> None:
    golden, made = path.with_suffix(f".{role}.sql"), described(statement(path, role))
    if UPDATE:
        golden.write_text(made, encoding="utf-8")
    assert golden.exists(), "write it with HUB_UPDATE_GOLDEN=1"
    assert made == golden.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_document() -> None:
    expected = {path.with_suffix(f".{role}.sql") for path, role in PAIRS}
    assert set(FOLDER.glob("*.sql")) == expected


def test_laying_out_changes_only_space() -> None:
    for path, role in PAIRS:
        text = statement(path, role).text
        assert re.sub(r"\s", "", laid_out(text)) == re.sub(r"\s", "", text)
