"""Generated operations of every root field against the hub as a process: none is a fault of the server.

The bureau that asks has every scope. That a valid operation may still be refused is no failure here: GraphQL
has no words for what a cursor or a division code is. ``scripts/nightly`` asks for 1,200 cases.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import re
import sys
from pathlib import Path
from typing import Final

import httpx

from graphql_schema.schema import Query
from hub.printed import ROOT
from tests.support.process import Process, hub_serve
from tests.support.reading import QIXING

SCHEMATHESIS: Final = Path(sys.executable).with_name("schemathesis")
CASES: Final = int(os.environ.get("HUB_TEST_CASES", "120"))
FIELDS: Final = len(Query.__strawberry_definition__.fields)  # type: ignore[attr-defined]
SEED: Final = 20261125
FREE: Final = {"HUB_REQUESTS_PER_MINUTE": "1000000", "HUB_QUESTIONS_PER_MINUTE": "1000000"}
"""The limits of a client, which so many cases would meet."""

KNOWN: Final = """{
  stations(first: 1) { nodes { id } } contractors(first: 1) { nodes { id } }
  contracts(first: 1) { nodes { id } }
  households(first: 1) { nodes { id } } beneficiaries(first: 1) { nodes { id idNumber } }
}"""


async def words(hub: Process) -> str:
    """What arguments say besides what is made up, as schemathesis is told it."""
    async with httpx.AsyncClient(headers=hub.bearer, trust_env=False) as http:
        data = (await http.post(hub.url, json={"query": KNOWN})).json()["data"]
    rows = [row for page in data.values() for row in page["nodes"]]
    numbers = [row["idNumber"] for row in rows if row.get("idNumber")]
    known = {
        "id": [row["id"] for row in rows],
        "code": [QIXING],
        "idNumber": [*numbers, "459999195003070019"],
    }
    return "".join(
        f"[dictionaries.{name}]\nvalues = {json.dumps(values)}\n"
        f'[parameters."*.*.{name}"]\ndictionary = "{name}"\nprobability = 0.8\n'
        for name, values in known.items()
    )


async def test_no_generated_operation_is_a_fault_of_the_server(tmp_path: Path) -> None:
    async with hub_serve(**FREE) as hub:
        (tmp_path / "schemathesis.toml").write_text(await words(hub))
        process = await asyncio.create_subprocess_exec(
            SCHEMATHESIS,
            "run",
            hub.url,
            *("--header", f"Authorization: {hub.bearer['Authorization']}"),
            *("--max-examples", str(math.ceil(CASES / FIELDS))),
            *("--seed", str(SEED)),
            *("--exclude-checks", "positive_data_acceptance"),
            *("--phases", "fuzzing"),
            "--continue-on-failure",
            "--no-color",
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.support.generated"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
    report = said.decode()
    print(report)
    assert process.returncode == 0, report
    found = re.search(r"(\d+) generated, (\d+) passed", report)
    assert found, report
    assert int(found[1]) == int(found[2]) >= CASES, report
