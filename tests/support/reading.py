"""A small county behind a read engine, and a way to ask it as anybody."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

import orjson
from graphql import ExecutionResult, GraphQLSchema, execute_sync, parse

from graphql_schema.schema import EXECUTOR, audience
from hub import tables
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Viewer, make_viewer
from hub.domain.dates import CHINA
from hub.read.answers import Answer
from hub.read.run import Engine
from hub.store.database import Database
from hub.store.vault import Vault
from hub.tables import GROUPS, HISTORIES, RECORDS, Group, metadata
from tests.support.county import TODAY, Rows, build, store
from tests.support.postgres import FIELD_KEY, fresh_database

QIXING: Final = "450305000000"
GUANGXI: Final = "450000000000"
JINJIANG: Final = "350582000000"
DONGJIANG: Final = "450305001000"
STAMP: Final = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def viewer(
    role: str,
    division: str | None = None,
    organisation: int | None = None,
    scopes: Iterable[str] | None = None,
    opened: Iterable[Group] = GROUPS,
) -> Viewer:
    """``opened``: groups that its purpose opens."""
    held = frozenset(DEFAULT_SCOPES[role] if scopes is None else scopes)
    given = frozenset(opened)
    return make_viewer("test", role, held, division_code=division, organisation_id=organisation, opened=given)


BUREAU: Final = viewer("bureau", QIXING)
PROVINCE: Final = viewer("bureau", GUANGXI)
TOWNSHIP: Final = viewer("township", DONGJIANG)
CONTRACTOR: Final = viewer("contractor", None, 1)
AGENCY: Final = viewer("agency", QIXING)
OPERATOR: Final = viewer("operator")


def without_minor(who: Viewer) -> Viewer:
    """The same client, whose registration has no ``field:minor``."""
    scopes = who.scopes - {"field:minor"}
    return make_viewer(
        who.client_id,
        who.role,
        scopes,
        division_code=who.division_code,
        organisation_id=who.organisation_id,
    )


VIEWERS: Final = {
    "bureau": BUREAU,
    "province": PROVINCE,
    "township": TOWNSHIP,
    "contractor": CONTRACTOR,
    "agency": AGENCY,
    "operator": OPERATOR,
}


@dataclasses.dataclass
class World:
    engine: Engine
    rows: Rows
    database: Database

    async def answer(self, who: Viewer, query: str, name: str | None = None, **variables: Any) -> Answer:
        return await self.engine.answer(who, query, name, variables, reading=False)

    async def ask(self, who: Viewer, query: str, name: str | None = None, **variables: Any) -> Any:
        """``data``, whose keys stand as the answer wrote them."""
        answer = await self.answer(who, query, name, **variables)
        body = json.loads(answer.body)
        assert "errors" not in body, (query, body)
        return body["data"]

    async def errors(self, who: Viewer, query: str, name: str | None = None, **variables: Any) -> list[Any]:
        answer = await self.answer(who, query, name, **variables)
        body = orjson.loads(answer.body)
        assert body.get("errors"), (query, body)
        assert not any((body.get("data") or {}).values()), (query, body)
        assert all(error["extensions"]["code"] for error in body["errors"])
        return list(body["errors"])

    async def code(self, who: Viewer, query: str, name: str | None = None, **variables: Any) -> str:
        """The one code of all errors."""
        (code,) = {e["extensions"]["code"] for e in await self.errors(who, query, name, **variables)}
        return str(code)


def schema(who: Viewer) -> GraphQLSchema:
    return audience(who.capability)


def plainly(who: Viewer, query: str, **variables: Any) -> ExecutionResult:
    """What graphql-core itself makes of the request, for what needs no row of a table."""
    return execute_sync(schema(who), parse(query), variable_values=variables)


TOLD: Final[Mapping[str, dict[str, Any]]] = {
    "source_column": {
        "name": "银行账号",
        "field_class": "BANK",
        "table_count": 1,
        "lacking_count": 0,
        "dropped_count": 2,
        "unknown_code_count": 0,
        "first_seen_at": STAMP,
        "last_seen_at": STAMP,
    },
    "source_drift": {"found_at": STAMP, "kind": "COLUMN_CAME", "name": "银行账号"},
    "run_list": {
        "read_count": 3,
        "unchanged_count": 0,
        "accepted_count": 2,
        "quarantined_count": 1,
        "withdrawn_count": 0,
    },
    "dropped_cells": {"field_class": "BANK", "cell_count": 2, "names": ["银行账号"]},
    "reconciliation": {
        "day": STAMP.date(),
        "counted_at": STAMP,
        "entity": "beneficiary",
        "division_code": "450305001000",
        "held_count": 2,
        "unsaid_count": 0,
        "about_count": 2,
        "digest_count": 2,
        "digest": "00",
    },
}


def _told(table: str, number: int) -> dict[str, Any]:
    """Of the source and the run of that number."""
    run = {"run_id": number} if "run_id" in metadata.tables[table].c else {}
    return {"id": number, "source_id": number, "list_kind": "dibao", **run, **TOLD[table]}


def with_ledger(rows: Rows) -> Rows:
    """``rows`` and what stands behind them: a province's source, records, runs and refused rows."""
    vault = Vault(bytes(range(32)))
    source = {**rows["source"][0], "id": 3, "code": "roster-45", "division_code": GUANGXI}
    everywhere = {**rows["source"][0], "id": 4, "code": "catalogue", "division_code": None}
    rows["source"] += [source, everywhere]
    rows["sync_run"] = [
        {"id": s["id"], "source_id": s["id"], "started_at": STAMP, "status": "SUCCEEDED"}
        for s in rows["source"]
    ]
    rows["quarantined_row"] = [
        {
            "id": 10 * s["id"] + i,
            "source_id": s["id"],
            "run_id": s["id"],
            "division_code": s["division_code"],
            "file": "名单.xlsx",
            "row_number": 3 + i,
            "list_kind": ("dibao", "tekun")[i % 2],
            "reason_codes": ["REQUIRED", "ID_NUMBER_CHECKSUM"][: i % 2 + 1],
            "reasons": ["姓名不得为空"],
            "raw": vault.seal("{}"),
            "content_hash": b"\0",
            "quarantined_at": STAMP + dt.timedelta(hours=i),
            "resolved_at": STAMP + dt.timedelta(days=i) if i > 1 else None,
        }
        for s in rows["source"]
        for i in range(4)
    ]
    rows |= {table: [_told(table, s["id"]) for s in rows["sync_run"]] for table in TOLD}
    rows["field_override"], rows["correction_request"] = _stewardship(rows, vault)
    rows["beneficiary_apart"], rows["identity_review"] = _linked(rows)
    rows["precedence_rule"] = [
        {
            "id": 1,
            "division_prefix": "45",
            "table_name": "beneficiary",
            "column_name": "phone",
            "list_kind": "elder",
            "rank": 1,
            "reason": "以养老名单为准",
            "starts_on": STAMP.date(),
            "is_in_force": True,
        }
    ]
    rows["watch"] = [
        {
            "id": number,
            "client_id": client,
            "purpose": ("relief", "loans")[number % 2],
            "programme": ("DIBAO", "TEKUN")[number % 2],
            "id_number": vault.seal("459999195003070019") if number > 1 else None,
            "id_number_hash": bytes([number]) if number > 1 else None,
            "reference": vault.seal(f"户-{number}"),
            "is_entitled": number % 3 == 0 if number > 1 else None,
            "answered_at": STAMP if number > 1 else None,
            "made_at": STAMP,
            "ends_on": TODAY + dt.timedelta(days=number),
            "ended_at": None if number > 1 else STAMP,
            "end_reason": None if number > 1 else "UNWATCHED",
        }
        for number, client in enumerate(("test", "test", "another", "test", "another"), 1)
    ]
    rows["emergency_access"] = [
        {
            "id": number,
            "client_id": "test",
            "opener_role": role,
            "opener_name": "测试",
            "opener_division_code": place,
            "organisation_id": 1 + number % 3 if role == "contractor" else None,
            "county_code": county,
            "division_code": f"{county}000000",
            "person_ids": [number],
            "people": [f"Beneficiary:{county}:{number}"],
            "reason": "MISSING",
            "note": vault.seal("走失"),
            "opened_at": STAMP,
            "ends_at": STAMP + dt.timedelta(hours=number),
            "verdict": "JUSTIFIED" if number % 2 else None,
        }
        for number, (role, place, county) in enumerate(
            [
                ("township", DONGJIANG, "450305"),
                ("township", "350582103000", "350582"),
                ("contractor", None, "450305"),
                ("contractor", None, "350582"),
                ("contractor", None, "350582"),
                ("bureau", QIXING, "450305"),
            ],
            1,
        )
    ]
    for golden, record in RECORDS.items():
        shown = {c.name for c in record.c}
        rows[record.name] = [
            {
                **{k: v for k, v in row.items() if k in shown},
                "source_id": 2 if row.get("county_code") == "350582" else 1,
                "record_key": f"{golden}:{row['id']}",
                "entity_id": row["id"],
                "precedence": 1,
                "content_hash": b"\0",
                "observed_at": STAMP,
                "received_at": STAMP,
                "run_id": 1,
            }
            for row in rows[golden]
        ]
    return rows


OTHERWISE: Final = {
    "id": "f.id + case f.id % 5 when 0 then 1000 else 0 end",
    "beneficiary_id": "b.id",
    "division_code": "b.division_code",
    "shown_from_on": "b.shown_from_on",
    "contract_id": "case f.id % 3 when 0 then f.contract_id else k.id end",
    "known_from": "'2026-05-01'",
    "known_until": "'2026-05-20'",
}


async def remember(database: Database, rows: Rows) -> None:
    """A former version of each fact: of one that is gone, of somebody else, under another contract."""
    for fact, past in HISTORIES.items():
        names = [c.name for c in past.c]
        said = ", ".join(OTHERWISE.get(name, f"f.{name}") for name in names)
        contract = "left join contract k on k.id = 1 + f.contract_id % 12" if "contract_id" in names else ""
        await database.owner.execute(
            f"insert into {past.name} ({', '.join(names)}) select {said} from {fact} f"
            " join beneficiary p on p.county_code = f.county_code and p.id = f.beneficiary_id"
            " cross join lateral (select o.* from beneficiary o where o.county_code = f.county_code"
            " order by f.id % 2 = 0 and o.id = p.id desc, o.id > p.id desc, o.id limit 1) b"
            f" {contract}"
        )
        rows[past.name] = [dict(row) for row in await database.owner.fetch(f"select * from {past.name}")]


AWAY: Final = 5_000
"""Added to the id of a person is that of a file linked with the person's."""


def _linked(rows: Rows) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every third person stands for a file that is away; neighbours are asked about, some by that file."""
    people, shown = rows["beneficiary"], {c.name for c in tables.beneficiary_apart.c}
    apart = [
        {
            **{k: v for k, v in person.items() if k in shown},
            **({} if number == person["id"] else {"id_number": None, "id_number_hash": None}),
            "id": number,
            "linked_to": person["id"],
            "held": "{}",
        }
        for person in people[::3]
        for number in (person["id"], AWAY + person["id"])
    ]
    away: dict[tuple[str, int], int] = {
        (a["county_code"], a["linked_to"]): a["id"] for a in apart if a["id"] > AWAY
    }
    pairs = [(a, b) for a, b in pairwise(people) if a["county_code"] == b["county_code"]]
    asked = [
        {
            "county_code": county,
            "id": number,
            "first_id": min(sides),
            "second_id": max(sides),
            "status": "PENDING",
            "score": Decimal("0.870"),
            "reasons": ["姓名一致"],
            "found_at": STAMP,
            "first_print": b"\0",
            "second_print": b"\1",
        }
        for number, (a, b) in enumerate(pairs, 1)
        for county, sides in [
            (a["county_code"], [away.get((p["county_code"], p["id"]), int(p["id"])) for p in (a, b)])
        ]
    ]
    return apart, asked


def _stewardship(rows: Rows, vault: Vault) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Of every third person a decision that has ended, and a request of a contractor or an office."""
    decided: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    for number, person in enumerate(rows["beneficiary"][::3], 1):
        said = {
            "county_code": person["county_code"],
            "id": number,
            "beneficiary_id": person["id"],
            "field": ("PHONE", "SCHOOL")[number % 2],
            "value": vault.seal("值"),
            "reason": vault.seal("理由"),
        }
        over = {"ends_on": TODAY, "ended_at": STAMP, "end_reason": "ENDED"}
        decided.append({**said, "made_by": "某局", "made_at": STAMP, **over})
        asked.append(
            {
                **said,
                "source_id": 1 if person["county_code"] == "450305" else 2,
                "source_code": "roster",
                "status": ("OPEN", "REFUSED")[number % 2],
                "asked_by": "某方",
                "organisation_id": number % 4 or None,
                "asked_at": STAMP,
                "due_on": TODAY,
            }
        )
    return decided, asked


@asynccontextmanager
async def small_world(seed: int = 3, **options: Any) -> AsyncIterator[World]:
    """``options`` are settings of the hub."""
    async with fresh_database(**options) as database:
        vault = Vault(bytes(range(32)))
        rows = with_ledger(build(random.Random(seed), vault))
        await store(database, rows)
        await remember(database, rows)
        clock = dt.datetime.combine(TODAY, dt.time(9), CHINA)
        yield World(Engine(database, vault, audience, EXECUTOR, clock=lambda: clock), rows, database)


__all__ = ["FIELD_KEY", "VIEWERS", "World", "plainly", "schema", "small_world", "viewer"]
