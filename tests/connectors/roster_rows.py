"""A row of a list as the engine checks it, with no database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from connectors.lists.mapping import LISTS
from hub.domain.credit_code import make_credit_code
from hub.domain.disability_certificate import make_disability_certificate
from hub.domain.id_number import make_id_number
from hub.store.vault import Vault
from hub.sync.check import ListCheck
from hub.sync.connector import Context, Row
from hub.sync.layout import Layout, lay_out

VAULT = Vault(bytes(32))
CONTEXT = Context("450305", dt.date(2026, 11, 22), VAULT.blind)
LAYOUTS = {kind: lay_out(mapping, n) for n, (kind, mapping) in enumerate(LISTS.items())}
CHECKS = {kind: ListCheck(layouts, VAULT) for kind, layouts in LAYOUTS.items()}

BIRTH = dt.date(1950, 1, 1)
NUMBER = make_id_number("459999", BIRTH, 11)
OTHER = make_id_number("459999", BIRTH, 12)
VILLAGE = "450305001001"
CREDIT = make_credit_code("5", "2", "450305", "MJX00001")
CERTIFICATE = make_disability_certificate("459999", BIRTH, 11, "4", 2)

PERSON = {"姓名": "王小明", "身份证号": NUMBER, "区划代码": VILLAGE, "起始日期": "2024-01-01"}


def _opened(layout: Layout, values: list[Any]) -> dict[str, Any]:
    found = {name: value for name, value in zip(layout.direct, values, strict=True) if value is not None}
    sealed = [name for name in found if layout.table.c[name].info.get("sealed")]
    return found | {name: VAULT.open(found[name]) for name in sealed}


def read(kind: str, **cells: Any) -> dict[str, list[dict[str, Any]]]:
    """By table the columns of each statement; a refused row fails the test."""
    statements, refusals = CHECKS[kind].read(Row("f", "s", 1, cells, {}), CONTEXT)
    assert not refusals, [(r.code, r.header) for r in refusals]
    return {
        layout.table.name: [_opened(layout, one.values) for one in listed]
        for layout, listed in zip(LAYOUTS[kind], statements, strict=True)
    }


def refused(kind: str, **cells: Any) -> list[tuple[str, str]]:
    _, refusals = CHECKS[kind].read(Row("f", "s", 1, cells, {}), CONTEXT)
    return [(r.code, r.header) for r in refusals]
