"""``/documents``: each trusted document of a client as an endpoint of its own (docs/documents.md)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

import orjson
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.documents import NAME, Document, Entry
from hub.access.viewer import Viewer
from hub.errors import HubError, Language, NotFound, all_errors
from hub.oauth.metadata import Issuer
from hub.read.answers import PARTIAL, Answer
from hub.read.operation import Invalid, Operation, key_of
from hub.read.refusals import refusal as answer_of
from hub.read.run import Engine
from hub.web.accept import JSON, language, media_type
from hub.web.compress import Compressed
from hub.web.cors import cors
from hub.web.costs import headers_of
from hub.web.graphql import HEADERS, Authenticate
from hub.web.heads import DOCUMENT, VIEWER, heads
from hub.web.notice import notice_headers
from hub.web.openapi import OpenApi
from hub.web.parameters import types_of, variables
from hub.web.receipts import Receipts, receipted
from hub.web.refusals import EVERY_METHOD, METHODS, NotAcceptable, NotRead, WrongMethod, refusal

OPENAPI: Final = "openapi.json"
KIND: Final = f"{JSON}; charset=utf-8"
STATUS: Final = {error.code: error.status for error in reversed(all_errors())}

Serve = Callable[[Request, Viewer, Language], Awaitable[Response]]


class NoDocument(NotFound):
    """This client has no document of this name."""

    zh = "本客户端没有此名称的文档"


def documents_routes(
    engine: Engine,
    authenticate: Authenticate,
    issuer: Issuer,
    most: int,
    origins: Sequence[str] = (),
    receipts: Receipts | None = None,
) -> list[Route]:
    """``most``: bytes of a body. ``origins``: sites whose pages may ask."""
    openapi = OpenApi(issuer)

    async def listed(_: Request, viewer: Viewer, __: Language) -> Response:
        found = await engine.trusted.listed(viewer.client_id)
        return _json({"documents": [_entry(each) for each in found]})

    async def described(_: Request, viewer: Viewer, __: Language) -> Response:
        documents = await engine.trusted.of(viewer.client_id)
        return _json(await openapi.of(viewer.capability, documents, partial(_readable, engine, viewer)))

    async def let_in(request: Request) -> Viewer:
        try:
            return await authenticate(request)
        except HubError as error:
            viewer, name = request.scope.get(VIEWER), request.path_params.get("name")
            if viewer is None or name is None:
                raise
            try:
                document = await _named(engine, viewer, name)
            except NoDocument:
                raise error from None
            raise await engine.attempted(viewer, document.source, error) from None

    async def asked(request: Request, viewer: Viewer, spoken: Language) -> Response:
        reading = request.method != "POST"
        document = await _named(engine, viewer, request.path_params["name"])
        request.scope[DOCUMENT] = document.source
        try:
            operation = await _operation(engine, viewer, document, reading)
            given = await variables(request, types_of(operation), most)
        except Invalid as invalid:  # the client's rights, or the schema, have changed since
            told = await engine.attempted(viewer, document.source, invalid)
            return respond_plainly(answer_of(told, spoken))
        except HubError as error:
            raise await engine.attempted(viewer, document.source, error) from None
        answer = await engine.answer(viewer, document.source, None, given, reading=reading, language=spoken)
        request.state.cost = answer.cost
        return respond_plainly(answer)

    around = [*cors(origins), Middleware(Compressed), *receipted(receipts)]
    return [
        Route(path, _serving(let_in, serve, posted), methods=EVERY_METHOD, middleware=around)
        for path, serve, posted in (
            ("/documents", listed, False),
            (f"/documents/{OPENAPI}", described, False),
            ("/documents/{name:path}", asked, True),
        )
    ]


def _serving(
    authenticate: Authenticate, serve: Serve, posted: bool
) -> Callable[[Request], Awaitable[Response]]:
    """``posted``: by POST too."""

    async def endpoint(request: Request) -> Response:
        given = heads(request.scope)
        spoken = language(given.get("accept-language", ""))
        try:
            if request.method not in (METHODS if posted else METHODS[:2]):
                raise WrongMethod if posted else NotRead
            if media_type(given.get("accept", "")) is None:
                raise NotAcceptable
            return await serve(request, await authenticate(request), spoken)
        except HubError as error:
            return refusal(error, spoken, JSON)

    return endpoint


async def _named(engine: Engine, viewer: Viewer, name: str) -> Document:
    """By its name only: NoDocument for another client's as for one that is nobody's."""
    found = await engine.trusted.find(viewer.client_id, name) if NAME.fullmatch(name) else None
    if found is None or found.name != name:
        raise NoDocument
    return found


async def _operation(engine: Engine, viewer: Viewer, document: Document, reading: bool) -> Operation:
    """The document as the audience of the token may ask it, read in the client's turn.

    ``reading``: PostNeeded for a mutation.
    """
    key = key_of(viewer.capability, document.source)
    async with engine.turn_to_read(viewer, key):
        return engine.operation(viewer, document.source, None, reading, key)


async def _readable(engine: Engine, viewer: Viewer, document: Document) -> Operation | None:
    """None where this token's rights do not reach the document."""
    try:
        return await _operation(engine, viewer, document, False)
    except (Invalid, HubError):
        return None


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "id": entry.id,
        "path": f"/documents/{entry.name}",
        "description": entry.description,
    }


def _json(content: Any) -> Response:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Response(body, 200, {"Cache-Control": "no-store"}, KIND)


def respond_plainly(answer: Answer) -> Response:
    """What went wrong is told by the status, too: the highest of its errors; 200 is a whole answer."""
    status = answer.status
    if status == PARTIAL:
        errors = orjson.loads(answer.body)["errors"]
        status = max(STATUS.get(error["extensions"]["code"], 500) for error in errors)
    headers = {"Cache-Control": "no-store", **HEADERS.get(status, {}), **headers_of(answer)}
    headers |= notice_headers(answer.notice)
    return Response(answer.body, status, headers, KIND)
