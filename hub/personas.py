"""The demo's personas: registered clients whose private keys lie in ``DIR/demo.json``.

Only the demo has them; a real client keeps its key to itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import orjson
from starlette.routing import Route

from hub.errors import NotFound, Unauthenticated, Unavailable
from hub.oauth.metadata import Issuer
from hub.oauth.server import Call
from hub.oauth.token_endpoint import TokenEndpoint
from hub.oauth.tokens import fetch_token, make_assertion, token_form
from hub.settings import Settings
from hub.web.explorer import Persona, explorer_routes

FILE: Final = "demo.json"


def read_demo(data_dir: Path) -> dict[str, Any]:
    """What ``hub demo`` wrote; NotFound where there is no demo."""
    try:
        found: dict[str, Any] = orjson.loads((data_dir / FILE).read_bytes())
    except FileNotFoundError:
        raise NotFound(f"{data_dir / FILE} does not exist; run `hub demo --data {data_dir}` first.") from None
    return found


def write_private(path: Path, content: bytes) -> None:
    """Readable by its owner only: it holds private keys."""
    made = path.with_suffix(".new")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    made.replace(path)


def persona(demo: dict[str, Any], name: str) -> dict[str, Any]:
    for found in demo["personas"]:
        if found["name"] == name:
            return dict(found)
    known = ", ".join(p["name"] for p in demo["personas"])
    raise NotFound(f"There is no such persona. There are: {known}")


def explorer(settings: Settings, endpoint: TokenEndpoint, issuer: Issuer) -> list[Route]:
    """The explorer, with the demo's personas in demo mode."""
    demo = read_demo(settings.data_dir) if settings.demo else {"personas": [], "examples": {}}

    async def mint(name: str) -> tuple[str, int]:
        return await minted(endpoint, issuer, persona(demo, name))

    shown = [Persona(**{k: p[k] for k in Persona.__annotations__}) for p in demo["personas"]]  # type: ignore[typeddict-item]
    return explorer_routes(settings=settings, personas=shown, mint=mint, variables=demo["examples"])


async def minted(endpoint: TokenEndpoint, issuer: Issuer, who: dict[str, Any]) -> tuple[str, int]:
    """A token and its seconds, by the same endpoint and proof any client uses."""
    form = token_form(make_assertion(who["client_id"], who["private_key_jwk"], issuer.token_url))
    body = urlencode(form).encode()
    answer = await endpoint.answer(Call("POST", "application/x-www-form-urlencoded", b"", [], body))
    if answer.status != 200:
        raise Unauthenticated("The persona's client was refused; it may be suspended.")
    return str(answer.body["access_token"]), int(answer.body["expires_in"])


async def fetch(data_dir: Path, name: str, scope: str | None = None) -> str:
    """An access token from the running hub; Unavailable when it does not run."""
    demo = read_demo(data_dir)
    who = persona(demo, name)
    try:
        async with httpx.AsyncClient(timeout=10) as http:
            return await fetch_token(http, demo["token_url"], who["client_id"], who["private_key_jwk"], scope)
    except httpx.TransportError:
        raise Unavailable(f"No hub answers at {demo['base_url']}; start `hub demo` first.") from None
