"""Takes webhooks, as a process of its own: answers at once, and says afterwards what came, in which order."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

import orjson
import uvicorn

Took = list[tuple[str, bytes]]


class Receiver:
    def __init__(self) -> None:
        self.took: Took = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        answer = b""
        match scope["path"]:
            case "/hook":
                name = next((value for key, value in scope["headers"] if key == b"webhook-id"), b"")
                self.took.append((name.decode(), body))
            case "/count":
                answer = orjson.dumps(len(self.took))
            case "/found":
                answer = orjson.dumps(found(self.took))
            case "/body":
                answer = self.took[-1][1]
            case "/clear":
                self.took.clear()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": answer})


def found(took: Took) -> dict[str, int]:
    """``back``: events of a person with a smaller level than one before, at one webhook."""
    levels: dict[tuple[str, str], str] = defaultdict(str)
    events = back = 0
    for _, body in took:
        data = orjson.loads(body)["data"]
        for each in data.get("events", ()):
            event = each["data"]["beneficiaryChanges"]
            key, level = (data["webhook"], event["id"]), event["node"]["riskLevel"]
            back += level < levels[key]
            levels[key] = level
            events += 1
    webhooks = len({name for name, _ in levels})
    highest = max(levels.values(), default="")
    last = sum(level == highest for level in levels.values())
    doubles = len(took) - len({name for name, _ in took})
    told = {"messages": len(took), "events": events, "webhooks": webhooks, "pairs": len(levels)}
    return {**told, "last": last, "back": back, "doubles": doubles}


if __name__ == "__main__":
    uvicorn.run(Receiver(), port=int(sys.argv[1]), log_level="warning", access_log=False)
