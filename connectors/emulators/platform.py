"""The national sharing platform (国家数据共享交换平台) with two services behind it, for one county.

``/key`` gives a secret for the day, ``/low-income`` the low-income people of a month in pages, and
``/cremations`` says of one person whether and when, ``/marriages`` what was registered last, and
``/organisations`` what the certificate of one organisation says. ``truth`` is what is behind; no client sees
it. ``catalogue`` says what can go wrong.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.emulators.model import Contractor, Person
from connectors.emulators.registers import certificate, married, of_person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Truth
from hub.domain.vocabulary import Category, Sex

RID: Final = "450305-hub"
APPKEY: Final = "3f2c9a7d51e84b06"
ACCESS_KEY: Final = "county-450305"
ACCESS_SECRET: Final = "e1b0c6f2"  # noqa: S105 - of a server that lives as long as a test or a demo
SKEW_SECONDS: Final = 300
LATE: Final = dt.timedelta(days=2)
"""Between a death and its record."""

CLASSES: Final[Mapping[Category, str]] = {
    Category.DIBAO: "01",
    Category.TEKUN: "02",
    Category.TEKUN_FAMILY: "03",
    Category.SEVERE_DISABLED: "04",
    Category.POOR_ELDER: "05",
    Category.TEMP_AID: "06",
}
"""What the world's categories are on this platform."""
MEANT: Final = {
    "01": Category.DIBAO,
    "02": Category.TEKUN,
    "03": Category.RELAPSE_MONITORED,
    "04": Category.DIBAO_MARGINAL,
    "05": Category.RIGID_EXPENDITURE,
    "06": Category.OTHER_HARDSHIP,
}
TOMORROW: Final = PlainTextResponse("quota", 429, {"retry-after": "30000"})
SEX: Final = {Sex.MALE: "1", Sex.FEMALE: "2"}
CAMEL: Final = {"ID_CARD": "GMSFHM", "NAME": "name", "DEATH_TIME": "deathTime", "BEGIN_DATE": "beginDate"}

Cells = dict[str, Any]


@dataclass(slots=True)
class SharingPlatform:
    """``people``: of the county. ``today``: the world's; ``clock``: the platform's; ``daily``: its quota.

    ``refused``: calls that were not accepted, by reason. ``asked``: whose deaths were asked about;
    ``looked_up``: whose marriages, and which organisations. ``marriages``: code and day of what was
    registered last, by identity number.
    """

    people: Sequence[Person]
    today: dt.date
    clock: Callable[[], dt.datetime]
    switches: Switches
    daily: int = 1_000_000
    refused: Counter[str] = field(default_factory=Counter)
    asked: list[str] = field(default_factory=list)
    organisations: Sequence[Contractor] = ()
    looked_up: list[str] = field(default_factory=list)
    marriages: dict[str, tuple[str, dt.date]] = field(init=False)
    _secrets: dict[str, tuple[str, dt.date]] = field(default_factory=dict)
    _on: Counter[dt.date] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.publish(self.people, self.today)

    def publish(self, people: Sequence[Person], today: dt.date) -> None:
        """From now on it is these people, on this day."""
        self.people, self.today = people, today
        self.marriages = married(people, today)

    @property
    def app(self) -> Starlette:
        services = {
            "/key": self._key,
            "/low-income": self._low_income,
            "/cremations": self._cremations,
            "/marriages": self._marriages,
            "/organisations": self._organisations,
        }
        return Starlette(routes=[Route(path, answer, methods=["POST"]) for path, answer in services.items()])

    @staticmethod
    def location(base: str, service: str) -> str:
        """``service``: low-income, cremations, marriages or organisations."""
        return f"{base}/{service}?rid={RID}&sid=s-{service}&key=/key"

    # --- what is behind ------------------------------------------------------------------------

    @property
    def truth(self) -> Truth:
        """Told are the category, the day of a cremation, and event and day of a marriage."""
        truth, died = Truth(), self.deaths()
        for person in self.people:
            for code, _ in self._classes(person):
                truth.tell("low-income", str(person.id_number), person, str(MEANT[code]))
            if day := died.get(person.id_number or ""):
                truth.tell("cremations", str(person.id_number), person, str(day))
            if event := self.marriages.get(person.id_number or ""):
                truth.tell("marriages", str(person.id_number), person, " ".join(map(str, event)))
        return truth

    def deaths(self) -> dict[str, dt.date]:
        """Days of death that are recorded, by identity number: of cremations, four of five deaths."""
        return {
            person.id_number: person.deceased_on
            for person in self.people
            if person.id_number and person.deceased_on and person.deceased_on <= self.today - LATE
            if int(person.id_number[16]) % 5
        }

    def rows(self) -> list[Cells]:
        return [
            _row(person, code, starts_on)
            for person in self.people
            for code, starts_on in self._classes(person)
        ]

    def _classes(self, person: Person) -> list[tuple[str, dt.date]]:
        """What the person is listed under, and since when."""
        return [
            (CLASSES[membership.category], membership.starts_on)
            for membership in person.memberships
            if person.id_number and membership.category in CLASSES
            if membership.ends_on is None or membership.ends_on >= self.today
        ]

    # --- the platform --------------------------------------------------------------------------

    async def _key(self, request: Request) -> Response:
        asked = await request.json()
        if reason := self._is_refused(asked, APPKEY):
            return self._refuse(reason)
        day = self.clock().date()
        secret = hashlib.sha256(f"{asked['gjgxjhpt_sid']} {day}".encode()).hexdigest()[:32]
        self._secrets[asked["gjgxjhpt_sid"]] = secret, day
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), self.clock().tzinfo)
        data = {"secret": _sealed(secret), "secretEndTime": str(int(midnight.timestamp() * 1000))}
        return JSONResponse({"code": "0", "data": data, "message": "success"})

    def _is_refused(self, signed: Mapping[str, str], key: str) -> str | None:
        rid, sid, rtime = (signed.get(f"gjgxjhpt_{name}", "") for name in ("rid", "sid", "rtime"))
        if rid != RID or self.switches.strikes("x07-grant"):
            return "E-106"
        if not rtime.isdecimal() or abs(self.clock().timestamp() - int(rtime) / 1000) > SKEW_SECONDS:
            return "skew"
        return None if signed.get("gjgxjhpt_sign") == _sign(key, sid + rid + rtime) else "sign"

    def _refuse(self, reason: str) -> Response:
        self.refused[reason] += 1
        code = reason if reason == "E-106" else "-1"
        return JSONResponse({"code": code, "message": f"{RID} 调用被拒绝"})

    async def _called(self, request: Request) -> Cells | Response:
        """What the service is asked, or why it is not."""
        secret, day = self._secrets.get(request.headers.get("gjgxjhpt_sid", ""), ("", dt.date.min))
        if day != self.clock().date() or self.switches.strikes("x07-expired"):
            self._secrets.clear()
            return self._refuse("expired")
        if reason := self._is_refused(request.headers, secret):
            return self._refuse(reason)
        if self.switches.strikes("x08-quota"):
            return TOMORROW
        form = dict(parse_qsl((await request.body()).decode()))
        sign = form.pop("sign", "")
        listed = "&".join(f"{name}={value}" for name, value in sorted(form.items()))
        if form.get("access_key") != ACCESS_KEY or sign != _sign(ACCESS_SECRET, listed):
            return JSONResponse({"code": "9", "msg": "验签失败"})
        content: Cells = orjson.loads(form["biz_content"])
        if self.switches.strikes("x06-code"):
            told = {"code": "500", "status": "fail", "msg": f"{content.get('name')} 查询异常"}
            return JSONResponse({"code": "1", "msg": "success", "biz_data": told})
        if self.switches.strikes("x06-empty"):
            return JSONResponse({"code": "1", "msg": "success", "biz_data": None})
        return content

    # --- the services --------------------------------------------------------------------------

    async def _low_income(self, request: Request) -> Response:
        asked = await self._called(request)
        if isinstance(asked, Response):
            return asked
        rows = self.rows() if asked["month"] == f"{self.today:%Y-%m}" else []
        first = (asked["page"] - 1) * asked["size"]
        if asked["page"] > 1 and self.switches.strikes("x04-shifted"):
            first -= 3
        page = rows[first : first + asked["size"]]
        if self.switches.strikes("x04-short"):
            page = page[:-3]
        if page and self.switches.strikes("x16-code"):
            page[0] = {**page[0], "LOW_INCOME_TYPE": "17"}
        return self._answer(page, len(rows))

    async def _cremations(self, request: Request) -> Response:
        asked = await self._counted(request)
        if isinstance(asked, Response):
            return asked
        number = asked["id_card"]
        self.asked.append(number)
        died = self.deaths().get(number)
        if died is None:
            return self._answer([], 0)
        name = "测试数据" if self.switches.strikes("x32-other") else asked["name"]
        record = {"NAME": name, "ID_CARD": number, "DEATH_TIME": f"{died} 04:10:00"}
        return self._answer([{**record, "CREMATION_TIME": str(died + LATE)}], 1)

    async def _marriages(self, request: Request) -> Response:
        asked = await self._counted(request)
        if isinstance(asked, Response):
            return asked
        number = of_person(asked)
        self.looked_up.append(number)
        code, day = self.marriages.get(number, ("", ""))
        if code and self.switches.strikes("x16-event"):
            code = "ID"
        told = {"op_type": code, "op_type_desc": "" if code else "匹配不成功", "op_date": str(day)}
        # The other one is told, too; nobody asked for that.
        other = {"name_other": "测试配偶", "cert_num_other": "459999" + number[6:]} if code else {}
        return self._answer([{name.upper(): cell for name, cell in (told | other).items()}], 1)

    async def _organisations(self, request: Request) -> Response:
        asked = await self._counted(request)
        if isinstance(asked, Response):
            return asked
        self.looked_up.append(asked["usc_code"])
        found = [certificate(each, self.today) for each in self.organisations]
        rows = [row for row in found if row["USC_CODE"] == asked["usc_code"]]
        return self._answer(rows, len(rows))

    async def _counted(self, request: Request) -> Cells | Response:
        """As ``_called``, of services with so many questions a day."""
        asked, day = await self._called(request), self.clock().date()
        if not isinstance(asked, Response):
            if self._on[day] >= self.daily:
                self.refused["quota"] += 1
                return TOMORROW
            self._on[day] += 1
        return asked

    def _answer(self, rows: Sequence[Cells], total: int) -> Response:
        if rows and self.switches.strikes("x15-types"):
            rows = list(map(_typed, rows))
        if rows and self.switches.strikes("x14-case"):
            rows = [{CAMEL.get(name, name.lower()): cell for name, cell in row.items()} for row in rows]
            told = {"code": "0", "status": "success", "result": rows, "recordcount": total}
        else:
            told = {"returncount": str(len(rows)), "recordcount": str(total), "rows": rows}
        return JSONResponse({"code": "1", "msg": "success", "sign": "", "biz_data": told})


def _row(person: Person, code: str, starts_on: dt.date) -> Cells:
    return {
        "NAME": person.name,
        "ID_CARD": person.id_number,
        "SEX": SEX.get(person.sex, "9") if person.sex else "9",
        "NATION": person.ethnicity_code or "",
        "DOMICILE_CODE": person.division_code,
        "ADDRESS": person.address or "",
        "TEL": person.phone or "",
        "LOW_INCOME_TYPE": code,
        "BEGIN_DATE": f"{starts_on:%Y%m%d}",
        "SOURCE_DEPT": "民政",
        "WARNINGS": "医疗支出过高",
        "ACCOUNT_NO": "62" + str(person.id_number)[-14:],
        "FACE_ID": "F" + str(person.id_number)[6:14],
    }


def _typed(row: Cells) -> Cells:
    """Numbers where texts were, and other words for nothing."""
    numbers: Cells = {name: int(row[name]) for name in ("LOW_INCOME_TYPE", "DOMICILE_CODE") if name in row}
    nothing = {name: word for name, word in (("TEL", 0), ("ADDRESS", "无")) if row.get(name) == ""}
    return {**row, **numbers, **nothing, **({"NATION": None} if row.get("NATION") == "" else {})}


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _sealed(secret: str) -> str:
    seed = APPKEY.encode()
    for _ in range(2):
        seed = hashlib.sha1(seed, usedforsecurity=False).digest()
    sealing = Cipher(algorithms.AES(seed[:16]), modes.CBC(b"AESCBCPKCS5Paddi")).encryptor()
    pad = padding.PKCS7(128).padder()
    return base64.b64encode(sealing.update(pad.update(secret.encode()) + pad.finalize())).decode()
