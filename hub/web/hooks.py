"""``POST /hooks/SOURCE``: what an upstream system pushes (docs/connectors.md)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import BadDocument, HubError
from hub.sync.hooks import Hooks
from hub.web.accept import JSON, language
from hub.web.asked import body_of
from hub.web.heads import heads
from hub.web.refusals import EVERY_METHOD, UnsupportedCoding, refusal


class NotPushed(BadDocument):
    """Expected POST."""

    status, zh = 405, "仅支持 POST"


def hook_routes(hooks: Hooks, most: int) -> list[Route]:
    """``most``: bytes of a body."""

    async def receive(request: Request) -> Response:
        given = heads(request.scope)
        try:
            if request.method != "POST":
                raise NotPushed
            if given.get("content-encoding", "identity").lower() != "identity":
                raise UnsupportedCoding
            await hooks.receive(request.path_params["source"], given, await body_of(request, most))
        except HubError as error:
            return refusal(error, language(given.get("accept-language", "")), JSON)
        return Response(status_code=204)

    return [Route("/hooks/{source}", receive, methods=EVERY_METHOD)]
