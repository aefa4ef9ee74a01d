"""The SOAP service of a county's social assistance system: replies in GBK, about one person each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.saxutils import escape

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.emulators.exchange import category_of, family_cells, in_gbk, member_cells
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Truth

SERVICE: Final = "/services/SamDataExchange"
ENVELOPE: Final = """<?xml version="1.0" encoding="GBK"?>{type}
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body><ns1:returnSamFamilyInfoResponse xmlns:ns1="urn:SamDataExchange"
 soapenv:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
<returnSamFamilyInfoReturn xsi:type="xsd:string">{text}</returnSamFamilyInfoReturn>
</ns1:returnSamFamilyInfoResponse></soapenv:Body></soapenv:Envelope>"""
DECLARED: Final = '<?xml version="1.0" encoding="GBK"?>'
TYPES: Final = {
    "x34-entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    "x34-bomb": '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]>',
}

CODEC: Final = "gbk"
"""What is written, whatever is declared."""

Cells = dict[str, Any]


@dataclass(slots=True)
class Assistance:
    """``families``: cells and members by FAMILY_ID."""

    switches: Switches
    families: dict[str, tuple[Cells, list[Cells]]] = field(default_factory=dict)
    truth: Truth = field(default_factory=Truth)
    asked: list[str] = field(default_factory=list)

    def publish(self, people: Iterable[Person]) -> None:
        for person in people:
            for membership in person.memberships:
                if membership.list_kind in ("dibao", "tekun") and person.household and person.id_number:
                    cells, member = family_cells(person, membership), member_cells(person, membership)
                    self.families.setdefault(cells["FAMILY_ID"], (cells, []))[1].append(member)
                    self.truth.tell("SAM_PEOPLE", member["PEOPLE_ID"], person, category_of(cells))
                    break

    def app(self) -> Starlette:
        return Starlette(routes=[Route(SERVICE, self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        asked = etree.fromstring(await request.body(), etree.XMLParser(resolve_entities=False))
        number = next(each.text for each in asked.iter("idCardNo"))
        self.asked.append(number)
        text = self._text(number)
        typed = '<!DOCTYPE soapenv:Envelope SYSTEM "http://127.0.0.1:9/x.dtd">'
        envelope = ENVELOPE.format(text=escape(text), type=typed if self.switches.strikes("x34-type") else "")
        return Response(in_gbk(envelope).encode(CODEC), media_type="text/xml; charset=GBK")

    def _text(self, number: str) -> str:
        for name, type_ in TYPES.items():
            if self.switches.strikes(name):
                return f"{DECLARED}{type_}<a>&x;</a>"
        if self.switches.strikes("x06-error"):
            return _error("102", f"{number}查询失败")
        for cells, members in self.families.values():
            if any(member["ID_CARD"] == number for member in members):
                people = "".join(f"<SAM_PEOPLE>{_xml(member)}</SAM_PEOPLE>" for member in members)
                family = f"<SAM_FAMILY>{_xml(cells)}{people}</SAM_FAMILY>"
                return f"{DECLARED}<SAM_FAMILY_INFO>{family}</SAM_FAMILY_INFO>"
        return _error("001", f"查无此人{number}")


def _error(code: str, words: str) -> str:
    return f"{DECLARED}<RESULT><ERROR_CODE>{code}</ERROR_CODE><ERROR>{words}</ERROR></RESULT>"


def _xml(cells: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in cells.items())
