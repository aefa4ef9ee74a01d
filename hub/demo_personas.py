"""Who logs in to the demo: registers the personas' clients, and writes down what opens them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson
from joserfc.jwk import ECKey

from connectors.emulators.personas import PersonaSpec, personas
from connectors.emulators.world import World
from hub.access.scopes import DEFAULT_SCOPES
from hub.demo_purposes import grant_purposes, register_purposes, states
from hub.domain.vocabulary import Category
from hub.oauth.clients import register_client
from hub.oauth.metadata import Issuer
from hub.personas import FILE, read_demo, write_private
from hub.settings import Settings
from hub.store.database import Database

PROVINCE_SCOPES: Final = frozenset(
    s for s in DEFAULT_SCOPES["bureau"] if not s.startswith("field:") or s == "field:care"
)
"""A province follows progress and compliance: cases, but not who they are."""

AGENCY_SCOPES: Final = frozenset((*DEFAULT_SCOPES["agency"], "watch.crds"))
"""An agency may watch people only where its registration says so; in a demo it does."""


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
    write_private(settings.data_dir / FILE, orjson.dumps(document, option=orjson.OPT_INDENT_2))


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
        scopes=_scopes(spec),
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


def _scopes(spec: PersonaSpec) -> frozenset[str] | None:
    if spec.name == "province-bureau":
        return PROVINCE_SCOPES
    return AGENCY_SCOPES if spec.role == "agency" else None


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
