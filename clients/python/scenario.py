"""Plays one phase of clients/scenario.json, from its start each time, and prints what came of it.

HUB_URL, CLIENT_ID, CLIENT_KEY (a private JWK), STORE (a file), PHASE, SUFFIX (of the names of its people)
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from field.fragments import DossierRead, NeedRead, Person
from field.input_types import FollowNeedItem, RecordVisitItem, UpdateDossierItem
from fieldwork import DOCUMENTS, Fieldwork, picture
from offline import Conflict, Hub, Store, Tokens, documents_in
from offline.copy import whole_checksum

SCENARIO = Path(__file__).resolve().parents[1] / "scenario.json"


class Player:
    def __init__(self, work: Fieldwork, scenario: dict[str, Any], suffix: str) -> None:
        self.work, self.scenario, self.suffix = work, scenario, suffix
        self.pulled: list[Any] = []

    def play(self, step: dict[str, Any]) -> None:
        getattr(self, step["do"])(**{name: value for name, value in step.items() if name != "do"})

    def pull(self) -> None:
        self._note(self.work.copy.pull())

    def verify(self) -> None:
        self._note(self.work.copy.verify())

    def visit(self, key: str, person: str, fields: dict[str, Any], pictures: int = 0) -> None:
        content = bytes.fromhex(self.scenario["picture"])
        given = {"beneficiary": self._person(person).id, **fields}
        visit = RecordVisitItem.model_validate(given)
        if pictures:
            visit.photos = [picture(content, caption=str(n)) for n in range(pictures)]
        self.work.note_visit(visit, key=self._key(key))

    def dossier(self, key: str, person: str, fields: dict[str, Any]) -> None:
        read: DossierRead = self._person(person).dossiers.nodes[0]
        change = UpdateDossierItem.model_validate({"dossier": read.id, "version": read.version, **fields})
        self.work.change_dossier(read, change, key=self._key(key))

    def need(self, key: str, person: str, fields: dict[str, Any]) -> None:
        read: NeedRead = self._person(person).needs.nodes[0]
        change = FollowNeedItem.model_validate({"need": read.id, "version": read.version, **fields})
        self.work.follow_need(read, change, key=self._key(key))

    def send(self) -> None:
        self.work.queue.send()

    def resolve(self, key: str, fields: dict[str, Any]) -> None:
        kept = {entry.key for entry in self.work.queue.entries("REFUSED", "CONFLICT")}
        if self._key(key) in kept:
            self.work.queue.resolve(self._key(key), fields)

    def drop(self, key: str) -> None:
        self.work.queue.drop(self._key(key))

    def lose(self, person: str) -> None:
        """As if the disk had lost it."""
        store = self.work.copy.store
        if store.cursor is not None and (found := self._found(person)):
            store.take([{"operation": "TOMBSTONE", "id": found.id}], store.cursor)

    def age(self, key: str) -> None:
        """As if it had been sent long ago, and never answered."""
        (entry,) = (each for each in self.work.queue.entries() if each.key == self._key(key))
        self.work.copy.store.change([replace(entry, sent_at=0.0)])

    def spoil(self) -> None:
        """As if the cursor were of long ago."""
        self.work.copy.store.take([], "spoiled")

    def report(self) -> dict[str, Any]:
        versions = self.work.copy.store.versions()
        return {
            "queue": {
                entry.key.removeprefix(f"{self.suffix}-"): {"state": entry.state, "outcome": entry.outcome}
                for entry in self.work.queue.entries()
            },
            "count": len(versions),
            "checksum": whole_checksum(versions),
            "people": list(self.work.copy.store.people()),
            "anew": any(each.anew for each in self.pulled),
            "gone": {id: reason for each in self.pulled for id, reason in each.gone.items()},
        }

    def _note(self, pulled: Any) -> None:
        self.pulled.append(pulled)

    def _key(self, key: str) -> str:
        return f"{self.suffix}-{key}"

    def _found(self, person: str) -> Person | None:
        wanted = f"{person}{self.suffix}"
        return next((each for each in self.work.people() if each.name == wanted), None)

    def _person(self, person: str) -> Person:
        found = self._found(person)
        if found is None:
            raise LookupError(person)
        return found


def main() -> None:
    given = os.environ
    scenario = json.loads(SCENARIO.read_text(encoding="utf-8"))
    tokens = Tokens(given["HUB_URL"], given["CLIENT_ID"], json.loads(given["CLIENT_KEY"]))
    hub = Hub(tokens, documents_in(DOCUMENTS), purpose=given.get("PURPOSE"), tries=40, first=0.02, most=0.5)

    def decide(conflict: Conflict) -> dict[str, Any] | None:
        decided: dict[str, Any] = scenario["decisions"]
        return decided.get(conflict.key.removeprefix(f"{given['SUFFIX']}-"))

    player = Player(Fieldwork(hub, Store(given["STORE"]), decide), scenario, given["SUFFIX"])
    for step in scenario["phases"][given["PHASE"]]:
        player.play(step)
    print(json.dumps(player.report(), ensure_ascii=False))


if __name__ == "__main__":
    main()
