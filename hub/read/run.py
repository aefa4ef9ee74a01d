"""Answering: one statement for what is compiled, graphql-core for what is not, bytes for both."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from copy import copy
from dataclasses import InitVar, dataclass, field, replace
from functools import partial
from typing import Any, Final, cast

import orjson
import structlog
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
)
from graphql.execution.values import VariableValues
from graphql.language import SelectionSetNode

from hub.access.coverage import Coverage
from hub.access.documents import TrustedDocuments
from hub.access.limits import Limits
from hub.access.live import Held, LiveContracts
from hub.access.numbers import Persons
from hub.access.rights import Rights, rights_of
from hub.access.viewer import Capability, Viewer
from hub.domain.dates import china_now
from hub.errors import BadUserInput, Language, Unavailable
from hub.read.answers import Answer, answered
from hub.read.aside import ask, facts, price, standing
from hub.read.asker import MAX_BYTES, Asker
from hub.read.audit import Audit
from hub.read.eligible import programme_of
from hub.read.faults import Settler
from hub.read.first_reads import FirstReads
from hub.read.identifiers import questions_in
from hub.read.leaves import Request, viewer_values
from hub.read.mutate import mutate
from hub.read.operation import Documents, Key, Operation, key_of
from hub.read.plan import Plan
from hub.read.planner import arguments_of
from hub.read.pull import pull
from hub.read.refusals import REFUSALS, E, attempted, refusal, write_faults
from hub.read.selector import Collected, Selector
from hub.read.shapes import shape_of
from hub.read.statistics import StatisticsReader
from hub.read.till import Bill, Counter, Till, Unlimited
from hub.read.turns import Turns
from hub.read.way import Compiled, Way, way_of
from hub.read.who import ARGUMENT, Use, seen, uses
from hub.store.database import Database, Fetch
from hub.store.vault import Vault

log = structlog.get_logger(__name__)


MAX_BYTES_WITH_FAULTS: Final = 1024 * 1024
"""Of one that is walked here, row by row, since some fields of it have errors."""
NOTHING: Final[Mapping[Any, Any]] = {}


@dataclass(frozen=True, slots=True)
class Context:
    """What ordinary resolvers see."""

    viewer: Viewer
    today: dt.date
    limits: Limits
    uses: Callable[[str, int, str | None], Awaitable[list[Use] | None]]
    """Who was shown something of a person (``hub.read.who``)."""
    ask: Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
    """A question of the hub's own (``hub.read.aside``)."""
    rights: Callable[[], Awaitable[Rights]]
    """What the viewer has been given, and by whom."""
    facts: Fetch
    """Rows with the hub's own rights: what rules say of a record does not depend on what else is seen."""


@dataclass(slots=True)
class Engine:
    """The read engine: ``schemas`` gives the audience schema of a capability."""

    database: Database
    vault: Vault
    schemas: Callable[[Capability], GraphQLSchema]
    executor: type[Any] | None = None
    smallest: int = 10
    clock: Callable[[], dt.datetime] = china_now
    documents: Documents = field(default_factory=Documents)
    first_reads: FirstReads = field(default_factory=FirstReads)
    nonce: str = field(default_factory=lambda: "\u2063" + secrets.token_hex(12))
    """Around what PostgreSQL's JSON holds sealed."""
    count_questions: Callable[[Viewer, int, Iterable[Persons]], Awaitable[None]] | None = None
    """Told who asks about how many persons, and whom by number; TooOften if they are too many."""
    turns: InitVar[Turns | None] = None
    limits: Limits = field(default_factory=Limits)
    counter: Counter = field(default_factory=Unlimited)
    rights: Callable[[Database, Viewer, Held, dt.date], Awaitable[Rights]] = rights_of
    change_days: int = 7
    """For how long a cursor of a copy is good: as long as changes are kept."""
    cluster: str = ""
    """In which cursors of copies are good, once somebody has asked."""
    live: LiveContracts = field(init=False)
    coverage: Coverage = field(init=False)
    trusted: TrustedDocuments = field(init=False)
    till: Till = field(init=False)
    asker: Asker = field(init=False)
    introspected: LRUCache[int, tuple[Way, Answer]] = field(default_factory=lambda: LRUCache(16))
    """Answers that take a tenth of a second to make; by the way's ``id``, kept with it."""

    def __post_init__(self, turns: Turns | None) -> None:
        self.live = LiveContracts(self.database)
        self.coverage = Coverage(self.database)
        self.trusted = TrustedDocuments(self.database)
        statistics = StatisticsReader(self.database)
        self.till = Till(statistics, self.limits, self.counter)
        audit = Audit(self.database)
        self.asker = Asker(self.database, self.vault, self.nonce, statistics, turns or Turns(8), audit)

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
        bill = self.till.bill(viewer)
        answer = await self._answer(bill, source, name, given, reading, language)
        return self.till.paid(bill, answer)

    async def _answer(
        self,
        bill: Bill,
        source: str,
        name: str | None,
        given: Mapping[str, Any],
        reading: bool,
        language: Language,
    ) -> Answer:
        viewer = bill.viewer
        try:
            key = key_of(viewer.capability, source)
            await self.admit(viewer, key)
            async with self.turn_to_read(viewer, key):
                operation = self.operation(viewer, source, name, reading, key)
                variables = operation.variables(given)
                way = self.way(viewer, operation, variables)
            run = mutate if way.writes else pull if way.copied else Engine._run
            answer = await run(self, bill, operation, variables, way, language)
            answer.notice = operation.notice
            return answer
        except REFUSALS as error:
            return refusal(await self.attempted(viewer, source, error), language)

    async def attempted(self, viewer: Viewer, source: str, error: E) -> E | Unavailable:
        """What is told of a refusal: itself, when an attempt that is watched is in the access log."""
        return await attempted(self.asker.audit, viewer, key_of(None, source)[1], source, error)

    def turn_to_read(self, viewer: Viewer, key: Key) -> AbstractAsyncContextManager[None]:
        """The client's turn to have a document read; at once for one that is known."""
        known = key in self.documents.cache
        return nullcontext() if known else self.first_reads.of(viewer.client_id)

    async def admit(self, viewer: Viewer, key: Key) -> None:
        """NotTrusted where the client is held to its documents, and this text is none of them."""
        if viewer.documents_only:
            await self.trusted.demand(viewer.client_id, key[1])

    def operation(
        self,
        viewer: Viewer,
        source: str,
        name: str | None,
        reading: bool = False,
        key: Key | None = None,
        streaming: bool = False,
    ) -> Operation:
        """``key``: ``key_of`` the source, for who knows it already."""
        capability = viewer.capability
        key = key or key_of(capability, source)
        return self.documents.operation(key, self.schemas(capability), source, name, reading, streaming)

    def way(
        self,
        viewer: Viewer,
        operation: Operation,
        variables: VariableValues,
        refused: Mapping[int, BadUserInput] = NOTHING,
    ) -> Way:
        """``refused``: errors of fields whose arguments are wrong, by ``id`` of their nodes."""
        known = frozenset((node, error.code, error.message) for node, error in refused.items())
        key = operation.shape(variables), known
        found: Way | None = operation.cached.get(key)
        if found is None:
            found = operation.cached[key] = way_of(viewer.capability, operation, variables, refused)
        return found

    async def _run(
        self, bill: Bill, operation: Operation, variables: VariableValues, way: Way, language: Language
    ) -> Answer:
        way, compiled = await self._select(bill, operation, variables, way)
        if id(way) in self.introspected:
            return copy(self.introspected[id(way)][1])
        faults = way.compiled.plan.faults if way.compiled else NOTHING
        if not way.ordinary and not faults:
            return Answer(b'{"data":' + compiled + b"}", True)
        settler = Settler(Selector(operation.fragments, variables, operation.schema), faults)
        found = settler.settle(operation.root, [operation.node.selection_set], orjson.loads(compiled))
        result = await self._execute(bill, operation, variables, way.ordinary)
        data = None
        if found is not None and result.data is not None:
            parts = {**result.data, **found}
            data = {key: parts.get(key) for key in way.keys}
        answer = answered(data, [*settler.errors, *(result.errors or ())], language)
        if way.fixed and not result.errors:
            self.introspected[id(way)] = way, copy(answer)
        return answer

    async def _select(
        self, bill: Bill, operation: Operation, variables: VariableValues, way: Way
    ) -> tuple[Way, bytes]:
        """What is compiled, as JSON; by another way where a value of an argument is wrong."""
        if way.compiled is None:
            beside = await price(self, bill.viewer, way, variables)
            asked = await self.till.check(bill, way.resolved, None, (), NOTHING, beside=beside)
            await self.till.charge(bill, asked)
            return way, b"{}"
        way, request, given = await self.priced(bill, operation, variables, way)
        compiled = cast(Compiled, way.compiled)
        if compiled.empty:
            return way, orjson.dumps({key: None for key, _ in compiled.plan.fields})
        most = MAX_BYTES_WITH_FAULTS if compiled.plan.faults else MAX_BYTES
        statement, shape, values = compiled.statement, compiled.shape, request.viewer
        body = await self.asker.ask(bill, operation.digest, statement, shape, given, values, most)
        return way, body

    async def priced(
        self, bill: Bill, operation: Operation, variables: VariableValues, way: Way
    ) -> tuple[Way, Request, list[Any]]:
        """As ``read``; it is charged for then."""
        viewer = bill.viewer
        way, request, given = await self.read(viewer, operation, variables, way)
        compiled = cast(Compiled, way.compiled)
        await self.count(viewer, compiled.plan, request)
        beside = await price(self, viewer, way, variables)
        asked = await self.till.check(
            bill, way.resolved, compiled.price, given, request.viewer, beside=beside
        )
        await self.till.charge(bill, asked)
        if compiled.plan.faults:
            await write_faults(self.asker.audit, viewer, operation, variables, compiled.plan.faults)
        return way, request, given

    async def count(self, viewer: Viewer, plan: Plan, request: Request) -> None:
        """TooOften where it asks about more persons than the client may."""
        questions = questions_in(plan, viewer.capability, request)
        if questions and self.count_questions is not None:
            await self.count_questions(viewer, questions, request.persons.values())

    async def read(
        self, viewer: Viewer, operation: Operation, variables: VariableValues, way: Way
    ) -> tuple[Way, Request, list[Any]]:
        """A way that is compiled, or another where a value of an argument is wrong; the request, and the
        statement's parameters.
        """
        assert way.compiled is not None
        now = self.clock()
        today = now.date()
        held = await self.live.of(viewer.organisation_id, today)
        values = viewer_values(viewer, held, today)
        request = Request(
            arguments_of(way.compiled.plan, variables),
            values,
            self.vault,
            self.nonce,
            today,
            self.smallest,
        )
        await self._rely(request, way.compiled, now)
        try:
            compiled, given = way.compiled, way.compiled.read(request)
        except BadUserInput:
            way = self.way(viewer, operation, variables, way.compiled.wrong(request))
            compiled = cast(Compiled, way.compiled)
            # Places of arguments are others now: nothing that was found by them before holds.
            arguments = arguments_of(compiled.plan, variables)
            request = replace(request, arguments=arguments, memo={}, persons={}, reliances={})
            await self._rely(request, compiled, now)
            given = compiled.read(request)
        return way, request, given

    async def _rely(self, request: Request, compiled: Compiled, now: dt.datetime) -> None:
        """Finds out what answers about the programmes that are asked for can be relied on for."""
        for programme in compiled.programmes:
            code = programme_of(request, programme)
            request.reliances[programme] = await self.coverage.of(request.viewer, code, now)

    async def _execute(
        self, bill: Bill, operation: Operation, variables: VariableValues, ordinary: Collected
    ) -> ExecutionResult:
        """Ordinary execution of the fields that are not compiled."""
        if not ordinary:
            return ExecutionResult({}, None)
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
            context_value=Context(
                bill.viewer,
                self.clock().date(),
                self.limits,
                partial(self._uses, bill, operation),
                partial(ask, self, bill),
                partial(standing, self, bill),
                partial(facts, self, bill),
            ),
            variable_values=_raw(variables),
            executor_class=self.executor,
        )
        return result if isinstance(result, ExecutionResult) else await result

    async def _uses(
        self, bill: Bill, operation: Operation, person: str, first: int, before: str | None
    ) -> list[Use] | None:
        viewer, statement = bill.viewer, seen(bill.viewer.capability)
        today = self.clock().date()
        values = viewer_values(viewer, await self.live.of(viewer.organisation_id, today), today)
        request = Request([{ARGUMENT: person}], values, self.vault, self.nonce, today)
        given = [param.read(request) for param in statement.params]
        shape = shape_of(operation.node, statement.places, ())
        body = await self.asker.ask(bill, operation.digest, statement, shape, given, values, MAX_BYTES)
        return await uses(self.database, self.vault, viewer, today, person, body, first, before)


def _raw(variables: VariableValues) -> dict[str, Any]:
    return {name: source.value for name, source in variables.sources.items() if hasattr(source, "value")}
