"""The hidden key of an emulator: who of the world is behind each record it has published.

No client sees it. Tests hold what the hub made of the records against it: whether two records that became
one person are one, and whether the facts are those that were told. Every emulator has one, as ``truth``;
``rosters.truth`` makes that of a county's lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connectors.emulators.model import Person


class Told(NamedTuple):
    """A record as the system wrote it, before any fault, and who it is about.

    ``kind``: the list or table. ``record``: the system's own key, as it stands there. ``id_number``,
    ``file_number``, ``name``: what it says of who it is, empty where it says nothing; ``file_number`` is what
    the hub keeps as one. ``fact``: a category, code, level or day. ``person``: ``Person.key``.
    """

    kind: str
    record: str
    id_number: str
    file_number: str
    name: str
    fact: str
    person: str


class Truth:
    """Records by list, own key and fact; telling one again replaces it."""

    def __init__(self, told: Iterable[Told] = ()) -> None:
        self._told: dict[tuple[str, str, str], Told] = {}
        for each in told:
            self.add(each)

    def __iter__(self) -> Iterator[Told]:
        return iter(self._told.values())

    def __len__(self) -> int:
        return len(self._told)

    def add(self, told: Told) -> None:
        self._told[told.kind, told.record, told.fact] = told

    def tell(self, kind: str, record: str, person: Person, fact: str, file_number: str | None = None) -> None:
        """``file_number``: where the system gives one of its own."""
        own = person.file_number if file_number is None else file_number
        self.add(Told(kind, record, person.id_number or "", own or "", person.name, fact, person.key))

    def clear(self, kind: str | None = None) -> None:
        """Forget all records, or those of one list."""
        self._told = {key: told for key, told in self._told.items() if kind not in (None, told.kind)}

    def facts(self, kind: str | None = None) -> set[tuple[str, str]]:
        """Identity number and fact of those that have a number."""
        return {(told.id_number, told.fact) for told in self if told.id_number and kind in (None, told.kind)}

    def people(self) -> dict[str, set[str]]:
        """Who is behind each identity number and each file number: one key, unless two people share it."""
        found: dict[str, set[str]] = {}
        for told in self:
            for number in filter(None, (told.id_number, told.file_number)):
                found.setdefault(number, set()).add(told.person)
        return found
