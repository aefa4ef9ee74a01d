"""The folder ``clients``, with its packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.npm import install

FOLDER = Path(__file__).resolve().parents[2] / "clients"


@pytest.fixture(scope="session")
async def clients() -> Path:
    await install(FOLDER)
    return FOLDER


@pytest.fixture(scope="session")
async def typescript(clients: Path) -> Path:
    """The examples in TypeScript: types generated, strictly checked, and written as JavaScript."""
    from tests.support.npm import run

    await run(clients, "npm", "run", "generate")
    await run(clients, "npm", "run", "check")
    return clients / "typescript/out"
