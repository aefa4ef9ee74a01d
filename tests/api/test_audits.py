"""Every audit of the npm package ``graphql-http`` against the hub as a process. Needs Node and npm."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

from tests.support.audits import CONTRADICTED
from tests.support.needs import need
from tests.support.process import Process, hub_serve

FOLDER = Path(__file__).resolve().parents[1] / "audits"


async def run(*command: str, **environment: str) -> bytes:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=FOLDER, env={**os.environ, **environment}, stdout=pipe, stderr=pipe
    )
    said, complaint = await process.communicate()
    if process.returncode:
        raise RuntimeError(complaint.decode())
    return said


async def install() -> None:
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            need(program)
    if not (FOLDER / "node_modules/graphql-http").exists():
        try:
            await run("npm", "ci")
        except RuntimeError:
            need("graphql-http (npm ci)")


async def audited(hub: Process) -> list[dict[str, Any]]:
    said = await run("node", "audit.mjs", AUDIT_URL=hub.url, AUDIT_TOKEN=hub.token)
    return [json.loads(line) for line in said.splitlines()]


async def test_every_audit_passes_or_contradicts_the_draft() -> None:
    await install()
    async with hub_serve() as hub:
        audits = await audited(hub)
    assert len(audits) >= 61
    failed = {audit["id"]: audit for audit in audits if audit["status"] != "ok"}
    assert sorted(failed) == sorted(CONTRADICTED), failed
    for audit in failed.values():
        # Refused by the status of the clause, and no audit of what is a MUST.
        assert f"status code {audit['answered']} " in CONTRADICTED[audit["id"]], audit
        assert audit["status"] in ("notice", "warn"), audit
