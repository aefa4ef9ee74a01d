"""Answering: one statement for what is compiled, graphql-core for what is not, bytes for both."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final

import asyncpg
import orjson
import structlog
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
)
from graphql.execution.values import VariableValues
from graphql.language import SelectionSetNode

from hub.access.live import LiveContracts
from hub.access.slices import SLICES
from hub.access.viewer import Capability, Viewer
from hub.domain.dates import CHINA
from hub.errors import BadUserInput, HubError, Language, TooMuch, Unavailable
from hub.read.answers import Answer, answered, refused
from hub.read.leaves import Request, viewer_values
from hub.read.operation import Documents, Invalid, Operation
from hub.read.plan import Plan
from hub.read.planner import Collected, NotCompiled, Planner, Selector, arguments_of
from hub.read.sql import Statement, compile_plan
from hub.store.database import Database
from hub.store.vault import Vault

log = structlog.get_logger(__name__)


def names_in(rows: str) -> set[str]:
    """The viewer's values a slice speaks of."""
    return {name for _, name, _, _ in Formatter().parse(rows) if name and name != "t"}


SETTINGS: Final = {
    role: tuple(sorted({name for slice_ in slices.values() for name in names_in(slice_.rows)}))
    for role, slices in SLICES.items()
}
"""Settings of the transaction that the role's row-level policies read."""

MAX_ROWS: Final = 100_000_000
"""Rows an operation may ask for, if every page in it were full."""
MAX_BYTES: Final = 32 * 1024 * 1024
"""Of an answer, which is built by PostgreSQL and held here once."""


INTROSPECTION: Final = {"__schema", "__type"}

UNREACHABLE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
)
"""PostgreSQL is gone, full, or being shut down."""


@dataclass(frozen=True, slots=True)
class Context:
    """What ordinary resolvers see."""

    viewer: Viewer
    today: dt.date


@dataclass(frozen=True, slots=True)
class Compiled:
    plan: Plan
    statement: Statement


@dataclass(frozen=True, slots=True)
class Way:
    """How an operation is answered: root keys in order, those compiled, those left to graphql-core.

    ``fixed``: nothing but introspection, without variables; the answer is the same for ever.
    """

    keys: tuple[str, ...]
    compiled: Compiled | None
    ordinary: Collected
    fixed: bool


@dataclass(slots=True)
class Engine:
    """The read engine: ``schemas`` gives the audience schema of a capability."""

    database: Database
    vault: Vault
    schemas: Callable[[Capability], GraphQLSchema]
    executor: type[Any] | None = None
    smallest: int = 10
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(CHINA)
    documents: Documents = field(default_factory=Documents)
    nonce: str = field(default_factory=lambda: "\u2063" + secrets.token_hex(12))
    live: LiveContracts = field(init=False)
    introspected: LRUCache[int, tuple[Way, Answer]] = field(default_factory=lambda: LRUCache(16))
    """Answers that take a tenth of a second to make; by the way's ``id``, kept with it."""

    def __post_init__(self) -> None:
        self.live = LiveContracts(self.database)

    async def answer(
        self,
        viewer: Viewer,
        source: str,
        name: str | None,
        given: Mapping[str, Any],
        *,
        reading: bool,
        language: Language = "en",
    ) -> Answer:
        """The response to a request; ``reading``: only queries are allowed (GET)."""
        try:
            operation = self.operation(viewer, source, name, reading)
            variables = operation.variables(given)
            way = self.way(viewer, operation, variables)
            return await self._run(viewer, operation, variables, way, language)
        except Invalid as invalid:
            return refused(invalid.errors, language, invalid.kind)
        except HubError as error:
            return refused([error], language)
        except GraphQLError as error:  # Strawberry's own check of one-of inputs
            return refused([error], language, BadUserInput)

    def operation(self, viewer: Viewer, source: str, name: str | None, reading: bool = False) -> Operation:
        capability = viewer.capability
        return self.documents.operation(capability, self.schemas(capability), source, name, reading)

    def way(self, viewer: Viewer, operation: Operation, variables: VariableValues) -> Way:
        shape = operation.shape(variables)
        found: Way | None = operation.cached.get(shape)
        if found is None:
            found = operation.cached[shape] = _way(viewer.capability, operation, variables)
        return found

    async def _run(
        self, viewer: Viewer, operation: Operation, variables: VariableValues, way: Way, language: Language
    ) -> Answer:
        compiled = await self._select(viewer, way.compiled, variables) if way.compiled else b"{}"
        if not way.ordinary:
            return Answer(b'{"data":' + compiled + b"}", True)
        if id(way) in self.introspected:
            return self.introspected[id(way)][1]
        result = await self._execute(viewer, operation, variables, way.ordinary)
        parts = {**(result.data or {}), **orjson.loads(compiled)}
        data = None if result.data is None else {key: parts.get(key) for key in way.keys}
        answer = answered(data, result.errors or (), language)
        if way.fixed and not result.errors:
            self.introspected[id(way)] = way, answer
        return answer

    async def _select(self, viewer: Viewer, compiled: Compiled, variables: VariableValues) -> bytes:
        today = self.clock().date()
        held = await self.live.of(viewer.organisation_id, today)
        values = viewer_values(viewer, held, today)
        request = Request(
            arguments_of(compiled.plan, variables), values, self.vault, self.nonce, today, self.smallest
        )
        given = [param.read(request) for param in compiled.statement.params]
        if compiled.statement.rows(given) > MAX_ROWS:
            raise too_wide()
        names = SETTINGS[viewer.role]
        text = scoped(compiled.statement.text, len(given), names)
        found = await self._fetch(viewer.role, text, *given, *(setting(values[name]) for name in names))
        if found is None:
            raise too_wide()
        body = str(found).encode()
        return self.finish(body) if compiled.statement.marks else body

    async def _fetch(self, role: str, text: str, *given: Any) -> Any:
        try:
            pool = await self.database.reader(role)
            return await pool.fetchval(text, *given)
        except (asyncpg.QueryCanceledError, TimeoutError):
            raise Unavailable(
                "The query took too long; ask for less at once.", zh="查询超时，请缩小查询范围"
            ) from None
        except (asyncpg.ProgramLimitExceededError, asyncpg.OutOfMemoryError):
            raise too_wide() from None
        except (OSError, asyncpg.InterfaceError, *UNREACHABLE):
            log.exception("database_unreachable")
            raise Unavailable from None

    def finish(self, body: bytes) -> bytes:
        """Open sealed values and sign cursors."""
        pattern = re.compile(b'"' + self.nonce.encode() + b'([sc])([0-9a-f]*)"')
        return pattern.sub(self._finished, body)

    def _finished(self, mark: re.Match[bytes]) -> bytes:
        payload = bytes.fromhex(mark[2].decode())
        if mark[1] == b"c":
            return orjson.dumps(self.vault.token(payload))
        return orjson.dumps(self.vault.open(payload))

    async def _execute(
        self, viewer: Viewer, operation: Operation, variables: VariableValues, ordinary: Collected
    ) -> ExecutionResult:
        """Ordinary execution of the fields that are not compiled."""
        nodes = tuple(node for nodes in ordinary.values() for node in nodes)
        node = OperationDefinitionNode(
            operation=operation.node.operation,
            name=operation.node.name,
            variable_definitions=operation.node.variable_definitions,
            directives=(),
            selection_set=SelectionSetNode(selections=nodes),
        )
        document = DocumentNode(definitions=(node, *operation.fragments.values()))
        result = execute(
            operation.schema,
            document,
            context_value=Context(viewer, self.clock().date()),
            variable_values=_raw(variables),
            executor_class=self.executor,
        )
        return result if isinstance(result, ExecutionResult) else await result


def scoped(text: str, count: int, names: tuple[str, ...]) -> str:
    """``text`` run with the settings its row-level policies read, set in the same round trip.

    They are local to the statement's own transaction. The condition of a CASE is evaluated before
    its branch, and a policy that found no setting would show nothing. An answer above ``MAX_BYTES``
    becomes NULL; ``offset 0`` keeps PostgreSQL from building it twice.
    """
    settings = [f"set_config('hub.{name}', ${count + i}::text, true)" for i, name in enumerate(names, 1)]
    ready = " and ".join(f"{setting} is not null" for setting in settings) or "true"
    return (
        f"select case when octet_length(body) <= {MAX_BYTES} then body end"  # noqa: S608
        f" from (select case when {ready} then ({text}) end as body offset 0) answer"
    )


def setting(value: Any) -> str:
    """As PostgreSQL reads it back: a list as an array."""
    return f"{{{','.join(map(str, value))}}}" if isinstance(value, list | tuple) else str(value)


def too_wide() -> TooMuch:
    return TooMuch(
        "The query asks for more rows than one answer may hold; give first.",
        zh="查询的数据过多，请减小 first",
    )


def _way(capability: Capability, operation: Operation, variables: VariableValues) -> Way:
    query: Any = operation.schema.get_root_type(operation.node.operation)
    selector = Selector(operation.fragments, variables)
    collected = selector.collect([operation.node.selection_set], query.name)
    compiled: Collected = {}
    ordinary: Collected = {}
    for key, nodes in collected.items():
        try:
            Planner(selector).root(query, {key: nodes})
            compiled[key] = nodes
        except NotCompiled:
            ordinary[key] = nodes
    plan = Planner(selector).root(query, compiled)
    made = Compiled(plan, compile_plan(plan, capability)) if compiled else None
    asked = {node.name.value for nodes in ordinary.values() for node in nodes}
    fixed = made is None and asked <= INTROSPECTION and not operation.node.variable_definitions
    return Way(tuple(collected), made, ordinary, fixed)


def _raw(variables: VariableValues) -> dict[str, Any]:
    return {name: source.value for name, source in variables.sources.items() if hasattr(source, "value")}
