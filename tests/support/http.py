"""What every test of ``/graphql`` over HTTP asks and how it knows a refusal."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx

from hub.web.accept import GRAPHQL

QUERY: Final = '{ division(code: "450305000000") { name } }'
ANSWER: Final = {"data": {"division": {"name": "七星区"}}}
BODY: Final = json.dumps({"query": QUERY})


COST: Final = {"static", "actual", "perRequest", "perMinute", "remaining"}


def told(answer: httpx.Response) -> Any:
    """The body but for what it cost, which every answer of the engine says."""
    return without_cost(answer.json())


def without_cost(body: Any) -> Any:
    """The response but for what it cost, which it must say."""
    assert set(body.pop("extensions")["cost"]) == COST
    return body


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """It is one GraphQL error and no data; its text."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) - {"extensions"} == {"errors"}
    (error,) = body["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["messageZh"]
    for trace in ("Traceback", 'File "', ".py", "asyncpg", "graphql."):
        assert trace not in answer.text
    return dict(error)
