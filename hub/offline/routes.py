"""``/packages``: made, listed, given back; and which are recalled."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import OperationDefinitionNode, parse
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.viewer import Viewer
from hub.audit.shape import shape
from hub.errors import BadArgument, BadDocument, HubError, TooMuch
from hub.oauth.jose import SigningKeys
from hub.offline.package import device_key, make, recall_list
from hub.offline.registry import add, deleted, own, recalled
from hub.read.run import Engine
from hub.web.accept import JSON, language
from hub.web.asked import checked, json_of
from hub.web.graphql import Authenticate
from hub.web.heads import heads
from hub.web.refusals import EVERY_METHOD, refusal
from hub.web.trusted import Sources

PATH: Final = "/packages"
RECALLED_PATH: Final = f"{PATH}/recalled"
MEMBERS: Final = frozenset({"key", "device", "hours", "documentId", "query", "variables"})
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of the entries of one package."""
PAGE: Final = 500
SHAPE: Final = shape("", "package", (), ("Package.id",))
PAGED: Final = {"since", "first"}
"""Variables without which each page would be the first."""
LONGEST: Final = 100
"""Characters of a device's name."""


class NotHere(BadDocument):
    """Expected GET or POST, as this address has it."""

    status, zh = 405, "请求方法不适用于此地址"


@dataclass(frozen=True, slots=True)
class Packages:
    """``hours``: the longest a package may be good for. ``issuer``: the hub's address."""

    engine: Engine
    keys: SigningKeys
    issuer: str
    hours: int

    async def make(self, viewer: Viewer, source: str, given: Mapping[str, Any]) -> tuple[str, bytes]:
        """Id and file. HubError where there is none."""
        device, hours, key = _device(given), self._hours(given), device_key(given.get("key"))
        entries, cursor = await self.pull(viewer, source, given.get("variables") or {})
        id_, now = str(uuid.uuid4()), dt.datetime.now(dt.UTC)
        ends = now + dt.timedelta(hours=hours)
        claims = {
            "iss": self.issuer,
            "jti": id_,
            "client": viewer.client_id,
            "device": device,
            "iat": int(now.timestamp()),
            "exp": int(ends.timestamp()),
            "cursor": cursor,
        }
        row = id_, viewer.client_id, viewer.user_id, device, key.thumbprint(), len(entries), now, ends
        await add(self.engine.database, row)
        audit = self.engine.asker.audit
        await audit.written(viewer, uuid.UUID(id_).bytes, SHAPE, ("offline_package",), "")
        signing = self.keys.active.keys[0]
        assert isinstance(signing, ECKey)
        return id_, await asyncio.to_thread(make, signing, key, claims, entries)

    async def pull(self, viewer: Viewer, source: str, given: Mapping[str, Any]) -> tuple[list[bytes], str]:
        """All entries as the document selects them, newest of each person, and the cursor behind them."""
        found: dict[str, bytes] = {}
        cursor, more, size = None, True, 0
        while more:
            variables = {**given, "since": cursor, "first": PAGE}
            answer = await self.engine.answer(viewer, source, None, variables, reading=True)
            body = orjson.loads(answer.body)
            for error in body.get("errors", ()):
                raise Failed(answer.status, error)
            page = body["data"].get("caseload") if body.get("data") else None
            if (
                not isinstance(page, dict)
                or not {"entries", "cursor", "hasMore"} <= page.keys()
                or (cursor is None and not _variables(source) >= PAGED)
            ):
                raise BadArgument(
                    "Expected a document of `caseload` with entries, cursor and hasMore, $since and $first.",
                    zh="应为 caseload 查询，含 entries、cursor、hasMore 与变量 since、first",
                )
            for entry in page["entries"]:
                if not {"id", "operation"} <= entry.keys():
                    raise BadArgument(
                        "Expected entries with id and operation.", zh="条目应含 id 与 operation"
                    )
                if entry.get("operation") == "TOMBSTONE":
                    found.pop(entry["id"], None)
                    continue
                found[entry["id"]] = orjson.dumps(entry)
                size += len(found[entry["id"]])
            if size > MOST_BYTES:
                raise TooMuch("The package would be too large; select less.", zh="数据包过大，请减少字段")
            cursor, more = page["cursor"], page["hasMore"]
        return list(found.values()), str(cursor)

    def _hours(self, given: Mapping[str, Any]) -> int:
        hours = given.get("hours", self.hours)
        if type(hours) is not int or not 1 <= hours <= self.hours:
            raise BadArgument(
                f"Expected hours from 1 to {self.hours}.", zh=f"有效时长应为 1 至 {self.hours} 小时"
            )
        return hours

    async def recall_list(self) -> str:
        now, signing = dt.datetime.now(dt.UTC), self.keys.active.keys[0]
        assert isinstance(signing, ECKey)
        ids = await recalled(self.engine.database, self.engine.clock().date())
        return recall_list(signing, {"iss": self.issuer, "iat": int(now.timestamp()), "recalled": ids})


class Failed(Exception):
    """The engine refused the document; its error is told as it is."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.told = status if status >= 400 else 422, error


def _variables(source: str) -> set[str]:
    """Those of a document that was answered, so each of them is used in it."""
    return {
        each.variable.name.value
        for operation in parse(source, no_location=True).definitions
        if isinstance(operation, OperationDefinitionNode)
        for each in operation.variable_definitions or ()
    }


def _device(given: Mapping[str, Any]) -> str:
    device = given.get("device")
    if not isinstance(device, str) or not 1 <= len(device) <= LONGEST:
        raise BadArgument(
            f"Expected a name of the device, {LONGEST} characters at most.", zh="应填写设备名称"
        )
    return device


def package_routes(
    packages: Packages, authenticate: Authenticate, sources: Sources, most: int
) -> list[Route]:
    """``most``: bytes of a body."""
    engine = packages.engine

    async def asked(request: Request) -> Response:
        viewer = await authenticate(request)
        if request.method == "GET":
            rows = await own(engine.database, viewer.client_id)
            return _json({"packages": rows})
        given = await json_of(request, most)
        if not isinstance(given, dict) or given.keys() - MEMBERS:
            raise BadArgument(f"Expected an object with {', '.join(sorted(MEMBERS))}.", zh="请求体字段有误")
        id_, file = await packages.make(viewer, await _source(viewer, given), given)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{id_}.jwe"',
            "Location": f"{PATH}/{id_}",
        }
        return Response(file, 201, headers, "application/jose")

    async def _source(viewer: Viewer, given: Mapping[str, Any]) -> str:
        named = {name: given[name] for name in ("documentId", "query", "variables") if name in given}
        return await sources.of(viewer, checked(named))

    async def given_back(request: Request) -> Response:
        viewer = await authenticate(request)
        await deleted(engine.database, request.path_params["id"], viewer.client_id)
        return Response(status_code=204)

    async def recalls(_: Request) -> Response:
        text = await packages.recall_list()
        return Response(text, 200, {"Cache-Control": "no-store"}, "application/jose")

    return [
        Route(PATH, _guarded(asked, "GET", "POST"), methods=EVERY_METHOD),
        Route(RECALLED_PATH, _guarded(recalls, "GET"), methods=EVERY_METHOD),
        Route(f"{PATH}/{{id}}/deleted", _guarded(given_back, "POST"), methods=EVERY_METHOD),
    ]


def _guarded(serve: Callable[[Request], Awaitable[Response]], *methods: str) -> Any:
    async def endpoint(request: Request) -> Response:
        spoken = language(heads(request.scope).get("accept-language", ""))
        try:
            if request.method not in methods:
                raise NotHere
            return await serve(request)
        except Failed as error:
            status, told = error.told
            return Response(orjson.dumps({"errors": [told]}), status, {"Cache-Control": "no-store"}, JSON)
        except HubError as error:
            response = refusal(error, spoken, JSON)
            if isinstance(error, NotHere):
                response.headers["Allow"] = ", ".join(methods)
            return response

    return endpoint


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), 200, {"Cache-Control": "no-store"}, JSON)
