"""Asks the system's SOAP service about one person at a time: the family as it stands, XML inside SOAP.

Errors come with status 200, as a code in the text. Replies are in GBK. XML from elsewhere is read without
document types and entities, the envelope as well as the text in it (X34).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import structlog
from lxml import etree
from zeep import AsyncClient, Settings
from zeep.exceptions import Error
from zeep.proxy import AsyncServiceProxy
from zeep.transports import AsyncTransport

from connectors.lists.wording import Wording
from connectors.social_assistance.fields import (
    FAMILIES,
    FAMILY,
    MEMBERS,
    PEOPLE,
    RECEIVES,
    received_before,
)
from connectors.social_assistance.service import InquiryRefused, UnsafeXml
from connectors.web import Web
from hub.domain.dates import china_now
from hub.errors import SourceError
from hub.sync.connector import Batch, Place, Row

log = structlog.get_logger("connectors")

WSDL: Final = Path(__file__).with_name("sam.wsdl")
BINDING: Final = "{urn:SamDataExchange}SamDataExchangeSoapBinding"
SETTINGS: Final = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
ENCODING: Final = re.compile(rb"(<\?xml[^>]{0,100}encoding=[\"'])(?:gbk|gb2312)([\"'])", re.IGNORECASE)
DECLARATION: Final = re.compile(r"\s*<\?xml[^>]{0,100}\?>")
TYPED: Final = re.compile(r"<!DOCTYPE|<!ENTITY", re.IGNORECASE)

NOBODY: Final = "001"
GOOD: Final = frozenset({"", "00000"})
AT_ONCE: Final = 100
PATIENCE: Final = 10
"""Questions in a row that may be refused before the run ends: one that always is stops nobody else's."""

LOG: Final = frozenset({"ID", "OP_TYPE", "OP_TIME"})
FAMILY_TOLD: Final = replace(FAMILY, needed=FAMILY.needed - LOG)
PEOPLE_TOLD: Final = replace(PEOPLE, needed=PEOPLE.needed - LOG)


class Transport(AsyncTransport):
    """Posts by way of ``Web``: its rate, its attempts, its limits. The contract is read from its file."""

    def __init__(self, web: Web) -> None:
        self.cache, self._close_session, self._web = None, False, web

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> Any:
        content: bytes = await self._web.ask(
            "POST",
            "",
            lambda content: content,
            sign=lambda: headers,
            parse=_decoded,
            content=etree.tostring(envelope, xml_declaration=True, encoding="utf-8"),
        )
        request, told = httpx.Request("POST", address), {"content-type": "text/xml"}
        answer = httpx.Response(200, content=content, headers=told, request=request)
        return self.new_response(answer)  # type: ignore[no-untyped-call]


class Inquiry:
    """The service at ``location``; ``ask`` is its returnSamFamilyInfo."""

    def __init__(self, location: str, *, per_second: float = 10.0) -> None:
        self._web, self._location = Web(location, per_second=per_second), location

    async def __aenter__(self) -> Self:
        await self._web.__aenter__()
        transport = Transport(self._web)
        client = AsyncClient(str(WSDL), transport=transport, settings=SETTINGS)  # type: ignore[no-untyped-call]
        # The client's own create_service makes one that does not wait for the transport.
        binding = client.wsdl.bindings[BINDING]
        self._service = AsyncServiceProxy(client, binding, address=self._location)  # type: ignore[no-untyped-call]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._web.__aexit__(kind, error, trace)

    async def ask(self, number: str) -> str | None:
        """The text of the reply; None for nobody's number. InquiryRefused, UnsafeXml, SourceError."""
        try:
            text: str | None = await self._service.returnSamFamilyInfo(number)
        except (Error, etree.XMLSyntaxError) as error:
            raise SourceError(
                f"The service's reply is not readable ({type(error).__name__}).", zh="查询服务的应答无法读取"
            ) from None
        code = _code(_root(text or ""))
        if code == NOBODY:
            return None
        if code not in GOOD:
            shown = code if code.isdigit() and len(code) <= 8 else "none"
            raise InquiryRefused(
                f"The service refuses (code {shown}).", zh=f"查询服务拒绝应答（代码 {shown}）"
            )
        return text


@dataclass(slots=True)
class Told:
    """What replies said; a family is told once, whoever of it is asked about."""

    families: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    cells: defaultdict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, text: str, at: dt.datetime) -> None:
        root = _root(text)
        family = root if root.tag == "SAM_FAMILY" else root.find(".//SAM_FAMILY")
        if family is None:
            raise SourceError("The service's reply holds no family.", zh="查询服务的应答中没有家庭")
        cells = _cells(family)
        number = cells.get("FAMILY_ID", "")
        if number in self.seen:
            return
        self.seen.add(number)
        self.cells["SAM_FAMILY"].append(cells)
        told = _row(FAMILY_TOLD, cells, f"SAM_FAMILY {number}", at)
        self.families.append(told)
        # In the family, or beside it: there is one.
        for person in root.iter("SAM_PEOPLE"):
            own = _cells(person)
            self.cells["SAM_PEOPLE"].append(own)
            row = _row(PEOPLE_TOLD, own, f"SAM_PEOPLE {own.get('PEOPLE_ID', '')}", at)
            values = {**told.values, **row.values}
            row = replace(row, values=values, raw=values)
            self.members.append(row)
            if RECEIVES not in row.values:
                self.gone.append(received_before(row))

    def batches(self) -> Sequence[Batch]:
        """And forgets their rows."""
        at = dt.datetime.now(dt.UTC)
        family, people = (
            wording.header(name, self.cells[name], is_all=False)
            for name, wording in (("SAM_FAMILY", FAMILY_TOLD), ("SAM_PEOPLE", PEOPLE_TOLD))
        )
        made = (
            Batch(FAMILIES.kind, at, self.families, (), family),
            Batch(MEMBERS.kind, at, self.members, (), people, deleted=self.gone),
        )
        self.families, self.members, self.gone = [], [], []
        self.cells.clear()
        return made


async def families(
    place: Place,
    numbers: AsyncIterable[str],
    *,
    clock: Callable[[], dt.datetime] = china_now,
    per_second: float = 10.0,
) -> AsyncIterator[Batch]:
    """What the service at ``place`` says of those with these numbers and of their families."""
    told, asked, refused = Told(), 0, 0
    async with Inquiry(place.location, per_second=per_second) as inquiry:
        async for number in numbers:
            try:
                text = await inquiry.ask(number)
            except InquiryRefused as error:
                refused += 1
                log.warning("inquiry_refused", reason=error.message)
                if refused >= PATIENCE:
                    raise
                continue
            refused, asked = 0, asked + 1
            if text is not None:
                told.add(text, clock())
            if asked % AT_ONCE == 0:
                for batch in told.batches():
                    yield batch
    for batch in told.batches():
        yield batch


def _row(wording: Wording, cells: dict[str, str], file: str, at: dt.datetime) -> Row:
    wording.expect(cells, file.split()[0])
    return wording.row(cells, file=file, observed_at=at)


def _decoded(content: bytes) -> bytes:
    """As GB 18030 where it says GBK, which lacks what people's names have."""
    if TYPED.search(content.decode("latin-1")):
        raise UnsafeXml
    return ENCODING.sub(rb"\1GB18030\2", content, count=1)


def _root(text: str) -> Any:
    """The text as XML, of which a declaration says nothing: it is no bytes any more."""
    if TYPED.search(text):
        raise UnsafeXml
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(DECLARATION.sub("", text, count=1), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SourceError("The service's reply holds no XML.", zh="查询服务的应答不是 XML") from None


def _code(root: Any) -> str:
    """Of an error; a family has none."""
    found = [each.text or "" for name in ("ERROR_CODE", "CODE") for each in root.iter(name)]
    return found[0].strip() if found else ""


def _cells(element: Any) -> dict[str, str]:
    """What stands in it, without what it is made of."""
    return {child.tag: child.text or "" for child in element if not len(child)}
