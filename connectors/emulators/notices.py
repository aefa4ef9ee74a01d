"""A procurement portal: a list of contract notices in pages, and each notice as a page, for one county.

Among them are those of other offices. Amounts stand in figures and in capitals, suppliers by their names;
``catalogue`` says how it goes wrong. Each fault is one of the next notice that is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.emulators.model import Contract
from connectors.emulators.switches import Switches
from hub.domain.money import to_capital
from hub.domain.vocabulary import ContractStatus

PAGE: Final = 3
LATE: Final = dt.timedelta(days=2)
"""Between the signing of a contract and its notice."""

Cells = dict[str, str]


@dataclass(slots=True)
class Notice:
    path: str
    published_on: dt.date
    cells: Cells
    kind: str = "合同公告"
    asked: int = 0


@dataclass(slots=True)
class Portal:
    """``notices`` in the order of their days; who changes one before it is read changes what it says."""

    contracts: Sequence[Contract]
    switches: Switches
    notices: list[Notice] = field(init=False)

    def __post_init__(self) -> None:
        signed = [each for each in self.contracts if each.status is not ContractStatus.DRAFT]
        signed.sort(key=lambda each: (each.signed_on, each.number))
        self.notices = [
            Notice(f"/htgg/{number}.html", each.signed_on + LATE, _cells(each, number))
            for number, each in enumerate(signed, 1)
        ]

    def add(self, day: dt.date, cells: Cells, kind: str = "合同公告") -> Notice:
        self.notices.append(Notice(f"/htgg/{len(self.notices) + 1}.html", day, cells, kind))
        return self.notices[-1]

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/htgg/index.html", self._list),
                Route("/htgg/{name}", self._notice),
            ]
        )

    @staticmethod
    def location(base: str) -> str:
        return f"{base}/htgg/index.html"

    async def _list(self, request: Request) -> Response:
        page = int(request.query_params.get("page", "1"))
        ordered = sorted(self.notices, key=lambda each: each.published_on, reverse=True)
        first = (page - 1) * PAGE
        again = 2 if page > 1 and self.switches.strikes("x04-repeated") else 0
        lines = "".join(
            f'<li><a href="{each.path.rpartition("/")[2]}">{escape(each.cells["项目名称"])}{each.kind}</a>'
            f"<span>{each.published_on}</span></li>"
            for each in ordered[first - again : first + PAGE]
        )
        then = f'<a href="index.html?page={page + 1}">下一页</a>' if first + PAGE < len(ordered) else ""
        elsewhere = '<li><a href="https://example.org/htgg/9.html">别处</a> 2026-06-01</li>'
        return _page(f"<title>合同公告</title><ul>{lines}{elsewhere}</ul>{then}")

    async def _notice(self, request: Request) -> Response:
        found = [each for each in self.notices if each.path == request.url.path]
        if not found or self.switches.strikes("x05-gone"):
            return PlainTextResponse("404", 404)
        notice = found[0]
        notice.asked += 1
        cells = dict(notice.cells)
        for name, harm in _HARMED.items():
            if self.switches.strikes(name):
                harm(cells)
        body = _lines(cells) if self.switches.strikes("x33-lines") else _table(cells)
        if self.switches.strikes("x34-script"):
            body = f"<script>var 合同编号 = '合同编号：HACK-1';</script>{body}"
        if self.switches.strikes("x34-deep"):
            body = "<div>" * 50_000 + body
        title = f"<title>{notice.kind}</title><h1>{notice.kind}</h1>"
        return _page(title + body, "gbk" if self.switches.strikes("x31-gbk") else "utf-8")


def _page(body: str, charset: str = "utf-8") -> Response:
    text = f'<!DOCTYPE html><html><head><meta charset="{charset}"></head><body>{body}</body></html>'
    return Response(text.encode(charset), media_type="text/html")


def _table(cells: Cells) -> str:
    """Two labels in a row, as portals have it."""
    items = list(cells.items())
    rows = "".join(
        "<tr>"
        + "".join(f"<th>{name}：</th><td>{escape(cell)}</td>" for name, cell in items[at : at + 2])
        + "</tr>"
        for at in range(0, len(items), 2)
    )
    return f"<table>{rows}</table>"


def _lines(cells: Cells) -> str:
    """Two labels in a paragraph."""
    items = [f"{name}：{escape(cell)}" for name, cell in cells.items()]
    return "".join(f"<p>{'　'.join(items[at : at + 2])}</p>" for at in range(0, len(items), 2))


def _cells(contract: Contract, number: int) -> Cells:
    return {
        "合同编号": contract.number,
        "项目编号": f"XM-{contract.starts_on.year}-{number:04}",
        "项目名称": contract.title,
        "采购人（甲方）": contract.purchaser_name,
        "采购人区划代码": contract.division_code,
        "采购方式": contract.procurement_method.zh,
        "供应商（乙方）": contract.contractor.name,
        "合同类型": "服务类",
        "合同金额（元）": f"￥{contract.amount:,.2f}",
        "合同金额（大写）": f"人民币{to_capital(contract.amount)}",
        "合同签订日期": f"{contract.signed_on:%Y年%m月%d日}",
        "履约期限": f"{contract.starts_on}至{contract.ends_on}",
        "合同公告日期": f"{contract.signed_on + LATE}",
    }


def _masked(*names: str) -> Callable[[Cells], None]:
    return lambda cells: cells.update({name: cells[name][:2] + "***" for name in names})


def _from_signing(cells: Cells) -> None:
    """The same contract, its period in other words."""
    cells["履约期限"] = "自合同签订之日起一年"


_HARMED: Final[dict[str, Callable[[Cells], None]]] = {
    "x13-label": lambda cells: cells.update({"文号": cells.pop("合同编号")}),
    "x16-method": lambda cells: cells.update({"采购方式": "抽签"}),
    "x23-supplier": lambda cells: cells.update({"供应商（乙方）": "某某服务中心"}),
    "x28-from-signing": _from_signing,
    "x29-capital": lambda cells: cells.update({"合同金额（元）": ""}),
    "x29-half": _masked("合同金额（元）"),
    "x29-masked": _masked("合同金额（元）", "合同金额（大写）"),
    "x29-disagree": lambda cells: cells.update({"合同金额（大写）": "壹元整"}),
    "x34-twice": lambda cells: cells.update({"合同号": "HT-OTHER-001"}),
    "x35-more": lambda cells: cells.update({"银行账号": "6222000000001234", "联系电话": "15400009999"}),
}
