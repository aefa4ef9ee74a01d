"""Every audit of the npm package ``graphql-http`` against the hub as a process. Needs Node and npm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.audits import CONTRADICTED
from tests.support.npm import install, run
from tests.support.process import Process, hub_serve

FOLDER = Path(__file__).resolve().parents[1] / "audits"


async def audited(hub: Process) -> list[dict[str, Any]]:
    said = await run(FOLDER, "node", "audit.mjs", AUDIT_URL=hub.url, AUDIT_TOKEN=hub.token)
    return [json.loads(line) for line in said.splitlines()]


async def test_every_audit_passes_or_contradicts_the_draft() -> None:
    await install(FOLDER)
    async with hub_serve() as hub:
        audits = await audited(hub)
    assert len(audits) >= 61
    failed = {audit["id"]: audit for audit in audits if audit["status"] != "ok"}
    assert sorted(failed) == sorted(CONTRADICTED), failed
    for audit in failed.values():
        # Refused by the status of the clause, and no audit of what is a MUST.
        assert f"status code {audit['answered']} " in CONTRADICTED[audit["id"]], audit
        assert audit["status"] in ("notice", "warn"), audit
