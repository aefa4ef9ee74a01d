"""``hub demo``: a synthetic world, published as upstream systems would, synced, and served.

Nothing reaches the API but through a connector. A second start in the same directory finds its data.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import os
import shlex
import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson
from joserfc.jwk import ECKey
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from connectors import CONNECTORS
from connectors.emulators.personas import PersonaSpec, personas
from connectors.emulators.rosters import publish
from connectors.emulators.world import World, build_world
from hub import log
from hub.access.scopes import DEFAULT_SCOPES
from hub.demo_purposes import grant_purposes, register_purposes, states
from hub.documents.files import read_files
from hub.documents.registry import push
from hub.domain.dates import china_now
from hub.domain.vocabulary import Category
from hub.errors import ConfigurationError
from hub.oauth.clients import register_client
from hub.oauth.metadata import Issuer
from hub.personas import FILE, read_demo
from hub.prepare import prepare
from hub.progress import Steps
from hub.sealing import sealer
from hub.serve import serve
from hub.settings import Settings
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.registry import register_source
from hub.sync.run import run_source

DOCUMENTS: Final = Path(__file__).with_name("demo_documents")
"""A folder for each persona that has trusted documents."""

PROVINCE_SCOPES: Final = frozenset(
    s for s in DEFAULT_SCOPES["bureau"] if not s.startswith("field:") or s == "field:care"
)
"""A province follows progress and compliance: cases, but not who they are."""

QUERY: Final = (
    "{ viewer { role } beneficiaries(first: 2, orderBy: [{riskLevel: ASC}]) "
    "{ totalCount nodes { nameMasked riskLevel station { name } visits { totalCount } } } }"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What decides the world; a directory holds one."""

    people: int
    seed: int
    today: dt.date

    def facts(self) -> dict[str, Any]:
        return {"people": self.people, "seed": self.seed, "today": self.today.isoformat()}


def settings_for(data_dir: Path, port: int) -> Settings:
    here, quiet = f"http://127.0.0.1:{port}", "warning"
    return Settings(
        data_dir=data_dir, port=port, base_url=here, demo=True, log_format="console", log_level=quiet
    )


async def demo(data_dir: Path, port: int, people: int, seed: int) -> None:
    """Set up what is missing, say what there is, serve until interrupted."""
    console = Console(stderr=False)
    settings = settings_for(data_dir, port)
    log.configure(settings)
    ensure_free(port)
    wanted = known_or_new(data_dir, people, seed)
    held = hold(data_dir)
    with Steps(console) as steps:
        with steps.step("PostgreSQL"):
            database = await Database.open(settings)
        try:
            await fill(database, settings, wanted, steps)
        except BaseException:
            await database.close()
            raise
    try:
        await serve(settings, database, lambda: say(console, settings))
    finally:
        await database.close()
        held.close()


def hold(data_dir: Path) -> IO[bytes]:
    """ConfigurationError where another demo serves ``data_dir``; the lock ends with the process."""
    file = (data_dir / "demo.lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ConfigurationError(f"Another demo is running in {data_dir}.") from None
    return file


def ensure_free(port: int) -> None:
    """ConfigurationError before any work, where another program listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ConfigurationError(f"Port {port} is in use; name another with --port.") from None


def known_or_new(data_dir: Path, people: int, seed: int) -> Wanted:
    """The world ``data_dir`` holds already, which must be the one asked for, or a new one of today."""
    today = china_now().date()
    marker = data_dir / "world.json"
    if not marker.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        marker.write_bytes(orjson.dumps(Wanted(people, seed, today).facts()))
    found = orjson.loads(marker.read_bytes())
    if (found["people"], found["seed"]) != (people, seed):
        raise ConfigurationError(
            f"{data_dir} holds a world of {found['people']} people with seed {found['seed']}; "
            "name another --data, or remove it."
        )
    return Wanted(people, seed, dt.date.fromisoformat(found["today"]))


async def fill(database: Database, settings: Settings, wanted: Wanted, steps: Steps) -> None:
    with steps.step("Tables, policies, divisions"):
        await prepare(database)
    world = build_world(seed=wanted.seed, people=wanted.people, today=wanted.today)
    upstream = settings.data_dir / "upstream"
    with steps.step("Rosters of the counties") as progress:
        await asyncio.to_thread(publish, world, upstream, progress)
    await sync(database, settings, world, upstream, steps)
    with steps.step("Personas"):
        await sealer(settings, database).move()  # its address is the port of this start
        await register(database, settings, world)
        for folder in sorted(DOCUMENTS.iterdir()):
            await push(database, f"demo-{folder.name}", read_files([folder]))


async def sync(database: Database, settings: Settings, world: World, upstream: Path, steps: Steps) -> None:
    vault = load_vault(settings)
    today = china_now().date()
    for county in world.counties:
        code = f"roster-{county.code[:6]}"
        await register_source(
            database,
            code=code,
            name=f"{county.bureau_name}名单",
            connector="roster",
            division_code=county.code,
            location=str((upstream / county.code[:6]).resolve()),
            max_age_hours=31 * 24,
        )
        with steps.step(f"Sync {code} {county.name}") as progress:
            if not await is_synced(database, code):
                await run_source(database, vault, CONNECTORS, code, today=today, progress=progress)


async def is_synced(database: Database, code: str) -> bool:
    """The published lists never change after the first start: one good run is enough."""
    found = await database.owner.fetchval("select last_success_at from source where code = $1", code)
    return found is not None


async def register(database: Database, settings: Settings, world: World) -> None:
    """Register the personas' clients and write ``demo.json``; keys of an earlier start are kept."""
    keys = _earlier_keys(settings.data_dir)
    await register_purposes(database)
    entries = [await _persona(database, spec, keys) for spec in personas(world)]
    issuer = Issuer.of(settings.base_url)
    document = {
        "base_url": issuer.url,
        "graphql_url": f"{issuer.url}/graphql",
        "token_url": issuer.token_url,
        "issuer": issuer.url,
        "explorer_url": f"{issuer.url}/explorer",
        "personas": entries,
        "examples": {"idNumber": example_id_number(world)},
    }
    _write_private(settings.data_dir / FILE, orjson.dumps(document, option=orjson.OPT_INDENT_2))


def example_id_number(world: World) -> str:
    """Somebody of 七星区 who receives dibao today, for the agency's saved query."""
    return next(
        p.id_number
        for p in world.people("450305")
        if p.id_number and p.deceased_on is None
        if any(m.category is Category.DIBAO and m.ends_on is None for m in p.memberships)
    )


def _earlier_keys(data_dir: Path) -> dict[str, dict[str, Any]]:
    if not (data_dir / FILE).exists():
        return {}
    return {p["client_id"]: p["private_key_jwk"] for p in read_demo(data_dir)["personas"]}


async def _persona(database: Database, spec: PersonaSpec, keys: dict[str, Any]) -> dict[str, Any]:
    client_id = f"demo-{spec.name}"
    private = keys.get(client_id) or ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)
    public = ECKey.import_key(private).as_dict(private=False)
    organisation = await _organisation(database, spec.contractor_credit_code)
    client = await register_client(
        database,
        client_id,
        name=spec.label_zh,
        role=spec.role,
        jwks={"keys": [public]},
        division_code=spec.division_code,
        organisation_id=None if organisation is None else organisation[0],
        scopes=PROVINCE_SCOPES if spec.name == "province-bureau" else None,
        purpose_needed=states(spec.role),
        replace=True,
    )
    await grant_purposes(database, client_id, spec.role)
    return {
        "name": spec.name,
        "label_zh": spec.label_zh,
        "label_en": spec.label_en,
        "role": spec.role,
        "client_id": client_id,
        "private_key_jwk": private,
        "scopes": sorted(client.scopes),
        "division_code": spec.division_code,
        "division": await _division(database, spec.division_code),
        "organisation": None if organisation is None else organisation[1],
        "organisation_credit_code": spec.contractor_credit_code,
    }


async def _organisation(database: Database, credit_code: str | None) -> tuple[int, str] | None:
    if credit_code is None:
        return None
    row = await database.owner.fetchrow("select id, name from contractor where credit_code = $1", credit_code)
    assert row is not None, "every contractor of the world is in a synced register"
    return row["id"], row["name"]


async def _division(database: Database, code: str | None) -> str | None:
    if code is None:
        return None
    name: str = await database.owner.fetchval("select full_name from division where code = $1", code)
    return name


def _write_private(path: Path, content: bytes) -> None:
    """Readable by its owner only: it holds private keys."""
    made = path.with_suffix(".new")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    made.replace(path)


def say(console: Console, settings: Settings) -> None:
    found = read_demo(settings.data_dir)
    table = Table(title="\nPersonas 演示身份", title_justify="left", box=SIMPLE)
    for heading in ("name", "role", "belongs to"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "name")
    for entry in found["personas"]:
        table.add_row(entry["name"], entry["role"], entry["organisation"] or entry["division"] or "–")
    console.print(table)
    console.print(f"Explorer  {found['explorer_url']}", highlight=False)
    console.print(f"Personas, keys  {settings.data_dir / FILE}\n", highlight=False)
    console.print(
        "\n".join(curl(found["base_url"], settings.data_dir)),
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    console.print("\nCtrl-C stops the hub; the same command starts it again with its data.", highlight=False)


def curl(base_url: str, data_dir: Path) -> Iterable[str]:
    """Lines to paste into a shell: a query of a contractor, a document of a township."""
    command = shlex.quote(str(Path(sys.argv[0]))) if Path(sys.argv[0]).name == "hub" else "hub"
    body = orjson.dumps({"query": QUERY}).decode()
    token = f"{command} token --data {shlex.quote(str(data_dir))} --persona"
    yield f"TOKEN=$({token} contractor-licheng)"
    yield f'curl -s {base_url}/graphql -H "Authorization: Bearer $TOKEN" \\'
    yield f"  -H 'Content-Type: application/json' -d {shlex.quote(body)}"
    yield f"TOKEN=$({token} township-dongjiang)"
    yield f"""curl -s '{base_url}/documents/township-caseload?first=2' -H "Authorization: Bearer $TOKEN\""""
