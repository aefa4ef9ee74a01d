"""Folders with a ``package-lock.json``, whose packages tests run with Node."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from tests.support.needs import need


async def run(folder: Path, *command: str, **environment: str) -> bytes:
    """What it prints; RuntimeError with its complaint where it fails."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env={**os.environ, **environment}, stdout=pipe, stderr=pipe
    )
    said, complaint = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{said.decode()}\n{complaint.decode()}")
    return said


async def install(folder: Path) -> None:
    """``npm ci``, once: the packages stay until the lock is another."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            need(program)
    lock, installed = folder / "package-lock.json", folder / "node_modules/.package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        try:
            await run(folder, "npm", "ci")
        except RuntimeError:
            need(f"npm packages of {folder.name} (npm ci)")
