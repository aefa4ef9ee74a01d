"""What a device holds, in one file of SQLite: people and cursor, and the queue. It is about people: the file
belongs on an encrypted disk.

Each method is one transaction that is on the disk when it returns. Who is killed finds all of it, or nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

State = Literal["WAITING", "DONE", "REFUSED", "CONFLICT"]

TABLES = """
pragma journal_mode = wal;
pragma synchronous = full;
pragma secure_delete = on;
create table if not exists person (id text primary key, version text not null, content text not null) strict;
create table if not exists copy (only integer primary key check (only = 1), cursor text) strict;
insert or ignore into copy values (1, null);
create table if not exists queue (
    position integer primary key autoincrement, key text not null unique, kind text not null,
    item text not null, base text, state text not null default 'WAITING', sent_at real, outcome text) strict;
"""


@dataclass(frozen=True)
class Entry:
    """One of the queue.

    ``item``: what is asked, without the key. ``base``: the record as it was read, where one is changed.
    Neither is kept of what is DONE. ``sent_at``: seconds of the epoch when it was sent first. ``outcome``: of
    DONE the record, of REFUSED ``{code, message}``, of CONFLICT ``{base, stored, asked, fields}``.
    """

    key: str
    kind: str
    item: dict[str, Any]
    base: dict[str, Any] | None = None
    state: State = "WAITING"
    sent_at: float | None = None
    outcome: Any = None


class Store:
    """``path``: a file, made for its owner alone."""

    def __init__(self, path: Path | str) -> None:
        Path(path).touch()
        Path(path).chmod(0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.executescript(TABLES)

    def close(self) -> None:
        self._connection.close()

    # ── the copy ─────────────────────────────────────────────────────────────────────────────────────

    @property
    def cursor(self) -> str | None:
        (found,) = self._connection.execute("select cursor from copy").fetchone()
        return None if found is None else str(found)

    def people(self) -> Iterator[dict[str, Any]]:
        """As the hub has sent them, in the order of their ids."""
        rows = self._connection.execute("select content from person order by id").fetchall()
        return (json.loads(content) for (content,) in rows)

    def person(self, id: str) -> dict[str, Any] | None:
        found = self._connection.execute("select content from person where id = ?", (id,)).fetchone()
        return None if found is None else dict(json.loads(found[0]))

    def versions(self) -> dict[str, str]:
        return dict(self._connection.execute("select id, version from person"))

    def take(self, entries: Iterable[Mapping[str, Any]], cursor: str) -> None:
        """A page, and where the next begins."""
        with self._transaction() as connection:
            for entry in entries:
                if entry["operation"] == "UPSERT":
                    row = entry["id"], entry["version"], text_of(entry["beneficiary"])
                    connection.execute("insert or replace into person values (?, ?, ?)", row)
                else:
                    connection.execute("delete from person where id = ?", (entry["id"],))
            connection.execute("update copy set cursor = ?", (cursor,))

    def begin_anew(self) -> None:
        """Without people and cursor; the queue stays."""
        with self._transaction() as connection:
            connection.execute("delete from person")
            connection.execute("update copy set cursor = null")

    def tidy(self) -> None:
        """Nothing of who is gone stays in the files."""
        self._connection.execute("pragma wal_checkpoint(truncate)")

    # ── the queue ────────────────────────────────────────────────────────────────────────────────────

    def put(self, entry: Entry) -> None:
        """Behind all others. The same key again changes nothing: what was asked once is asked once."""
        with self._transaction() as connection:
            connection.execute(
                "insert or ignore into queue (key, kind, item, base) values (?, ?, ?, ?)",
                (entry.key, entry.kind, _text(entry.item), _text(entry.base)),
            )

    def queue(self, *states: State) -> Iterator[Entry]:
        """All of it, or what is in one of these states, in the order in which it was put."""
        wanted = states or get_args(State)
        return self._entries(f"state in ({', '.join('?' * len(wanted))})", *wanted)

    def sendable(self, kind: str) -> Iterator[Entry]:
        """What waits, or is a conflict: of one kind, and all that changes a record, as ``queue``."""
        return self._entries("state in ('WAITING', 'CONFLICT') and (kind = ? or base is not null)", kind)

    def _entries(self, which: str, *given: Any) -> Iterator[Entry]:
        columns = "key, kind, item, base, state, sent_at, outcome"
        text = f"select {columns} from queue where {which} order by position"  # noqa: S608 — of texts above
        rows = self._connection.execute(text, given)
        for key, kind, item, base, state, sent_at, outcome in rows:
            yield Entry(key, kind, json.loads(item), _value(base), state, sent_at, _value(outcome))

    def change(self, entries: Iterable[Entry]) -> None:
        """These, known by their keys, as they are now: all of them or none."""
        with self._transaction() as connection:
            for entry in entries:
                connection.execute(
                    "update queue set item = ?, base = ?, state = ?, sent_at = ?, outcome = ? where key = ?",
                    (
                        _text(entry.item),
                        _text(entry.base),
                        entry.state,
                        entry.sent_at,
                        _text(entry.outcome),
                        entry.key,
                    ),
                )

    def drop(self, keys: Iterable[str]) -> None:
        with self._transaction() as connection:
            connection.executemany("delete from queue where key = ?", [(key,) for key in keys])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("begin immediate")
        try:
            yield self._connection
            self._connection.execute("commit")
        finally:
            if self._connection.in_transaction:  # a full disk may have ended it
                self._connection.execute("rollback")


def text_of(value: Any) -> str:
    """JSON as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(value: Any) -> str | None:
    return None if value is None else text_of(value)


def _value(text: str | None) -> Any:
    return None if text is None else json.loads(text)
