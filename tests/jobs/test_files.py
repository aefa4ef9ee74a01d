"""Files of jobs: in four formats that tell the same, in parts, after a cut, and with a proof."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import hashlib
import io
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import httpx
import openpyxl
import orjson
import pytest
import pytest_asyncio
import uvicorn
from joserfc.jwk import KeySet
from python_calamine import CalamineWorkbook

from hub.audit.receipt import BadReceipt, asked, check, read
from hub.jobs import formats
from hub.jobs.document import Column
from hub.jobs.formats import MADE
from hub.jobs.parts import Spoiled
from hub.jobs.workbook import Workbook
from hub.web.connection import Connection
from tests.jobs.conftest import ASKED, PEOPLE, Jobs

FORMATS: Final = ["csv", "xlsx", "parquet"]
CONTRACTS: Final = """query($after: String) { contracts(after: $after) {
  nodes { id divisionCode amount endsOn cycleYears contractor { name } 
    expenditures(first: 2) { nodes { spentOn } } }
  pageInfo { hasNextPage endCursor } } }"""
FORMULA: Final = '=HYPERLINK("http://x","甲")'


async def made(jobs: Jobs, role: str = "bureau", **given: Any) -> dict[str, Any]:
    told = await jobs.ended(await jobs.start(role, formats=FORMATS, **given), role)
    assert told["state"] == "DONE", told
    assert [file["format"] for file in told["files"]] == ["csv", "ndjson", "parquet", "xlsx"]
    return told


def of_csv(data: bytes) -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def of_parquet(data: bytes, folder: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    path = folder / "read.parquet"
    path.write_bytes(data)
    found = duckdb.sql(f"select * from read_parquet('{path}')")
    assert found is not None
    return found.columns, found.fetchall()


async def test_four_formats_tell_the_same(jobs: Jobs, tmp_path: Path) -> None:
    """Each read by a program that had no part in writing it, with its types."""
    told = await made(jobs, query=CONTRACTS)
    rows = await jobs.rows(told, "bureau")
    assert len(rows) > 2
    names = ["id", "divisionCode", "amount", "endsOn", "cycleYears", "contractor.name", "expenditures.nodes"]

    def flat(row: Any, cast: bool) -> tuple[Any, ...]:
        day, amount = row["endsOn"], row["amount"]
        nodes = orjson.dumps(row["expenditures"]["nodes"]).decode()
        return (
            row["id"],
            row["divisionCode"],
            Decimal(amount) if cast and amount is not None else amount,
            dt.date.fromisoformat(day) if cast else day,
            row["cycleYears"],
            (row["contractor"] or {}).get("name"),
            nodes,
        )

    text = of_csv((await jobs.file(told, "csv", "bureau")).content)
    assert text[0] == names
    plain = [["" if v is None else str(v) for v in flat(row, False)] for row in rows]
    assert text[1:] == plain
    columns, found = of_parquet((await jobs.file(told, "parquet", "bureau")).content, tmp_path)
    assert (columns, found) == (names, [flat(row, True) for row in rows])
    assert any(isinstance(row[2], Decimal) for row in found)
    sheet = (await jobs.file(told, "xlsx", "bureau")).content
    book = openpyxl.load_workbook(io.BytesIO(sheet), read_only=True)
    cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    as_dates = [[v.date() if isinstance(v, dt.datetime) else v for v in row] for row in cells[1:]]
    expected = [[float(v) if isinstance(v, Decimal) else v for v in flat(row, True)] for row in rows]
    assert (cells[0], as_dates) == (names, expected)
    [calamine] = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).sheet_names
    again = CalamineWorkbook.from_filelike(io.BytesIO(sheet)).get_sheet_by_name(calamine).to_python()
    assert [["" if v is None else v for v in row] for row in expected] == again[1:]


async def test_answers_about_persons_are_a_table_too_and_no_text_is_a_formula(
    jobs: Jobs, tmp_path: Path
) -> None:
    signs = [FORMULA, "+1", "-1", "@x", "\tx", "＝1+1", "\n=1", "plain, 甲", "a\nb"]
    some, plain = jobs.persons(9), 7
    persons = [{**some[n], "reference": sign} for n, sign in enumerate(signs)]
    told = await made(jobs, "agency", query=ASKED, variables={"programme": "DIBAO"}, persons=persons)
    rows = await jobs.rows(told)
    assert [row["reference"] for row in rows] == signs
    names = ["line", "reference", "refused", "answer", "asOf", "validUntil", "programme", "on"]
    text = of_csv((await jobs.file(told, "csv")).content)
    assert (text[0], [row[0] for row in text[1:]]) == (names, [str(n) for n in range(1, 10)])
    assert [row[1] for row in text[1:]] == [*(f"'{sign}" for sign in signs[:plain]), *signs[plain:]]
    assert not [
        cell for row in text[1:] for cell in row if cell.startswith(("=", "+", "-", "@", "＝", "\t", "\n"))
    ]
    sheet = (await jobs.file(told, "xlsx")).content
    cells = [list(row) for row in openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].iter_rows()]
    assert [row[1].value for row in cells[1:]] == signs
    assert {cell.data_type for row in cells[1:] for cell in row} <= {"n", "s", "d", "inlineStr"}
    columns, found = of_parquet((await jobs.file(told, "parquet")).content, tmp_path)
    assert (columns, [row[1] for row in found]) == (names, signs)
    moments = [row[4] for row in found]
    assert moments == [
        None if row["asOf"] is None else dt.datetime.fromisoformat(row["asOf"]) for row in rows
    ]
    assert any(moments)


def test_a_workbook_goes_on_in_another_sheet_and_holds_what_xml_cannot() -> None:
    sink = formats.Drained()
    book = Workbook(sink, ["n", "text"], most_rows=4)
    texts = ["<&>\"'", "\x00\x0b\ud800a", "x" * 40_000, " a ", "", "甲𠮷", None]
    for n, text in enumerate(texts):
        book.add([n, text])
    book.close()
    read_ = openpyxl.load_workbook(io.BytesIO(sink.take()))
    assert [sheet.max_row for sheet in read_.worksheets] == [4, 4, 2]
    cells = [row for sheet in read_.worksheets for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row[0] for row in cells] == list(range(7))
    assert [row[1] for row in cells] == [
        "<&>\"'", "a", "x" * 32_766 + "…", " a ", "", "甲𠮷", None,
    ]  # fmt: skip


@pytest.mark.parametrize("format_", FORMATS)
def test_rows_are_written_as_they_come(format_: str) -> None:
    """What is held is not more with more rows: bytes leave before the end."""
    columns = [Column(("a",), "Int"), Column(("b", "c"), "String"), Column(("d",), "Boolean")]
    writer, sizes = MADE[format_](columns), []
    for turn in range(40):
        writer.add({"a": n, "b": {"c": f"{n * turn:x}" * 8}, "d": None} for n in range(2000))
        sizes.append(len(writer.take()))
    end = len(writer.close())
    assert sum(sizes) > 20 * end
    assert sum(map(bool, sizes)) > 10


async def test_without_pyarrow_it_is_said(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    answer = await jobs.start("bureau", query=PEOPLE, formats=["parquet"])
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (422, "PARQUET_MISSING")


# ── in parts ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_range_is_what_a_range_is(jobs: Jobs) -> None:
    told = await made(jobs, query=PEOPLE)
    whole = await jobs.file(told, "csv", "bureau")
    data, tag = whole.content, whole.headers["etag"]
    size = len(data)
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "bytes")
    for text, begin, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=7-", 7, size),
        ("bytes=-9", size - 9, size),
        (f"bytes={size - 1}-{size + 50}", size - 1, size),
        (f"bytes=-{size * 2}", 0, size),
    ):
        part = await jobs.file(told, "csv", "bureau", Range=text, **{"If-Range": tag})
        assert (part.status_code, part.content) == (206, data[begin:end]), text
        assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
        assert part.headers["content-length"] == str(end - begin)
    for given in (
        {"Range": "bytes=0-1,4-5"},
        {"Range": "lines=0-1"},
        {"Range": "bytes=9-5"},
        {"Range": "bytes=0-1", "If-Range": '"other"'},
        {"Range": "bytes=0-1", "If-Range": f"W/{tag}"},
    ):
        assert (await jobs.file(told, "csv", "bureau", **given)).content == data, given
    behind = await jobs.file(told, "csv", "bureau", Range=f"bytes={size}-")
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{size}")
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert (await jobs.file(told, "csv", "bureau", **{"If-None-Match": held})).status_code == 304, held
    assert (await jobs.file(told, "csv", "bureau", **{"If-None-Match": '"other"'})).status_code == 200
    path = f"/jobs/{told['id']}/result.csv"
    head = await jobs.http.head(path, headers=jobs.hub.bearer("bureau"))
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")
    assert (
        await jobs.http.get(path.replace(".csv", ".doc"), headers=jobs.hub.bearer("bureau"))
    ).status_code == 404


async def test_what_is_there_can_be_had_while_the_rest_waits_for_its_minute(jobs: Jobs) -> None:
    """Ten persons a minute, five of them for jobs: then it waits, and says until when and why."""
    database, persons = jobs.hub.world.database, [jobs.persons(1)[0]] * 2 + jobs.persons(18)
    asked_: dict[str, Any] = {"query": ASKED, "variables": {"programme": "DIBAO"}, "persons": persons}
    code = await jobs.purpose("agency", 10)
    started = await jobs.start("agency", purpose=code, formats=["csv"], **asked_)
    path = started.headers["location"]
    told = await jobs.until(path, lambda told: told.get("code") == "RATE_LIMITED")
    done = told["progress"]["done"]
    assert (told["state"], told["progress"]["total"]) == ("WAITING", 20)
    assert done in (5, 10)  # by when the minute began
    answer = await jobs.http.get(path, headers=jobs.hub.bearer("agency"))
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    part = await jobs.file(told, "ndjson", Range="bytes=0-")
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 0-{len(part.content) - 1}/*"
    assert part.content.count(b"\n") == done
    assert "repr-digest" not in part.headers
    for format_, given in (("ndjson", {}), ("csv", {}), ("csv", {"Range": "bytes=0-"})):
        wait = await jobs.file(told, format_, **given)
        assert wait.status_code in (409, 416)
    behind = await jobs.file(told, "ndjson", Range=f"bytes={len(part.content)}-")
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(part.content)}")
    await jobs.allow(code, None)
    await database.fetch("update job set due_at = now() where id::text = $1", told["id"])
    told = await jobs.ended(started)
    rest = await jobs.file(
        told, "ndjson", Range=f"bytes={len(part.content)}-", **{"If-Range": part.headers["etag"]}
    )
    assert rest.status_code == 206
    assert part.content + rest.content == (await jobs.file(told, "ndjson")).content


@asynccontextmanager
async def on_a_port(jobs: Jobs) -> AsyncIterator[int]:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen()
        config = uvicorn.Config(
            jobs.hub.app, log_config=None, access_log=False, lifespan="off", http=Connection
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([own]))
        try:
            yield own.getsockname()[1]
        finally:
            server.should_exit = True
            await serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def large(jobs: Jobs) -> dict[str, Any]:
    """A job whose rows have more than 4 MB."""
    some, reference = jobs.persons(20), "r" * 190
    persons = [{**some[n % len(some)], "reference": reference} for n in range(14_000)]
    body = b"\n".join(map(orjson.dumps, persons))
    return await jobs.ended(await jobs.upload(body, "application/x-ndjson", formats="csv"))


async def test_a_download_that_is_cut_off_goes_on_where_it_was(jobs: Jobs, large: dict[str, Any]) -> None:
    """Over TCP, by an address with a signature: cut three times in the middle of the body."""
    told = large
    [file] = [each for each in told["files"] if each["format"] == "ndjson"]
    assert file["bytes"] > 4_000_000
    async with on_a_port(jobs) as port:
        target = file["url"].removeprefix(jobs.hub.settings.base_url)
        held, tag, cuts = b"", "", 0
        while len(held) < file["bytes"]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            asks = f"Range: bytes={len(held)}-\r\nIf-Range: {tag}\r\n" if held else ""
            writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n{asks}\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            assert head.startswith("HTTP/1.1 206" if held else "HTTP/1.1 200"), head
            tag = re.search(r"(?i)etag: (.*)\r\n", head)[1]  # type: ignore[index]
            most = 1_300_000 if cuts < 3 else file["bytes"]
            while most > 0 and len(held) < file["bytes"]:
                data = await reader.read(min(65_536, most))
                held, most = held + data, most - len(data)
            cuts += len(held) < file["bytes"]
            writer.transport.abort()
    assert cuts == 3
    assert hashlib.sha256(held).hexdigest() == file["sha256"]
    assert held == (await jobs.file(told, "ndjson")).content


async def test_a_download_ends_with_the_job(jobs: Jobs, large: dict[str, Any]) -> None:
    """It is deleted while a slow client reads: who reads on gets no whole file, and can tell."""
    [file] = [each for each in large["files"] if each["format"] == "ndjson"]
    async with on_a_port(jobs) as port:
        with socket.socket() as own:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
            own.setblocking(False)
            await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=own, limit=16_384)
            target = file["url"].removeprefix(jobs.hub.settings.base_url)
            writer.write(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            assert f"content-length: {file['bytes']}\r\n" in head
            gone = await jobs.http.delete(f"/jobs/{large['id']}", headers=jobs.hub.bearer("agency"))
            assert gone.status_code == 204
            size = len(await reader.read(-1))
            writer.close()
    assert 0 < size < file["bytes"]


# ── what proves and opens them ───────────────────────────────────────────────────────────────────────


async def test_a_file_has_a_digest_and_a_receipt_that_anybody_can_check(jobs: Jobs) -> None:
    told = await made(jobs, query=PEOPLE)
    keys = KeySet.import_key_set((await jobs.http.get("/receipts/keys.json")).json())
    for file in told["files"]:
        format_ = file["format"]
        answer = await jobs.file(told, format_, "bureau")
        digest = hashlib.sha256(answer.content)
        assert file["sha256"] == digest.hexdigest()
        assert httpx.Headers(answer.headers)["repr-digest"].startswith("sha-256=:")
        receipt = read(answer.headers["hub-receipt"])
        request = asked("GET", f"/jobs/{told['id']}/result.{format_}", b"")
        check(receipt, keys, request, answer.content)
        with pytest.raises(BadReceipt):
            check(receipt, keys, request, answer.content + b"\n")
        assert receipt.head["client"] == "bureau"
        assert receipt.head["document"] == hashlib.sha256(PEOPLE.encode()).hexdigest()
        count = "select count(*) from access_entry where operation = $1"
        assert (await jobs.hub.world.database.fetch(count, receipt.digest))[0][0] == 1
        part = await jobs.file(told, format_, "bureau", Range="bytes=0-4")
        same = ("repr-digest", "hub-receipt", "etag")
        assert [part.headers[name] for name in same] == [answer.headers[name] for name in same]


async def test_an_address_opens_one_file_for_some_minutes(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await made(jobs, query=PEOPLE)
    urls = {file["format"]: file["url"] for file in told["files"]}
    other = await made(jobs, query=PEOPLE)
    good = urls["csv"]
    assert (await jobs.http.get(good)).status_code == 200
    until = re.search(r"until=([0-9]+)", good)[1]  # type: ignore[index]
    bad = [
        good.replace(".csv", ".xlsx"),
        good.replace(told["id"], other["id"]),
        good.replace(until, str(int(until) + 60)),
        good.replace(until, "9" * 30),
        good.replace(until, "x"),
        good.replace(f"until={until}&", ""),
        good[:-1] + ("A" if good[-1] != "A" else "B"),
        good.replace(told["id"], "no-job"),
    ]
    for url in bad:
        answer = await jobs.http.get(url)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "LINK_REFUSED")
    now = time.time()
    monkeypatch.setattr("hub.jobs.links.time.time", lambda: now + 16 * 60)
    assert (await jobs.http.get(good)).status_code == 401


async def test_a_piece_in_another_place_opens_nothing(jobs: Jobs) -> None:
    """Who can write into the database puts a piece of one job into another's place."""
    database = jobs.hub.world.database
    told, other = await made(jobs, query=PEOPLE), await made(jobs, query=PEOPLE)
    await database.fetch(
        "update job_part set content = (select content from job_part where job::text = $1 and kind = 'csv')"
        " where job::text = $2 and kind = 'csv'",
        told["id"],
        other["id"],
    )
    with pytest.raises(Spoiled):
        await jobs.file(other, "csv", "bureau")
