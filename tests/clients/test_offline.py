"""The two clients that work without a network, over one scenario, one hub, and a network that fails.

They are killed at random moments and begin again; what they were asked to do is then there, each once.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from joserfc.jwk import ECKey

from hub.documents.files import read_files
from hub.documents.registry import push
from hub.oauth.clients import register_client
from hub.printed import ROOT
from tests.support.casework import begin_casework
from tests.support.copying import Copier, checksum_of
from tests.support.flaky import FATES, Flaky, Victim, flaky
from tests.support.following import bring_up_to_date, note
from tests.support.handing import (
    COUNTY,
    FROM,
    SENDER,
    TOWNSHIP,
    add,
    assignment,
    furnish,
    id_of,
    person,
)
from tests.support.needs import need
from tests.support.npm import run
from tests.support.postgres import FIELD_KEY, server
from tests.support.process import free_port, serve
from tests.support.purposes import granted
from tests.support.reading import World, small_world

DOCUMENTS: Final = ROOT / "clients/documents/contractor/field"
PYTHON: Final = ROOT / "clients/python"
PEOPLE: Final = "甲乙丙丁"
LANGUAGES: Final = {"python": ("P", 3000, "python-httpx"), "typescript": ("T", 3100, "node")}
"""How names of its people end, the number before theirs, and how its User-Agent begins."""
SEED: Final = 7
BODY: Final = 1_800
"""Bytes of a request: some of the scenario's are more, and one item is."""
PURPOSE: Final = "fieldwork"

OPEN: Final = """mutation ($person: ID!) {
    openDossier(beneficiary: $person, kind: ELDER, problems: "缺少照料") { id version }
    assessNeed(beneficiary: $person, kind: CARE, description: "每周一次") { id version } }"""
UPDATE: Final = """mutation ($dossier: ID!, $version: String!, $goals: String, $problems: String) {
    updateDossier(dossier: $dossier, version: $version, supportGoals: $goals, problems: $problems) { id } }"""
FOLLOW: Final = """mutation ($need: ID!, $version: String!, $text: String) {
    followNeed(need: $need, version: $version, status: IN_SERVICE, description: $text) { id } }"""
RECORDS: Final = """{ beneficiaries(first: 200) { nodes { id name
    visits(first: 200) { nodes { visitedOn textRecord photos { totalCount } } }
    dossiers(first: 10) { nodes { id version problems needsAssessment supportGoals } }
    needs(first: 10) { nodes { id version status description } } } } }"""


@dataclass
class Field:
    """The hub that serves ``world``, behind ``network``, with a client for each language."""

    world: World
    network: Flaky
    keys: dict[str, ECKey]
    stores: Path

    async def play(self, language: str, phase: str, command: list[str], folder: Path) -> Any:
        """What a phase came to, however often it was killed on the way."""
        suffix, _, agent = LANGUAGES[language]
        environment = {
            **os.environ,
            "HUB_URL": f"http://127.0.0.1:{self.network.port}",
            "CLIENT_ID": f"field-{language}",
            "CLIENT_KEY": json.dumps(self.keys[language].as_dict(private=True)),
            "STORE": str(self.stores / language),
            "PHASE": phase,
            "SUFFIX": suffix,
            "PURPOSE": PURPOSE,
        }
        victims, pipe = self.network.victims, asyncio.subprocess.PIPE
        if agent in victims:
            victims[agent].kills = 0
        while True:
            process = await asyncio.create_subprocess_exec(
                *command, cwd=folder, env=environment, stdout=pipe, stderr=pipe
            )
            victims.setdefault(agent, Victim(process)).process = process
            said, complaint = await process.communicate()
            if process.returncode == 0:
                return json.loads(said)
            assert process.returncode == -9, complaint.decode()

    async def copy(self) -> Copier:
        """Pulled anew, by the clients' own document."""
        copier = Copier(self.world, SENDER, query=(DOCUMENTS / "caseload.graphql").read_text())
        await copier.catch_up()
        return copier

    async def people(self) -> dict[str, Any]:
        """By name."""
        data = await self.world.ask(SENDER, RECORDS)
        return {each["name"]: each for each in data["beneficiaries"]["nodes"]}


async def settle(world: World) -> None:
    """People, dossiers and needs for each language, under one contract."""
    for suffix, first, _ in LANGUAGES.values():
        numbers = {name: first + place for place, name in enumerate(PEOPLE, 1)}
        await add(
            world,
            {
                "beneficiary": [person(number, f"{name}{suffix}") for name, number in numbers.items()],
                "assignment": [assignment(number, number, FROM, 1) for number in numbers.values()],
            },
        )
    await bring_up_to_date(world)
    for _, first, _ in LANGUAGES.values():
        for place in (1, 2):
            await world.ask(SENDER, OPEN, person=id_of(first + place))


@pytest.fixture
async def field(tmp_path: Path) -> AsyncIterator[Field]:
    here, port, before = await server(), free_port(), free_port()
    async with small_world() as world:
        await furnish(world)
        await begin_casework(world)
        await settle(world)
        keys = {language: ECKey.generate_key("P-256", auto_kid=True) for language in LANGUAGES}
        for language, key in keys.items():
            jwks = {"keys": [key.as_dict(private=False)]}
            await register_client(
                world.database,
                f"field-{language}",
                name="外勤",
                role="contractor",
                organisation_id=1,
                jwks=jwks,
                documents_only=True,
                purpose_needed=True,
            )
            await granted(world.database, f"field-{language}", PURPOSE)
            await push(world.database, f"field-{language}", read_files([DOCUMENTS]))
        environment = {
            "HUB_DATABASE_URL": here.dsn(world.database.name),
            "HUB_DATA_DIR": str(here.directory / f"serve-{port}"),
            "HUB_FIELD_KEY": FIELD_KEY,
            "HUB_BASE_URL": f"http://127.0.0.1:{before}",
            "HUB_MAX_BODY_BYTES": str(BODY),
        }
        async with serve(port, environment), flaky(port, SEED, before) as network:
            yield Field(world, network, keys, tmp_path)


@pytest.fixture(scope="module")
async def python() -> list[str]:
    uv = shutil.which("uv") or shutil.which("uv", path=ROOT / ".tools/bin")
    if uv is None:
        need("uv")
    await run(PYTHON, uv, "sync", "--locked", "--quiet", VIRTUAL_ENV="", UV_PROJECT_ENVIRONMENT=".venv")
    here = PYTHON / ".venv/bin"
    await run(PYTHON, str(here / "ariadne-codegen"), "--config", "field.toml")
    await run(PYTHON, str(here / "mypy"), "fieldwork.py", "scenario.py", "steps.py", "offline", "field")
    return [str(here / "python"), "scenario.py"]


async def meanwhile(field: Field) -> None:
    """What others do while nobody in the field has a network."""
    people = await field.people()
    for suffix, first, _ in LANGUAGES.values():
        (one,), (two,) = (people[f"{name}{suffix}"]["dossiers"]["nodes"] for name in "甲乙")
        await field.world.ask(
            TOWNSHIP, UPDATE, dossier=one["id"], version=one["version"], problems="缺少照料，行动不便"
        )
        await field.world.ask(TOWNSHIP, UPDATE, dossier=two["id"], version=two["version"], goals="社区食堂")
        (wanted,) = people[f"乙{suffix}"]["needs"]["nodes"]
        await field.world.ask(TOWNSHIP, FOLLOW, need=wanted["id"], version=wanted["version"], text="另加周日")
        async with field.world.database.transaction() as connection:
            await connection.execute(
                "update assignment set ends_on = current_date - 1 where id = $1", first + 4
            )
            await note(connection, "U", "assignment", COUNTY, first + 4)


def check_queue(queue: Any, stale: Any) -> None:
    """What came of each thing that was sent after ``meanwhile``."""
    states = {key: each["state"] for key, each in queue.items()}
    assert states == {
        **dict.fromkeys(("v-1", "v-2", "v-5", "v-6", "v-7", "d-1", "d-2", "n-1", "n-2"), "DONE"),
        **dict.fromkeys(("v-3", "v-4", "v-8"), "REFUSED"),
        "d-3": "CONFLICT",
        "d-4": "WAITING",
    }
    assert queue["v-3"]["outcome"]["code"] == "FORBIDDEN"
    assert queue["v-4"]["outcome"]["code"] == "BAD_ARGUMENT"
    assert queue["v-8"]["outcome"]["code"] == "HTTP_413"
    conflict = queue["d-3"]["outcome"]
    assert conflict["asked"] == {"supportGoals": "每周两次"}
    assert conflict["fields"] == {"supportGoals": "BOTH"}
    assert conflict["base"]["supportGoals"] is None
    assert conflict["stored"] == stale


def check_records(people: dict[str, Any], suffix: str) -> None:
    """Each visit once, dossiers and needs as they were decided."""
    visits = {
        name: sorted(
            (each["visitedOn"], each["textRecord"], each["photos"]["totalCount"])
            for each in people[f"{name}{suffix}"]["visits"]["nodes"]
        )
        for name in "甲乙丙"
    }
    assert visits == {
        "甲": [("2026-06-01", "甲一", 2), ("2026-06-06", "甲二", 0)],
        "乙": [("2026-06-02", "乙一", 0)],
        "丙": [("2026-06-03", "丙一", 0), ("2026-06-04", "丙二", 0), ("2026-06-05", "丙三", 0)],
    }
    told = {
        name: [
            {key: value for key, value in node.items() if key not in ("id", "version")}
            for kind in ("dossiers", "needs")
            for node in people[f"{name}{suffix}"][kind]["nodes"]
        ]
        for name in "甲乙"
    }
    assert told == {
        "甲": [
            {
                "problems": "缺少照料，行动不便",
                "needsAssessment": "需要照料",
                "supportGoals": "每日送餐，周末加餐",
            },
            {"status": "MET", "description": "每周一次"},
        ],
        "乙": [
            {"problems": "独居", "needsAssessment": None, "supportGoals": "每周三次"},
            {"status": "IN_SERVICE", "description": "每周两次，另加周日"},
        ],
    }


async def test_nothing_is_lost_and_nothing_doubled(field: Field, python: list[str], typescript: Path) -> None:
    async def play(phase: str) -> dict[str, Any]:
        commands = {"python": (python, PYTHON), "typescript": (["node", "scenario.js"], typescript)}
        reports = await asyncio.gather(
            *(field.play(language, phase, *command) for language, command in commands.items())
        )
        return dict(zip(commands, reports, strict=True))

    for report in (await play("note")).values():
        assert {each["state"] for each in report["queue"].values()} == {"WAITING"}
        assert len(report["queue"]) == 14
    await meanwhile(field)
    people = await field.people()
    for language, report in (await play("send")).items():
        suffix = LANGUAGES[language][0]
        (stands,) = people[f"乙{suffix}"]["dossiers"]["nodes"]
        check_queue(
            report["queue"],
            {
                **report["queue"]["d-3"]["outcome"]["base"],
                **{k: stands[k] for k in ("version", "supportGoals")},
            },
        )
        assert f"丁{suffix}" not in {each["name"] for each in report["people"]}
    await play("resolve")
    field.network.is_calm = True
    reports = await play("rest")
    people, copy = await field.people(), await field.copy()
    for language, report in reports.items():
        check_records(people, LANGUAGES[language][0])
        assert report["queue"].pop("v-9")["outcome"]["code"] == "KEY_EXPIRED"
        assert {each["state"] for each in report["queue"].values()} == {"DONE"}
        assert len(report["queue"]) == 12
        assert {each["id"] for each in report["people"]} == {each["id"] for each in people.values()}
        assert {each["id"]: each for each in report["people"]} == copy.held
        assert report["checksum"] == checksum_of(copy.versions)
        assert (report["count"], report["anew"]) == (len(people), False)
    assert set(field.network.met) == {*FATES, "ALTERED"}
