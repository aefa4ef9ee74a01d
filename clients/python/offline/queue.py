"""The queue: what is to be done is stored first, then sent in order, till it is done or refused."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offline.hub import Away, Hub, Refused
from offline.merge import marks, same
from offline.store import Entry, State, Store, text_of

MOST_ITEMS = 200
MOST_BYTES = 1_000_000
"""Of one request of several: what is cut off is sent again."""
LARGEST = 3_900_000
"""Bytes of one item; the hub takes 4 MiB (``HUB_MAX_BODY_BYTES``)."""
KEY_SECONDS = 29 * 86_400
"""The hub knows a key for 30 days."""
LATER = {"UNAVAILABLE", "RATE_LIMITED", "BUDGET_EXCEEDED"}
"""Of an item: it was not done, and may be."""
CLIENT = {401, 403}
DOCUMENT = {"PERSISTED_QUERY_NOT_FOUND", "PERSISTED_QUERY_NOT_SUPPORTED", "GRAPHQL_VALIDATION_FAILED"}
"""Statuses and codes that are not about what is sent, but about who sends it, or by which document."""


@dataclass(frozen=True)
class Kind:
    """``document``: a mutation of many, whose field has the alias ``done``. ``record``: member of an item
    that names the record it changes; None where it makes one."""

    document: str
    record: str | None = None


@dataclass(frozen=True)
class Conflict:
    """``fields``: who changed what since ``base`` was read (``offline.merge``)."""

    key: str
    kind: str
    base: dict[str, Any]
    stored: dict[str, Any]
    asked: dict[str, Any]
    fields: dict[str, str]


Decide = Callable[[Conflict], Mapping[str, Any] | None]
"""What to ask for instead, by fields, an empty mapping for the same again; None leaves it to a person."""


@dataclass
class Queue:
    """One process at a time sends it. ``decide`` is asked about conflicts as they come."""

    hub: Hub
    store: Store
    kinds: Mapping[str, Kind]
    decide: Decide = field(default=lambda _: None)
    most_items: int = MOST_ITEMS
    most_bytes: int = MOST_BYTES
    _most: int = 0
    """Fewer than ``most_items`` while one is looked for that keeps the others; 0 where there is none."""
    _last: list[str] = field(default_factory=list)
    """Keys of those that were sent alone and not answered, by when: the others do not wait for them."""

    def put(
        self,
        kind: str,
        item: Mapping[str, Any],
        *,
        base: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> str:
        """Stores what is to be done; its key. ``base``: the record that is changed, as it was read.

        Once for each thing that somebody did; a ``key`` of the caller's own makes a repeat harmless.
        """
        given = dict(item)
        record = self.kinds[kind].record
        if record is not None:
            if base is None:
                raise ValueError("Expected base: the record that is changed, as it was read.")
            given |= {record: base["id"], "version": base["version"]}
        if _size(given) > LARGEST:
            raise ValueError(f"Expected less than {LARGEST:,} bytes: fewer pictures, or smaller ones.")
        named = key or secrets.token_urlsafe(16)
        self.store.put(Entry(named, kind, given, None if base is None else dict(base)))
        return named

    def entries(self, *states: State) -> list[Entry]:
        return list(self.store.queue(*states))

    def resolve(self, key: str, fields: Mapping[str, Any] | None = None) -> None:
        """Asks again, with these ``fields``, and of a conflict on top of what stands now."""
        entry = next((each for each in self.store.queue("REFUSED", "CONFLICT") if each.key == key), None)
        if entry is None:
            raise ValueError("Expected the key of one that was refused, or is a conflict.")
        if entry.state == "CONFLICT":
            entry = self._on_top(entry, entry.outcome["stored"])
        item = {**entry.item, **(fields or {})}
        self.store.change([replace(entry, item=item, state="WAITING", sent_at=None, outcome=None)])

    def drop(self, key: str) -> None:
        """Gives it up, or forgets that it was done."""
        self.store.drop([key])

    def send(self) -> None:
        """Until nothing waits that can be sent; Away, or Refused where this client may not ask, or not so.

        Everything that was sent and not answered waits still, with its key.
        """
        fruitless = 0
        while batch := self._batch() or self._alone():
            try:
                fruitless = 0 if self._sent(batch) else fruitless + 1
                if fruitless == self.hub.tries:
                    raise Away
            except (Away, Refused) as error:
                self._fail(batch, error)
            if fruitless:
                self.hub.wait(fruitless)
        self._most = 0

    def _fail(self, batch: list[Entry], error: Away | Refused) -> None:
        """Looks for the one for which all are refused, or never arrive; raises what is for the caller."""
        if isinstance(error, Refused) and (error.status in CLIENT or error.code in DOCUMENT):
            raise error
        self._most = len(batch) // 2
        if isinstance(error, Away):
            if len(batch) == 1:
                self._last = [*(key for key in self._last if key != batch[0].key), batch[0].key]
            raise error
        if len(batch) == 1:
            self.store.change([_refused(batch[0], error.code, error.message)])

    # ── one request ──────────────────────────────────────────────────────────────────────────────────

    def _batch(self) -> list[Entry]:
        """The next that wait, of the kind of the oldest: each record once, older entries first."""
        most = self._most or self.most_items
        oldest = next(self._free(self.store.queue("WAITING", "CONFLICT"), self._last), None)
        if oldest is None:
            return []
        found: list[Entry] = []
        size = 0
        for entry in self._free(self.store.sendable(oldest.kind), self._last):
            if entry.kind != oldest.kind:
                continue
            size += _size(entry.item)
            if found and (len(found) == most or size > self.most_bytes):
                break
            found.append(entry)
        return found

    def _alone(self) -> list[Entry]:
        """One of those that go last."""
        free = {entry.key: entry for entry in self._free(self.store.queue("WAITING", "CONFLICT"))}
        return [free[key] for key in self._last if key in free][:1]

    def _free(self, entries: Iterable[Entry], last: Collection[str] = ()) -> Iterator[Entry]:
        """Without those whose record an older one is about."""
        busy: set[str] = set()
        for entry in entries:
            record = self._record(entry)
            if record not in busy and entry.state == "WAITING" and entry.key not in last:
                yield entry
            busy |= {record} - {""}

    def _record(self, entry: Entry) -> str:
        name = self.kinds[entry.kind].record
        return "" if name is None else str(entry.item[name])

    def _sent(self, batch: list[Entry]) -> bool:
        """Whether anything came of it."""
        self.hub.sign_in()  # before anything counts as sent, and for the right time
        now = self.hub.tokens.now()
        old = [each for each in batch if each.sent_at is not None and now - each.sent_at > KEY_SECONDS]
        if old:
            message = "No answer was heard, and the hub may have forgotten the key: look whether it was done."
            self.store.change([_refused(each, "KEY_EXPIRED", message) for each in old])
            return True
        batch = [each if each.sent_at else replace(each, sent_at=now) for each in batch]
        self.store.change(batch)
        items = [{**each.item, "key": each.key} for each in batch]
        data, errors = self.hub.ask(self.kinds[batch[0].kind].document, {"items": items})
        if data["done"] is None:  # done or not, it was not shown: their keys will tell
            if errors[0]["extensions"]["code"] in LATER:
                return False
            raise Refused(200, errors)
        by_place = {error["path"][1]: error["extensions"] | {"message": error["message"]} for error in errors}
        changes = list(self._settled(batch, data["done"], by_place))
        self.store.change(changes)
        return bool(changes)

    def _settled(
        self, batch: list[Entry], done: list[Any], errors: Mapping[int, Mapping[str, Any]]
    ) -> Iterator[Entry]:
        behind = self._behind(batch)
        for place, entry in enumerate(batch):
            error = errors.get(place)
            if error is None or done[place] is not None:  # or it is about a part of what is shown
                yield replace(entry, item={}, base=None, state="DONE", outcome=done[place])
                for each in behind[self._record(entry)] if done[place] else ():
                    yield self._moved_on(each, entry, done[place])
            elif "conflict" in error:
                yield self._conflict(entry, error["conflict"]["stored"])
            elif error["code"] not in LATER:
                yield _refused(entry, error["code"], error["message"])

    def _behind(self, batch: list[Entry]) -> Mapping[str, list[Entry]]:
        """Those that wait to change the same records, by these."""
        found: dict[str, list[Entry]] = defaultdict(list)
        sent = {entry.key for entry in batch}
        if self.kinds[batch[0].kind].record is not None:
            for entry in self.store.sendable(batch[0].kind):
                if entry.state == "WAITING" and entry.key not in sent:
                    found[self._record(entry)].append(entry)
        return found

    def _moved_on(self, entry: Entry, done: Entry, stored: Mapping[str, Any]) -> Entry:
        """The record is another version now, by ourselves."""
        asked = self._asked(done)
        ours = {name: stored[name] for name in asked if name in stored and same(stored[name], asked[name])}
        return self._conflict(replace(entry, base={**(entry.base or {}), **ours}), stored)

    # ── three versions ───────────────────────────────────────────────────────────────────────────────

    def _conflict(self, entry: Entry, stored: Mapping[str, Any]) -> Entry:
        """It waits again where nothing contradicts, or where it was decided; else it is for a person."""
        base, asked = entry.base or {}, self._asked(entry)
        fields = marks(base, stored, asked)
        found = Conflict(entry.key, entry.kind, base, dict(stored), asked, dict(fields))
        wanted = self.decide(found) if "BOTH" in fields.values() else {}
        if wanted is None:
            outcome = {"base": base, "stored": dict(stored), "asked": asked, "fields": fields}
            return replace(entry, state="CONFLICT", outcome=outcome)
        again = self._on_top(entry, stored)
        return replace(again, item={**again.item, **wanted}, state="WAITING")

    def _asked(self, entry: Entry) -> dict[str, Any]:
        """Fields that are to be changed."""
        not_fields = {self.kinds[entry.kind].record, "version"}
        return {name: value for name, value in entry.item.items() if name not in not_fields}

    def _on_top(self, entry: Entry, stored: Mapping[str, Any]) -> Entry:
        item = {**entry.item, "version": stored["version"]}
        return replace(entry, item=item, base=dict(stored), sent_at=None)


def _size(item: Mapping[str, Any]) -> int:
    return len(text_of(item).encode())


def _refused(entry: Entry, code: str, message: str) -> Entry:
    return replace(entry, state="REFUSED", outcome={"code": code, "message": message})
