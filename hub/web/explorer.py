"""GraphiQL at ``/explorer``, served from the package: no CDN, no eval, a nonce per page.

The bundle is built by ``explorer/`` (Node) and committed; the saved queries stand in
``static/explorer/examples/`` and nowhere else. In demo mode two more paths let the page act as
one of the demo's personas; they answer the page itself and nobody else.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template
from typing import Any, Final, TypedDict
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.access.slices import ROLE_LABELS
from hub.domain.dates import china_now
from hub.errors import BadArgument, BadDocument, Forbidden, HubError
from hub.settings import Settings
from hub.web.compress import CODINGS, coding

Mint = Callable[[str], Awaitable[tuple[str, int]]]


class Persona(TypedDict):
    """Whom the demo lets a visitor be; all of it is shown."""

    name: str
    label_zh: str
    label_en: str
    role: str
    division: str | None
    organisation: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """A saved query; ``roles`` are those whose first question it answers."""

    name: str
    roles: tuple[str, ...]
    audience: Mapping[str, str]
    title: Mapping[str, str]
    query: str
    variables: Mapping[str, Any]


FILES: Final = resources.files("hub.web") / "static" / "explorer"
TYPES: Final = {
    "explorer.js": "text/javascript; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
    "THIRD-PARTY-NOTICES.txt": "text/plain; charset=utf-8",
}
PERSONA_FIELDS: Final = tuple(Persona.__annotations__)
LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
# Nothing loads but the one script that carries the nonce and files of this origin. No
# 'unsafe-inline' for styles: the editor sets styles through the DOM, which the policy allows,
# and the one <style> element of the dialogs carries the nonce.
POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def explorer_routes(
    *,
    settings: Settings,
    personas: Sequence[Persona],
    mint: Mint,
    variables: Mapping[str, Any] | None = None,
) -> list[Route]:
    """The explorer's routes; those under ``/demo`` exist in demo mode only.

    ``mint`` gives a persona's access token and its life in seconds. ``variables`` replace the
    values of the same name in the saved queries, such as an ``idNumber`` of the demo's world.
    """

    async def explorer(request: Request) -> Response:
        return _page(settings, variables or {})

    routes = [
        Route("/explorer", explorer),
        Route("/explorer/assets/{name}", _asset, name="explorer_asset"),
    ]
    return routes + (_demo_routes(settings, personas, mint) if settings.demo else [])


def examples(variables: Mapping[str, Any] | None = None) -> list[Example]:
    """The saved queries; the word ``today`` stands for today's date in China."""
    today = china_now().date().isoformat()
    given = {"today": today, **(variables or {})}
    return [_example(entry, given) for entry in orjson.loads(_read("examples/index.json"))]


def _example(entry: dict[str, Any], given: Mapping[str, Any]) -> Example:
    name = entry["name"]
    values = {
        key: given.get(key, given["today"] if value == "today" else value)
        for key, value in entry["variables"].items()
    }
    return Example(
        name=name,
        roles=tuple(entry["roles"]),
        audience=entry["audience"],
        title=entry["title"],
        query=_read(f"examples/{name}.graphql").decode(),
        variables=values,
    )


@cache
def _read(path: str) -> bytes:
    return FILES.joinpath(path).read_bytes()


@cache
def _digest(name: str) -> str:
    return hashlib.sha256(_read(name)).hexdigest()[:16]


@cache
def _packed(name: str, wanted: str) -> bytes:
    return CODINGS[wanted](_read(name))


def _page(settings: Settings, variables: Mapping[str, Any]) -> Response:
    nonce = secrets.token_urlsafe(16)
    body = Template(_read("page.html").decode()).substitute(
        nonce=nonce,
        script=_address("explorer.js"),
        stylesheet=_address("explorer.css"),
        page=_inside_html(_facts(settings, variables)),
    )
    headers = ALWAYS | {
        "content-security-policy": POLICY.format(nonce=nonce),
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }
    return Response(body, headers=headers, media_type="text/html")


def _address(name: str) -> str:
    """Relative, so that the hub may stand below a path of its host."""
    return f"explorer/assets/{name}?v={_digest(name)}"


def _facts(settings: Settings, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "demo": settings.demo,
        "graphql": "graphql",
        "personas": "demo/personas",
        "token": "demo/token",
        "roles": {role: {"zh": zh, "en": en} for role, (zh, en) in ROLE_LABELS.items()},
        "examples": examples(variables),
    }


def _inside_html(value: object) -> str:
    """JSON that cannot end the element it stands in."""
    return orjson.dumps(value).decode().replace("<", "\\u003c")


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in TYPES:
        return Response(status_code=404, headers=ALWAYS)
    tag = f'"{_digest(name)}"'
    named = request.query_params.get("v") == _digest(name)
    headers = ALWAYS | {
        "etag": tag,
        "vary": "accept-encoding",
        "cache-control": "public, max-age=31536000, immutable" if named else "no-cache",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = _read(name)
    wanted = coding(request.headers.get("accept-encoding", ""))
    if wanted:
        body, headers["content-encoding"] = _packed(name, wanted), wanted
    return Response(body, headers=headers, media_type=TYPES[name])


def _demo_routes(settings: Settings, personas: Sequence[Persona], mint: Mint) -> list[Route]:
    known = {persona["name"] for persona in personas}
    shown = [{field: persona.get(field) for field in PERSONA_FIELDS} for persona in personas]

    async def demo_personas(request: Request) -> Response:
        _same_origin(request, settings.base_url)
        return _json(shown)

    async def demo_token(request: Request) -> Response:
        _same_origin(request, settings.base_url)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return _refusal(BadDocument("Send application/json.", zh="请求体须为 application/json"), 415)
        token, seconds = await mint(_chosen(await request.body(), known))
        return _json({"access_token": token, "expires_in": seconds})

    return [
        Route("/demo/personas", _answering(demo_personas)),
        Route("/demo/token", _answering(demo_token), methods=["POST"], max_body_size=4096),
    ]


def _answering(
    endpoint: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except HubError as error:
            return _refusal(error, error.status)

    return answer


def _same_origin(request: Request, base_url: str) -> None:
    """Refuse other sites' pages, and other names for this host (DNS rebinding)."""
    own = urlsplit(base_url).hostname or ""
    names = LOCAL_NAMES if own in LOCAL_NAMES else {own}
    host = request.headers.get("host", "")
    same = (
        _hostname(host) in names
        and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        and request.headers.get("origin", f"http://{host}").partition("://")[2] == host
    )
    if not same:
        raise Forbidden(
            f"Only the explorer at {base_url}/explorer may ask this.", zh="仅限本站的查询台页面使用"
        )


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _chosen(body: bytes, known: set[str]) -> str:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadDocument("The body is not JSON.", zh="请求体不是有效的 JSON") from error
    name = document.get("persona") if isinstance(document, dict) else None
    if not isinstance(name, str) or name not in known:
        raise BadArgument("persona: one of the names of GET /demo/personas.", zh="persona 须为演示身份之一")
    return name


def _json(value: object, status: int = 200) -> Response:
    headers = ALWAYS | {"cache-control": "no-store"}
    return Response(orjson.dumps(value), status, headers, media_type="application/json")


def _refusal(error: HubError, status: int) -> Response:
    return _json({"errors": [error.shown()]}, status)
