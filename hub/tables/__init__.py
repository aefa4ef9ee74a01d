"""What is stored: every table, column, label and group."""

from hub.tables._columns import GROUPS, Group, metadata
from hub.tables.beneficiary import beneficiary, category_membership, household
from hub.tables.caseload import assignment, visit
from hub.tables.contract import contract, contract_station, contractor
from hub.tables.division import division
from hub.tables.ledger import change, quarantined_row, source, sync_run
from hub.tables.personnel import personnel
from hub.tables.records import FACTS, RECORDS
from hub.tables.station import station

__all__ = [
    "FACTS",
    "GROUPS",
    "RECORDS",
    "Group",
    "assignment",
    "beneficiary",
    "category_membership",
    "change",
    "contract",
    "contract_station",
    "contractor",
    "division",
    "household",
    "metadata",
    "personnel",
    "quarantined_row",
    "source",
    "station",
    "sync_run",
    "visit",
]
