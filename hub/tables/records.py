"""What is synced: entities with per-source record tables, and facts that belong to one source."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Table

from hub.tables.beneficiary import beneficiary, category_membership, household
from hub.tables.caseload import assignment, visit
from hub.tables.contract import contract, contractor
from hub.tables.ledger import record_table
from hub.tables.personnel import personnel
from hub.tables.station import station

RECORDS: Final[dict[str, Table[Any]]] = {
    golden.name: record_table(golden)
    for golden in (
        contractor,
        station,
        contract,
        personnel,
        household,
        beneficiary,
    )
}

FACTS: Final[dict[str, Table[Any]]] = {fact.name: fact for fact in (category_membership, assignment, visit)}
