"""Fixtures of the connectors' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from connectors.emulators import mariadb
from connectors.roster.workbook import Workbooks
from tests.connectors.roster_files import Read, Reading
from tests.support.needs import need


@pytest.fixture(scope="session")
def workbooks() -> Iterator[Workbooks]:
    """One reading process for all tests."""
    with Workbooks() as workbooks:
        yield workbooks


@pytest.fixture
def read(tmp_path: Path, workbooks: Workbooks) -> Read:
    """Reads the test's folder."""
    return lambda: Reading(tmp_path, workbooks)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[int]:
    """A MariaDB, by its port."""
    if not mariadb.is_there():
        need("mariadbd")
    async with mariadb.served() as port:
        yield port
