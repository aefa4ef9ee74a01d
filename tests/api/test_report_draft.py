"""Reports that records have written: the same figures as data and in every file, of a viewer's slice only."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any, Final, NamedTuple

import docx
import httpx
import openpyxl
import pypdfium2
import pytest
import pytest_asyncio

from graphql_schema.report_draft import MOST_DAYS
from graphql_schema.schema import EXECUTOR, audience
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Viewer
from hub.compliance.forms import EVIDENCE, FORMS
from hub.domain.dates import CHINA
from hub.domain.vocabulary import ReportKind
from hub.papers.paper import NOTHING
from hub.read.run import Engine
from hub.store.vault import Vault
from hub.sync.registry import register_source
from tests.compliance.facts import SOURCE
from tests.compliance.project import DAY, Project, make_project
from tests.support.postgres import everything, fresh_database
from tests.support.reading import AGENCY, BUREAU, JINJIANG, QIXING, World, schema, viewer, without_minor
from tests.support.serving import Served, served

FIELDS: Final = """
  title fileName about sender recipients rules fromOn until asOf leftOut headingsAre
  basis { quote }
  sections {
    heading prompt isEmpty facts { label value }
    figures { rule quantity required actual status inputCount basis { quote } }
    lists { heading columns total isCut isAttached rows { record cells } }
  }"""
DRAFT: Final = (
    "query ($kind: ReportKind!, $contract: ID, $division: String, $from: Date!, $until: Date!) { reportDraft("
    "kind: $kind, contract: $contract, division: $division, from: $from, until: $until) {" + FIELDS + "} }"
)
JUNE: Final = {"from": "2026-06-01", "until": "2026-06-30"}
YEAR: Final = {"from": "2026-01-01", "until": "2026-12-31"}
NAME: Final = "覃甲乙"
FORMULA: Final = '=HYPERLINK("http://127.0.0.1")'


class Papers(NamedTuple):
    world: World
    project: Project
    hub: Served

    @property
    def contractor(self) -> Viewer:
        return viewer("contractor", None, self.project.rows["contractor"][1])

    @property
    def contract(self) -> str:
        return f"Contract:{self.project.contract}"

    def of(self, kind: ReportKind) -> dict[str, str]:
        by_contract = FORMS[kind].of == "contract"
        return {"contract": self.contract} if by_contract else {"division": QIXING[:6]}

    async def draft(self, who: Viewer, kind: ReportKind, **given: Any) -> dict[str, Any]:
        of = {} if given.keys() & {"contract", "division"} else self.of(kind)
        found = await self.world.ask(who, DRAFT, kind=kind.value, **of, **given)
        return dict(found["reportDraft"])

    async def file(self, ending: str, kind: str, role: str = "bureau", **given: str) -> httpx.Response:
        parameters = {"kind": kind, **given}
        return await self.hub.http.get(
            f"/reports/draft.{ending}", params=parameters, headers=self.hub.bearer(role)
        )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def papers() -> AsyncIterator[Papers]:
    async with fresh_database(everything) as db:
        await register_source(
            db,
            code="s",
            name="来源",
            connector="roster",
            division_code=QIXING,
            location="/",
            max_age_hours=24,
        )
        await db.owner.execute(f"""
            update source set id = {SOURCE};
            insert into sync_run (id, source_id, started_at, status)
            overriding system value values (1, {SOURCE}, now(), 'SUCCEEDED')""")
        project = await make_project(db)
        await db.owner.execute("update beneficiary set name = $1, name_masked = '覃**'", NAME)
        await db.owner.execute("update community_activity set theme = $1", FORMULA)
        clock = dt.datetime.combine(DAY, dt.time(9), CHINA)
        engine = Engine(db, Vault(bytes(range(32))), audience, EXECUTOR, clock=lambda: clock)
        world = World(engine, {}, db)
        async with served(world, db) as hub:
            yield Papers(world, project, hub)


def section(draft: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (each for each in draft["sections"] if each["heading"].endswith(name))
    return dict(found)


def lists(draft: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["heading"]: one for each in draft["sections"] for one in each["lists"]}


# ── as data ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [*FORMS])
async def test_a_draft_of_each_kind_has_the_sections_of_its_form(papers: Papers, kind: ReportKind) -> None:
    draft = await papers.draft(BUREAU, kind, **YEAR)
    assert draft["title"] == f"民政服务站{kind.zh}"
    assert [each["heading"].partition("、")[2] for each in draft["sections"]] == [
        each.zh for each in FORMS[kind].sections
    ]
    assert draft["asOf"] == DAY.isoformat(), "a period that is not over is told as of today"
    assert "hub's own" in draft["headingsAre"]
    assert all(each["prompt"] for each in draft["sections"][-2:]), "two sections are a person's to write"
    held = lists(draft)
    wanted = {EVIDENCE[name].zh for each in FORMS[kind].sections for name in each.evidence}
    assert wanted <= held.keys()
    assert all(len(row["cells"]) == len(one["columns"]) for one in held.values() for row in one["rows"])


async def test_a_monthly_report_says_what_was_done_and_which_rule_asks(papers: Papers) -> None:
    draft = await papers.draft(BUREAU, ReportKind.MONTHLY, **JUNE)
    assert (draft["rules"], draft["recipients"]) == (["R119"], ["COUNTY_BUREAU"])
    assert draft["about"] == papers.contract
    work = section(draft, "服务开展情况")
    visits = next(each for each in work["figures"] if each["quantity"] == "visit.designated")
    assert (visits["required"], visits["actual"], visits["status"]) == ("不少于500次（每年）", "500次", "MET")
    assert visits["rule"] == "R201"
    assert visits["basis"]["quote"]
    held = lists(draft)
    assert held["街面巡查清单"]["total"] == 4
    assert {one["isCut"] for one in held.values()} == {False}


async def test_a_fact_more_is_a_line_more(papers: Papers) -> None:
    facts = papers.project.facts
    before = lists(await papers.draft(BUREAU, ReportKind.FINAL_TERM, **YEAR))["街面巡查清单"]["rows"]
    made = await facts.db.owner.fetchval("select min(id) from patrol")
    old = await facts.db.owner.fetchval("select patrolled_on from patrol where id = $1", made)
    await facts.change("patrol", made, patrolled_on=dt.date(2025, 12, 31))
    after = lists(await papers.draft(BUREAU, ReportKind.FINAL_TERM, **YEAR))["街面巡查清单"]["rows"]
    await facts.change("patrol", made, patrolled_on=old)
    assert len(before) == len(after) + 1
    assert {row["record"] for row in before} - {row["record"] for row in after} == {f"Patrol:{made}"}


async def test_a_time_without_work_is_a_whole_report(papers: Papers) -> None:
    draft = await papers.draft(BUREAU, ReportKind.MONTHLY, **{"from": "2025-06-01", "until": "2025-06-30"})
    assert {one["total"] for one in lists(draft).values() if one["isAttached"]} == {0}
    answer = await papers.file(
        "pdf", "MONTHLY", contract=papers.contract, **{"from": "2025-06-01", "until": "2025-06-30"}
    )
    text = text_of("pdf", answer.content)
    assert answer.status_code == 200
    assert text.count(NOTHING) >= len([one for one in lists(draft).values() if one["isAttached"]])
    assert "报告单位（盖章）" in text


# ── who is told what ─────────────────────────────────────────────────────────────────────────────────


async def test_a_draft_names_masked_names_only_to_who_reads_of_care(papers: Papers) -> None:
    opened = json.dumps(
        await papers.draft(papers.contractor, ReportKind.FINAL_TERM, **YEAR), ensure_ascii=False
    )
    assert "覃**" in opened
    assert NAME not in opened
    assert "459999" not in opened
    held = [each for each in DEFAULT_SCOPES["contractor"] if each != "field:care"]
    shut = viewer("contractor", None, papers.project.rows["contractor"][1], held)
    draft = await papers.draft(shut, ReportKind.FINAL_TERM, **YEAR)
    told = json.dumps(draft, ensure_ascii=False)
    assert "覃" not in told
    assert any("无权查看服务情况" in each for each in draft["leftOut"])
    assert section(draft, "服务开展情况")["figures"], "figures count every fact"


async def test_children_are_counted_where_they_are_not_shown(papers: Papers) -> None:
    shown = await papers.draft(papers.contractor, ReportKind.FINAL_TERM, **YEAR)
    draft = await papers.draft(without_minor(papers.contractor), ReportKind.FINAL_TERM, **YEAR)
    assert (lists(shown)["入户探访清单"]["total"], lists(draft)["入户探访清单"]["total"]) == (500, 0)
    figures = [section(each, "服务开展情况")["figures"] for each in (shown, draft)]
    one, other = ([each["actual"] for each in found] for found in figures)
    assert one == other
    assert any("未成年人" in each for each in draft["leftOut"])


async def test_only_who_sees_the_contract_is_told(papers: Papers) -> None:
    given = {"kind": "MONTHLY", "contract": papers.contract, **JUNE}
    other = viewer("contractor", None, papers.project.rows["contractor"][1] + 1000)
    for stranger in (other, viewer("bureau", JINJIANG)):
        assert await papers.world.code(stranger, DRAFT, **given) == "NOT_FOUND"
    assert "reportDraft" not in schema(AGENCY).query_type.fields  # type: ignore[union-attr]
    for who in (BUREAU, papers.contractor):
        assert (await papers.draft(who, ReportKind.MONTHLY, **JUNE))["about"] == papers.contract


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "EXPERIENCE", "contract": "Contract:1", **JUNE},
        {"kind": "MONTHLY", **JUNE},
        {"kind": "MONTHLY", "division": "450305", **JUNE},
        {"kind": "HALF_YEAR", "contract": "Contract:1", **JUNE},
        {"kind": "HALF_YEAR", "division": "450305", "contract": "Contract:1", **JUNE},
        {"kind": "MONTHLY", "contract": "Station:1", **JUNE},
        {"kind": "MONTHLY", "contract": "Contract:1", "from": "2026-06-30", "until": "2026-06-01"},
        {"kind": "MONTHLY", "contract": "Contract:1", "from": "2027-06-01", "until": "2027-06-30"},
        {
            "kind": "FINAL_TERM",
            "contract": "Contract:1",
            "from": "2020-01-01",
            "until": (dt.date(2020, 1, 1) + dt.timedelta(MOST_DAYS)).isoformat(),
        },
    ],
)
async def test_what_is_no_report_is_refused(papers: Papers, given: dict[str, str]) -> None:
    assert await papers.world.code(BUREAU, DRAFT, **given) == "BAD_ARGUMENT"


# ── as files ─────────────────────────────────────────────────────────────────────────────────────────


def text_of(ending: str, body: bytes) -> str:
    """All that is written there, without spaces and ends of lines."""
    if ending == "docx":
        document = docx.Document(io.BytesIO(body))
        cells = [cell.text for table in document.tables for cell in table._cells]
        parts = [*(each.text for each in document.paragraphs), *cells]
    elif ending == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(body))
        parts = [
            str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row if cell
        ]
    else:
        with pypdfium2.PdfDocument(body) as opened:
            parts = [page.get_textpage().get_text_bounded() for page in opened]
    return "".join("".join(parts).split())


@pytest.mark.parametrize("ending", ["docx", "xlsx", "pdf"])
@pytest.mark.parametrize("kind", [ReportKind.MONTHLY, ReportKind.FINAL_TERM, ReportKind.HALF_YEAR])
async def test_a_file_holds_what_the_answer_holds(papers: Papers, ending: str, kind: ReportKind) -> None:
    answer = await papers.file(ending, kind.value, **papers.of(kind), **JUNE)
    assert answer.status_code == 200, answer.text
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith(
        "attachment; filename=\"report\"; filename*=UTF-8''"
    )
    asked = await papers.hub.ask(DRAFT, kind=kind.value, **papers.of(kind), **JUNE)
    draft, text = asked.json()["data"]["reportDraft"], text_of(ending, answer.content)
    wanted = [draft["title"], *(each["heading"] for each in draft["sections"])]
    wanted += [fact["value"] for each in draft["sections"] for fact in each["facts"] if fact["value"]]
    for each in draft["sections"]:
        for figure in each["figures"]:
            wanted += [figure["rule"], figure["actual"], figure["required"]]
    if ending != "pdf":  # whose text goes from line to line through all cells of a row
        wanted += [
            cell for one in lists(draft).values() for row in one["rows"] for cell in row["cells"] if cell
        ]
    assert len(wanted) > 15
    assert [each for each in wanted if "".join(each.split()) not in text] == []
    assert NAME not in text


async def test_the_same_report_is_the_same_bytes_and_properties_name_nobody(papers: Papers) -> None:
    for ending in ("docx", "xlsx", "pdf"):
        one, two = [
            (await papers.file(ending, "MONTHLY", contract=papers.contract, **JUNE)).content for _ in range(2)
        ]
        assert one == two, ending
        if ending == "pdf":
            with pypdfium2.PdfDocument(one) as told:
                assert not told.get_metadata_value("Author")
                assert told.get_metadata_value("Title") == "民政服务站月度工作报告"
        else:
            opened: Any = docx.Document(io.BytesIO(one)) if ending == "docx" else None
            properties = (
                opened.core_properties if opened else openpyxl.load_workbook(io.BytesIO(one)).properties
            )
            author = properties.author if opened else properties.creator
            assert not author
            assert not (properties.last_modified_by if opened else properties.lastModifiedBy)


async def test_no_cell_of_a_workbook_is_a_formula(papers: Papers) -> None:
    body = (await papers.file("xlsx", "FINAL_TERM", contract=papers.contract, **YEAR)).content
    cells = [cell for page in openpyxl.load_workbook(io.BytesIO(body)) for row in page for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert sum(cell.value == FORMULA for cell in cells) == 20


async def test_a_file_is_refused_as_an_answer_is(papers: Papers) -> None:
    hub = papers.hub
    assert (await hub.http.get("/reports/draft.pdf")).status_code == 401
    posted = await hub.http.post("/reports/draft.pdf", headers=hub.bearer())
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD")
    for kind, given in (("MONTHLY", JUNE), ("MONTHLY", {"a": "b"}), ("EXPERIENCE", JUNE)):
        answer = await papers.file("docx", kind, **given)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"
    assert (await papers.file("docx", "NONE", contract=papers.contract, **JUNE)).status_code == 422
    missing = await papers.file("docx", "MONTHLY", contract="Contract:999999", **JUNE)
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (
        await papers.file("docx", "MONTHLY", "agency", contract=papers.contract, **JUNE)
    ).status_code == 422


async def test_logs_name_nobody_and_the_access_log_has_the_draft(papers: Papers) -> None:
    db = papers.world.database
    before = await db.owner.fetchval("select count(*) from access_entry")
    await papers.file("pdf", "FINAL_TERM", contract=papers.contract, **YEAR)
    assert await db.owner.fetchval("select count(*) from access_entry") > before
    lines = papers.hub.logs.lines()
    assert any(each.get("route") == "/reports/draft.pdf" for each in lines)
    told = json.dumps(lines, ensure_ascii=False)
    assert "覃" not in told
    assert papers.contract not in told
