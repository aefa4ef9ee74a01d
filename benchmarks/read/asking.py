"""The hub's engine in this process, and who asks it: for what is measured without HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql.execution.values import VariableValues

from benchmarks.read.cases import Client
from graphql_schema.schema import EXECUTOR, audience
from hub.access.scopes import DEFAULT_SCOPES, atoms
from hub.access.viewer import Viewer, make_viewer
from hub.read.operation import Operation
from hub.read.run import Engine
from hub.read.way import Compiled
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables import GROUPS


def engine_of(database: Database, vault: Vault) -> Engine:
    return Engine(database, vault, audience, EXECUTOR)


def viewer_of(client: Client) -> Viewer:
    """With the scopes a client of the role is granted unless its registration says otherwise, and a purpose
    that opens what needs one."""
    return make_viewer(
        client.name,
        client.role,
        atoms(DEFAULT_SCOPES[client.role]),
        division_code=client.division_code,
        organisation_id=client.organisation_id,
        opened=frozenset(GROUPS),
    )


def compiled(
    engine: Engine, viewer: Viewer, document: str, variables: Mapping[str, Any]
) -> tuple[Operation, VariableValues, Compiled]:
    """A document on the way to its statement; raises what the engine answers with otherwise."""
    operation = engine.operation(viewer, document, None)
    values = operation.variables(variables)
    found = engine.way(viewer, operation, values).compiled
    if found is None:
        raise ValueError("the document is not compiled")
    return operation, values, found
