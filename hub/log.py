"""Structured logs without personal data.

Only fields named in ``FIELDS`` leave the process, whatever a caller passes, and an exception leaves as
its type and place: its message may quote a row. Errors of the hub say nothing of a person and are kept.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import nullcontext
from types import TracebackType
from typing import Any, Final, TextIO

import orjson
import structlog

from hub.errors import HubError
from hub.settings import Settings

FIELDS: Final = frozenset(
    {
        "event", "level", "logger", "timestamp", "request_id", "method", "route", "status",
        "duration_ms", "client_id", "role", "kind", "at", "code", "source", "run", "read", "accepted",
        "unchanged", "quarantined", "changed", "file", "list_kind", "rows", "seconds", "port", "url",
        "reason", "table", "version", "headers", "count", "error", "description", "scope", "withheld",
        "cost_static", "cost_actual", "user_id", "emergency", "withdrawn", "missing",
    }
)  # fmt: skip
"""Everything a log line may carry; ``withheld`` names what else a caller gave."""

PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z .,'-]{0,98}\s?")
"""A library's own sentence; anything with a digit, a quote or a second line may hold a value."""

OURS: Final = re.compile(r"^hub\.errors\.(\w+): (.+)$", re.MULTILINE)
"""An error of the hub at the end of a stack trace, as which Starlette tells why it cannot start."""

LIBRARIES: Final = (
    "uvicorn",
    "httpx",
    "httpcore",
    "aiohttp",
    "asyncpg",
    "sqlalchemy",
    "alembic",
    "asyncio",
    "aiocache",
    "py.warnings",
)

Event = MutableMapping[str, Any]


def configure(settings: Settings) -> None:
    """Send this process's logs, libraries' included, to standard error in one form."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        place_of_exception,
        only_known_fields,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = Lines(sys.stderr) if settings.log_format == "json" else logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[library_message, *shared],
            pass_foreign_args=True,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
        library.setLevel(max(root.level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = crashed


class Lines(logging.StreamHandler[TextIO]):
    """A JSON object a line."""

    def write(self, event: Event) -> None:
        """At once what ``only_known_fields`` would leave as it is."""
        with self.lock or nullcontext():
            self.stream.write(orjson.dumps(event).decode() + "\n")
            self.stream.flush()


def request(**fields: Any) -> None:
    """The line of one request: as any other, at a tenth of the cost, for there is one of each."""
    root = logging.getLogger()
    if not root.isEnabledFor(logging.INFO):
        return
    if len(root.handlers) == 1 and isinstance(root.handlers[0], Lines):
        now = dt.datetime.now(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        head = {"event": "request", "level": "info", "logger": "hub.web", "timestamp": now}
        root.handlers[0].write({**fields, **head})
    else:
        structlog.get_logger("hub.web").info("request", **fields)


def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's own last words would quote the exception's message."""
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger("hub").critical("crashed", exc_info=error)


def library_message(_: Any, __: str, event: Event) -> Event:
    """A library's message is kept as it was written, without the values put into it.

    One that was put together before it was logged is told by the place it was logged at.
    """
    record = event.get("_record")
    values = event.pop("positional_args", ())
    if isinstance(record, logging.LogRecord):
        event["event"] = record.msg
        if not isinstance(record.msg, str) or not (values or PLAIN.fullmatch(record.msg)):
            event["event"], event["at"] = "message withheld", f"{record.pathname}:{record.lineno}"
            ours = OURS.findall(str(record.msg))
            if ours:
                event["kind"], event["reason"] = ours[-1]
        if record.exc_info:
            event["exc_info"] = record.exc_info
    return event


def place_of_exception(_: Any, __: str, event: Event) -> Event:
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["kind"] = type(error).__name__
        if isinstance(error, HubError):
            event.setdefault("code", error.code)
            event.setdefault("reason", error.message)
        frames = traceback.extract_tb(error.__traceback__)
        if frames:
            event["at"] = f"{frames[-1].filename}:{frames[-1].lineno}"
    return event


def only_known_fields(_: Any, __: str, event: Event) -> Event:
    kept = {k: v for k, v in event.items() if k in FIELDS or k.startswith("_")}
    dropped = sorted(event.keys() - kept.keys())
    return {**kept, "withheld": dropped} if dropped else kept
