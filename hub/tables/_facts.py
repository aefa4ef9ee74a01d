"""Facts about a *person* (county-first key) and about the *work* of a station.

A *part* (an item of a handover, a session of a group) has no provenance of its own: it comes and
goes with its whole.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Named, Table, TypedColumns, UniqueConstraint

from hub.tables._columns import (
    StatedColumns,
    county,
    county_key,
    division,
    fact,
    internal,
    key,
    lived_in,
    points_to,
    refer,
    shown_from,
    table,
)
from hub.tables.beneficiary import beneficiary
from hub.tables.division import division as _division


class PersonFactColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)


class CaseFactColumns(PersonFactColumns):
    """With where the person lives and from when the person is shown, so that a slice need not look it up."""

    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()


class WorkColumns(StatedColumns):
    """Station, contract and contractor stand here so that a slice needs no join."""

    id: Named[int] = key()
    division_code: Named[str] = division("区划", "Division the work was done in or for")
    station_id: Named[int | None] = points_to("服务站", "Station", "station.id")
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int | None] = points_to("承接机构", "Contractor", "contractor.id")


P = TypeVar("P", bound=PersonFactColumns)
W = TypeVar("W", bound=WorkColumns)
C = TypeVar("C", bound=TypedColumns)


def person_fact(name: str, zh: str, en: str, columns: type[P], *args: Any) -> Table[P]:
    """A fact about one beneficiary."""
    return table(
        name,
        zh,
        en,
        columns,
        UniqueConstraint("county_code", "source_id", "record_key"),
        Index(None, "county_code", "beneficiary_id"),
        refer(beneficiary, "county_code", "beneficiary_id"),
        *args,
    )


def work_fact(name: str, zh: str, en: str, columns: type[W], *args: Any) -> Table[W]:
    """A fact about work done, found by division, station, contract and contractor."""
    return fact(
        name,
        zh,
        en,
        columns,
        Index(None, "division_code"),
        Index(None, "station_id"),
        Index(None, "contract_id"),
        Index(None, "contractor_id"),
        refer(_division, "division_code"),
        *args,
    )


def part(
    name: str, zh: str, en: str, columns: type[C], whole: Table[Any], by: tuple[str, ...], *args: Any
) -> Table[C]:
    """A part of ``whole``, which it refers to by the columns ``by``."""
    belongs = ForeignKeyConstraint(by, list(whole.primary_key.columns), ondelete="CASCADE")
    return table(name, zh, en, columns, Index(None, *by), belongs, *args)
