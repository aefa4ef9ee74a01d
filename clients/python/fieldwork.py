"""What staff does in the field, typed: people, visits, dossiers, needs.

::

    tokens = Tokens("https://hub.example", "field-1", json.loads(os.environ["CLIENT_KEY"]))
    work = Fieldwork(Hub(tokens, documents_in(DOCUMENTS), purpose="entrusted-service"), Store("field.db"))
    work.copy.pull()  # with a network
    person = next(work.people())  # without
    kind, purpose = VisitKind.HOME, VisitPurpose.ELDER_MONTHLY
    work.note_visit(
        RecordVisitItem(beneficiary=person.id, visitedOn=dt.date.today(), kind=kind, purpose=purpose)
    )
    for read in person.dossiers.nodes:
        work.change_dossier(read, UpdateDossierItem(dossier=read.id, version=read.version, problems="独居"))
    work.queue.send()  # with one again
    work.queue.entries("REFUSED", "CONFLICT")  # are for a person

The types are those of the trusted documents in ``documents/contractor/field`` (``field.toml``).
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from field.base_model import BaseModel
from field.fragments import DossierRead, NeedRead, Person
from field.input_types import FollowNeedItem, RecordVisitItem, UpdateDossierItem, VisitPhotoInput
from offline import Copy, Hub, Kind, Queue, Store
from offline.queue import Decide

DOCUMENTS = Path(__file__).resolve().parents[1] / "documents/contractor/field"
KINDS = {
    "visit": Kind("visits"),
    "dossier": Kind("dossiers", record="dossier"),
    "need": Kind("needs", record="need"),
}


class Fieldwork:
    """``copy`` and ``queue`` share a store. Only ``copy.pull`` and ``queue.send`` need a network."""

    def __init__(self, hub: Hub, store: Store, decide: Decide = lambda _: None) -> None:
        self.copy = Copy(hub, store)
        self.queue = Queue(hub, store, KINDS, decide)

    def people(self) -> Iterator[Person]:
        return (Person.model_validate(each) for each in self.copy.store.people())

    def note_visit(self, visit: RecordVisitItem, *, key: str | None = None) -> str:
        return self.queue.put("visit", _said(visit), key=key)

    def change_dossier(self, read: DossierRead, change: UpdateDossierItem, *, key: str | None = None) -> str:
        """``read``: as it is in the copy."""
        return self.queue.put("dossier", _said(change), base=_said(read), key=key)

    def follow_need(self, read: NeedRead, change: FollowNeedItem, *, key: str | None = None) -> str:
        return self.queue.put("need", _said(change), base=_said(read), key=key)


def picture(
    content: bytes, caption: str | None = None, taken_at: dt.datetime | None = None
) -> VisitPhotoInput:
    """JPEG, PNG or WebP. The hub takes six of a visit, of 400 KiB each (``HUB_VISIT_PHOTOS``,
    ``HUB_VISIT_PHOTO_BYTES``)."""
    given = {"content": base64.b64encode(content).decode(), "caption": caption, "takenAt": taken_at}
    return VisitPhotoInput.model_validate({name: value for name, value in given.items() if value is not None})


def _said(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True, exclude_unset=True)
