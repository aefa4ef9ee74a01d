"""``/reports/draft.docx``, ``.xlsx`` and ``.pdf``: a draft of a report as a file.

The draft is asked of the read engine in GraphQL, as a client would ask it: with the same token, limits,
audience and entry in the access log. So a file holds what an answer holds, and nothing else.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.domain.vocabulary import VerdictStatus
from hub.errors import BadArgument, HubError
from hub.papers.paper import NOTHING, Paper, Part, Table
from hub.papers.pdf import pdf
from hub.papers.sheet import sheet
from hub.papers.word import word
from hub.read.run import Engine
from hub.web.accept import JSON, language
from hub.web.cors import cors
from hub.web.documents import respond_plainly
from hub.web.graphql import Authenticate
from hub.web.heads import heads
from hub.web.receipts import Receipts, receipted
from hub.web.refusals import EVERY_METHOD, GivenTwice, NotRead, refusal

PATH: Final = "/reports/draft"
OFFICE: Final = "application/vnd.openxmlformats-officedocument"
FORMATS: Final[Mapping[str, tuple[Callable[[Paper], bytes], str]]] = {
    "docx": (word, f"{OFFICE}.wordprocessingml.document"),
    "xlsx": (sheet, f"{OFFICE}.spreadsheetml.sheet"),
    "pdf": (pdf, "application/pdf"),
}
DRAFT: Final = """query ReportDraft(
  $kind: ReportKind!, $contract: ID, $division: String, $from: Date!, $until: Date!
) {
  reportDraft(kind: $kind, contract: $contract, division: $division, from: $from, until: $until) {
    title fileName sender fromOn until asOf headingsAre leftOut
    basis { article document { number title } }
    sections {
      heading prompt isEmpty
      facts { label value }
      figures { rule required actual status basis { quote } }
      lists { heading columns total isCut isAttached rows { cells } }
    }
  }
}"""
PARAMETERS: Final = frozenset({"kind", "contract", "division", "from", "until"})
FIGURES: Final = ("规则", "文件原文", "要求", "完成情况", "判定")


def paper_routes(
    engine: Engine,
    authenticate: Authenticate,
    origins: Sequence[str] = (),
    receipts: Receipts | None = None,
) -> list[Route]:
    """``origins``: sites whose pages may ask."""

    def serving(ending: str) -> Any:
        async def endpoint(request: Request) -> Response:
            spoken = language(heads(request.scope).get("accept-language", ""))
            try:
                if request.method not in ("GET", "HEAD"):
                    raise NotRead
                viewer, given = await authenticate(request), _given(request)
            except HubError as error:
                return refusal(error, spoken, JSON)
            answer = await engine.answer(viewer, DRAFT, None, given, reading=True, language=spoken)
            request.state.cost = answer.cost
            if answer.status != 200:
                return respond_plainly(answer)
            draft = orjson.loads(answer.body)["data"]["reportDraft"]
            make, kind = FORMATS[ending]
            body = await asyncio.to_thread(make, paper_of(draft))
            return Response(body, 200, _headers(body, f"{draft['fileName']}.{ending}"), kind)

        return endpoint

    around = [*cors(origins), *receipted(receipts)]
    return [
        Route(f"{PATH}.{ending}", serving(ending), methods=EVERY_METHOD, middleware=around)
        for ending in FORMATS
    ]


def _given(request: Request) -> dict[str, str]:
    pairs = request.query_params.multi_items()
    given = {name: text for name, text in pairs if text}
    if len(pairs) != len({name for name, _ in pairs}):
        raise GivenTwice
    if given.keys() - PARAMETERS:
        raise BadArgument(
            "Expected no parameters but kind, contract, division, from and until.",
            zh="参数只能是 kind、contract、division、from、until",
        )
    return given


def _headers(body: bytes, name: str) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename=\"report\"; filename*=UTF-8''{quote(name)}",
        "Repr-Digest": f"sha-256=:{digest}:",
        "X-Content-Type-Options": "nosniff",
    }


# ── of an answer a paper ─────────────────────────────────────────────────────────────────────────────


def paper_of(draft: Mapping[str, Any]) -> Paper:
    first, until, day = (dt.date.fromisoformat(draft[name]) for name in ("fromOn", "until", "asOf"))
    basis = [
        f"{each['document']['number'] or each['document']['title']}{each['article']}"
        for each in draft["basis"]
    ]
    own = draft["headingsAre"].rpartition(" — ")[2]
    notes = [f"数据截至{_date(day)}，判定适用当日有效的规则。", *draft["leftOut"], own]
    if basis:
        notes.insert(0, f"报送依据：{'；'.join(dict.fromkeys(basis))}。")
    lists = [one for each in draft["sections"] for one in each["lists"]]
    attachments = [_list(one) for one in lists if one["isAttached"] and one["rows"]]
    return Paper(
        title=draft["title"],
        subtitle=f"（{_date(first)}至{_date(until)}）",
        day=day,
        parts=[_part(each) for each in draft["sections"]],
        notes=notes,
        signs=[
            f"报告单位（盖章）：{draft['sender'] or ''}　　　　",
            "负责人（签字）：　　　　　　　　",
            "年　　月　　日　　　　",
        ],
        attachments=attachments,
    )


def _part(section: Mapping[str, Any]) -> Part:
    tables = []
    if section["figures"]:
        rows = [
            [
                each["rule"],
                each["basis"]["quote"],
                each["required"],
                each["actual"],
                VerdictStatus(each["status"]).zh,
            ]
            for each in section["figures"]
        ]
        tables.append(Table("指标完成情况", FIGURES, rows))
    tables += [_list(each) for each in section["lists"] if not each["isAttached"]]
    texts = [section["prompt"]] if section["prompt"] else []
    if proof := [each for each in section["lists"] if each["isAttached"]]:
        told = [f"{each['heading']}{each['total']}条（见附件）" for each in proof if each["rows"]]
        texts.append(
            "；".join([*told, *(f"{each['heading']}：{NOTHING}" for each in proof if not each["rows"])])
            + "。"
        )
    if section["isEmpty"]:
        texts.append("本期无记录。")
    facts = [(each["label"], each["value"] or "") for each in section["facts"]]
    return Part(section["heading"], facts, tables, texts)


def _list(each: Mapping[str, Any]) -> Table:
    rows = [[cell or "" for cell in row["cells"]] for row in each["rows"]]
    return Table(
        each["heading"], each["columns"], rows, f"共{each['total']}条{'（未列全）' if each['isCut'] else ''}"
    )


def _date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
