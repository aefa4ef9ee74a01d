"""Asks the system's SOAP service about those the hub knows, so many in a run, and goes on there next time."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from connectors.social_assistance.fields import FAMILIES, MEMBERS
from hub.domain.dates import china_now
from hub.errors import SourceError
from hub.sync.connector import Batch, ListMapping, Place, Subjects

MOST: Final = 1_000

ASKED: Final = Subjects(
    "beneficiary",
    columns=("id_number",),
    needed=("id_number",),
    while_="category_membership",
    about="beneficiary_id",
    until="ends_on",
)
"""Whoever receives something: what others receive is asked about nobody."""


class InquiryRefused(SourceError):
    """The service refuses to answer about somebody."""

    code, zh = "INQUIRY_REFUSED", "查询服务拒绝应答"


class UnsafeXml(SourceError):
    """The service's XML has a document type or entities; it is not read."""

    code, zh = "UNSAFE_XML", "应答的 XML 含有 DTD 或实体，未予读取"


class AssistanceService:
    """``https://host/services/SamDataExchange``. No answer about a person is no statement."""

    name: Final = "social-assistance-soap"
    lists: Final[Mapping[str, ListMapping]] = {each.kind: each for each in (FAMILIES, MEMBERS)}

    def __init__(
        self, *, clock: Callable[[], dt.datetime] = china_now, most: int = MOST, per_second: float = 10.0
    ) -> None:
        self._clock, self._most, self._per_second = clock, most, per_second

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """``SourceError`` where the service answers nobody, ``SchemaDrift`` where a field is gone."""
        from connectors.social_assistance.soap import families  # zeep is slow to load, and seldom needed

        mark, asked = {"after": int((checkpoint or {}).get("after", 0))}, 0

        async def numbers() -> AsyncIterator[str]:
            nonlocal asked
            async for person in place.known(ASKED, mark["after"], self._most):
                asked, mark["after"] = asked + 1, person.id
                yield person.values["id_number"]

        async for batch in families(place, numbers(), clock=self._clock, per_second=self._per_second):
            yield batch
        if asked < self._most:  # all have had their turn
            mark["after"] = 0
        yield Batch(MEMBERS.kind, self._clock(), (), checkpoint=mark)
