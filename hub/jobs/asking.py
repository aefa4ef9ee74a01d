"""What a client asks for in a job: read from the request, held against its schema and its rights, kept."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import Request

from hub.access.viewer import Viewer
from hub.errors import BadArgument, Forbidden, TooMuch
from hub.jobs import persons as p
from hub.jobs.document import AFTER, PERSONS, Listing, listing_of
from hub.jobs.formats import MADE, NDJSON, can_make
from hub.jobs.parts import PERSONS as GIVEN
from hub.jobs.store import BeingReceived, Job
from hub.jobs.working import STEP, Work
from hub.read.measure import measure_values
from hub.read.operation import Operation, key_of
from hub.web.accept import with_parameters
from hub.web.asked import checked, json_of
from hub.web.heads import heads
from hub.web.refusals import GivenTwice, UnsupportedCoding, UnsupportedType
from hub.web.trusted import Sources
from hub.write.keys import KeyReused

KEY: Final = "Idempotency-Key"
_KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{1,100})"?', re.ASCII)
MEMBERS: Final = frozenset({"documentId", "query", "variables", "formats", PERSONS})


class NotForUsers(Forbidden):
    """Jobs are for clients that ask for themselves: nobody is there when they are done."""

    code, zh = "JOB_NEEDS_CLIENT", "批量任务仅供以自身名义查询的客户端使用"


@dataclass(frozen=True, slots=True)
class Wanted:
    document: str
    variables: Mapping[str, Any]
    formats: tuple[str, ...]
    listing: Listing


@dataclass(frozen=True, slots=True)
class Reception:
    work: Work
    sources: Sources
    most_jobs: int
    most_persons: int
    most_upload: int
    most_body: int

    async def started(self, request: Request, viewer: Viewer) -> tuple[Job, bool]:
        """The job, and whether it is new. HubError, or ``REFUSALS`` of the document."""
        if viewer.user_id is not None or viewer.emergency is not None:
            raise NotForUsers
        key = _key_of(request)
        given, uploaded = await self._given(request)
        wanted = await self._wanted(viewer, given)
        if wanted.listing.of_persons == (uploaded is None):
            raise BadArgument(
                "Expected persons with a document that has $persons, and with no other.",
                zh="含 $persons 的查询须附人员名单，其他查询不得附",
            )
        jobs = self.work.jobs
        await jobs.expired()  # whose keys are free again
        known = await jobs.by_key(viewer.client_id, key)
        if known is not None:
            return await self._same(known, viewer, wanted, uploaded), False
        id_ = uuid.uuid4()
        vault = self.work.parts.vault
        sealed = vault.seal(wanted.document), vault.seal(orjson.dumps(wanted.variables).decode())
        scopes, formats = sorted(viewer.scopes), list(wanted.formats)
        bounds = self.most_jobs, self.most_jobs * self.work.most_bytes
        await jobs.begin(*bounds, id_, viewer.client_id, key, *sealed, viewer.purpose, scopes, formats)
        try:
            digest, count = _digest(viewer, wanted), 0
            if uploaded is not None:
                count = await self._take(id_, uploaded, digest)
            named = vault.blind(digest.hexdigest())
            job = await jobs.received(id_, named, None if uploaded is None else count)
        except BaseException:
            await jobs.delete(id_)
            raise
        self.work.news.set()
        return job, True

    async def _take(self, id_: uuid.UUID, uploaded: AsyncIterator[list[p.Person]], digest: Any) -> int:
        """Keep them as they come; how many."""
        first = 0
        async for persons in _steps(self._bounded(uploaded)):
            data = p.packed(persons)
            digest.update(data)
            row = await self.work.parts.row(id_, GIVEN, first // STEP, first, len(persons), data)
            await self.work.jobs.add(id_, row)
            first += len(persons)
        if not first:
            raise BadArgument("Expected a person.", zh="人员名单为空")
        return first

    async def _bounded(self, uploaded: AsyncIterator[list[p.Person]]) -> AsyncIterator[list[p.Person]]:
        count = 0
        async for some in uploaded:
            count += len(some)
            if count > self.most_persons:
                raise TooMuch(
                    f"Expected at most {self.most_persons} persons.", zh=f"至多 {self.most_persons} 人"
                )
            yield some

    async def _same(
        self, known: Job, viewer: Viewer, wanted: Wanted, uploaded: AsyncIterator[list[p.Person]] | None
    ) -> Job:
        """The job of the key, asked for again; KeyReused where that was another, BeingReceived."""
        if known["state"] == "RECEIVING":
            raise BeingReceived
        digest = _digest(viewer, wanted)
        async for persons in _steps(uploaded or _at_once([])):
            digest.update(p.packed(persons))
        if self.work.parts.vault.blind(digest.hexdigest()) != known["request"]:
            raise KeyReused
        return known

    async def _given(self, request: Request) -> tuple[dict[str, Any], AsyncIterator[list[p.Person]] | None]:
        """Members of the request, and the persons."""
        head = heads(request.scope)
        kind, parameters = with_parameters(head.get("content-type", ""))
        if kind in (p.NDJSON, p.CSV):
            if head.get("content-encoding", "identity").lower() != "identity":
                raise UnsupportedCoding
            charset = parameters.get("charset", "utf-8")
            return _of_url(request), p.read(request.stream(), kind, charset, self.most_upload)
        if kind != "application/json":
            raise UnsupportedType
        given = await json_of(request, self.most_body)
        if not isinstance(given, dict):
            raise BadArgument("Expected an object.", zh="应为 JSON 对象")
        return given, _at_once(p.listed(given[PERSONS])) if PERSONS in given else None

    async def _wanted(self, viewer: Viewer, given: Mapping[str, Any]) -> Wanted:
        if given.keys() - MEMBERS:
            raise BadArgument(f"Expected {', '.join(sorted(MEMBERS))}.", zh="请求字段有误")
        formats = _formats(given.get("formats"))
        asked = checked({name: given[name] for name in ("documentId", "query", "variables") if name in given})
        engine = self.work.engine
        document = await self.sources.of(viewer, asked)
        key = key_of(viewer.capability, document)
        await engine.admit(viewer, key)
        async with engine.turn_to_read(viewer, key):
            operation = engine.operation(viewer, document, None, reading=True, key=key)
            listing = listing_of(operation)
        measure_values(asked.variables)
        if {PERSONS, AFTER} & asked.variables.keys():
            raise BadArgument(
                "Expected no $persons or $after: the hub gives them.", zh="不得自带 persons 或 after"
            )
        await self._readable(viewer, operation, asked.variables, listing)
        return Wanted(document, asked.variables, formats, listing)

    async def _readable(
        self, viewer: Viewer, operation: Operation, variables: Mapping[str, Any], listing: Listing
    ) -> None:
        """Raises what every step would be refused for, as far as it does not depend on who is asked about."""
        moved: dict[str, Any] = {PERSONS: [{p.TOKEN: "0"}]} if listing.of_persons else {}
        values = operation.variables({**variables, **moved})
        way = self.work.engine.way(viewer, operation, values)
        if way.compiled is not None:
            way, _, _ = await self.work.engine.read(viewer, operation, values, way)
        for fault in way.compiled.plan.faults.values() if way.compiled else ():
            raise fault


def _key_of(request: Request) -> str:
    found = _KEY.fullmatch(heads(request.scope).get(KEY.lower(), ""))
    if found is None:
        raise BadArgument(
            f"Expected a header {KEY}, by which the same job is started once: up to 100 visible characters.",
            zh=f"应含 {KEY} 请求头（至多 100 个可见字符），同一键只启动一次任务",
        )
    return found[1]


def _of_url(request: Request) -> dict[str, Any]:
    pairs = request.query_params.multi_items()
    given: dict[str, Any] = {name: text for name, text in pairs if text}
    if len(pairs) != len({name for name, _ in pairs}):
        raise GivenTwice
    if "variables" in given:
        try:
            given["variables"] = orjson.loads(given["variables"])
        except orjson.JSONDecodeError:
            raise BadArgument("Expected variables to be JSON.", zh="variables 应为 JSON") from None
    return given


def _formats(given: Any) -> tuple[str, ...]:
    """Besides the rows; names in a list, or with commas between."""
    names = given.split(",") if isinstance(given, str) else [] if given is None else given
    if not isinstance(names, list) or not all(isinstance(n, str) and n in (NDJSON, *MADE) for n in names):
        raise BadArgument(f"Expected formats: {', '.join((NDJSON, *MADE))}.", zh="文件格式有误")
    wanted = tuple(name for name in MADE if name in names)
    for name in wanted:
        can_make(name)
    return wanted


def _digest(viewer: Viewer, wanted: Wanted) -> Any:
    """Of all that is asked but the persons, which are added to it."""
    said = [viewer.purpose, sorted(viewer.scopes), wanted.document, wanted.variables, wanted.formats]
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


async def _steps(given: AsyncIterator[list[p.Person]]) -> AsyncIterator[list[p.Person]]:
    """As many at a time as a step asks about, whatever comes together."""
    held: list[p.Person] = []
    async for some in given:
        held += some
        while len(held) >= STEP:
            yield held[:STEP]
            del held[:STEP]
    if held:
        yield held


async def _at_once(persons: list[p.Person]) -> AsyncIterator[list[p.Person]]:
    yield persons
