"""What an answer cost, as its ``extensions`` and as headers."""

from __future__ import annotations

from typing import Final

from hub.read.answers import Answer
from hub.web.refusals import again

COST: Final = "Hub-Cost"
TOLD: Final = b'"cost":{"static":%d,"actual":%d,"perRequest":%d,"perMinute":%d,"remaining":%b}'


def body_of(answer: Answer, *more: bytes) -> bytes:
    """A GraphQL response with its cost, and ``more`` members of its ``extensions``."""
    if answer.cost is None:
        return extended(answer.body, *more)
    *units, remaining = answer.cost
    told = TOLD % (*units, b"null" if remaining is None else b"%d" % remaining)
    return extended(answer.body, told, *more)


def extended(body: bytes, *members: bytes) -> bytes:
    """A response with ``members`` of its ``extensions``; nothing of it is read again."""
    return body[:-1] + b',"extensions":{' + b",".join(members) + b"}}" if members else body


def headers_of(answer: Answer) -> dict[str, str]:
    """``Hub-Cost``, a dictionary of RFC 9651, for answers that are no GraphQL response; when to ask again."""
    headers = {}
    if answer.cost is not None:
        static, actual, per_request, per_minute, remaining = answer.cost
        left = "" if remaining is None else f", remaining={remaining}"
        headers[COST] = (
            f"static={static}, actual={actual}, per-request={per_request}, per-minute={per_minute}{left}"
        )
    return headers | again(answer.retry_after)
