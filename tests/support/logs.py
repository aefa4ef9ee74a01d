"""Reading what the hub logs, and looking for what must never stand there."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from hub import log
from hub.settings import Settings

SENTINELS: Final = {
    "name": "欧阳哨兵",
    "id_number": "459999195003070019",
    "token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.c2VudGluZWw.c2VudGluZWw",
    "query": "variables=%7B%22idNumber%22%3A%22459999195003070019%22%7D",
}
"""Made up: the number's county does not exist, the token was never issued."""


@dataclass
class Captured:
    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self) -> list[dict[str, Any]]:
        self.has_no_sentinel()
        return [json.loads(line) for line in self.text.splitlines()]

    def has_no_sentinel(self) -> None:
        without_sentinels(self.text)


def without_sentinels(text: str) -> None:
    """Neither as they are, nor escaped as JSON does."""
    for kind, sentinel in SENTINELS.items():
        escaped = json.dumps(sentinel)[1:-1]
        assert sentinel not in text, kind
        assert escaped not in text, kind


@contextmanager
def captured_logs(settings: Settings) -> Iterator[Captured]:
    """What ``hub.log`` writes meanwhile; loggers are as before afterwards."""
    names = [None, *log.LIBRARIES]
    before = [
        (logger, logger.handlers, logger.level, logger.propagate) for logger in map(logging.getLogger, names)
    ]
    hook, structured = sys.excepthook, structlog.get_config()
    log.configure(settings)
    captured = Captured()
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(captured.stream)
    try:
        yield captured
    finally:
        for logger, handlers, level, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
        sys.excepthook = hook
        structlog.configure(**structured)
