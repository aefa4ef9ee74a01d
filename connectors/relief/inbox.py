"""Enters encounters in the relief system: a row of its inbox each, and the row of its receipts for it.

``JZ_INBOX`` is keyed by MSG_ID, which the hub makes once for an encounter; ``JZ_RECEIPT`` says with RESULT 1
and JZBH that a stay was entered, else with REASON why not. One without RESULT, or with 1 and no JZBH, says
nothing yet: taken for a refusal, the encounter would be told again and become two stays. A message is written
where it neither stands nor has a receipt, so whether it was written before, was lost there, or was taken out,
it ends as one stay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.exchange import column, opened, tables
from connectors.lists.wording import Wording
from connectors.relief.fields import SEX, STAY, STAYS
from hub.domain.dates import CHINA, china_now
from hub.domain.text import UNNAMED
from hub.domain.vocabulary import ReportRefusal, Sex
from hub.errors import ConfigurationError
from hub.sync.connector import Message, Outgoing, Place, Receipt

INBOX: Final = "JZ_INBOX"
RECEIPTS: Final = "JZ_RECEIPT"
SECRET: Final = "writer"  # noqa: S105 - its name
"""``account:password`` of who may write the inbox and read the receipts."""

ENCOUNTERS: Final = Outgoing(
    "street_encounter",
    columns=(
        *("encountered_at", "place", "division_code", "said_name", "sex", "estimated_age", "features"),
        *("is_minor", "condition", "is_willing", "actions"),
    ),
    about="beneficiary_id",
    of=("name", "id_number", "sex", "birth_on"),
    state="report_state",
    sent_at="reported_at",
    entered_at="entered_national_system_at",
    number="national_system_number",
    refusal="report_refusal",
    kind=STAYS.kind,
    header=STAY,
    secret=SECRET,
)
ENTERED: Final = "1"
REASONS: Final = {
    "01": ReportRefusal.INCOMPLETE,
    "02": ReportRefusal.REPEATED,
    "03": ReportRefusal.NOT_ELIGIBLE,
    "04": ReportRefusal.OUTSIDE,
}
"""Any other reason is OTHER: its words may be about the person."""

UNWRITABLE: Final = frozenset({1264, 1366, 1406})
"""MariaDB's codes for a value that a column cannot hold, such as a character that GBK lacks."""

_CELLS: Final = (
    *("MSG_ID", "XM", "XB", "SFZH", "CSRQ", "NL", "NLGJ", "TMTZ", "FXSJ", "FXDD", "XZQH"),
    *("WCN", "YYJS", "ZK", "CZCS"),
)
_ANSWERS: Final = frozenset({"ID", "MSG_ID", "RESULT", "JZBH", "REASON", "OP_TIME"})
_NEEDED: Final = {
    INBOX: Wording(
        {},
        needed=frozenset({"MSG_ID", "XM", "XB", "SFZH", "FXSJ", "FXDD", "XZQH"}),
        dropped=frozenset(_CELLS),
    ),
    RECEIPTS: Wording({}, needed=_ANSWERS, dropped=_ANSWERS),
}
_SEX_CODES: Final = {str(Sex.parse(word)): code for code, word in SEX.items()}
_FLAGS: Final = {True: "1", False: "0", None: ""}


async def enter(place: Place, messages: Sequence[Message]) -> Sequence[Receipt]:
    """``SourceError`` where the database does not answer, ``SchemaDrift`` where a field is gone."""
    account, colon, password = place.secret(SECRET).partition(":")
    if not colon:
        raise ConfigurationError(f"the secret {SECRET} is account:password")
    async with opened(place.location, password, account) as connection:
        inbox, receipts = await connection.run_sync(tables, [*_NEEDED])
        for table, wording in zip((inbox, receipts), _NEEDED.values(), strict=True):
            wording.expect(table.c.keys(), table.name.upper())
        found = await _answered(connection, receipts, [each.name for each in messages])
        open_ones = [each for each in messages if each.name not in found]
        there = await _standing(connection, inbox, [each.name for each in open_ones])
        for message in open_ones:
            if message.name not in there and not await _write(connection, inbox, message):
                found[message.name] = Receipt(message.name, china_now(), refusal=ReportRefusal.UNWRITABLE)
        await connection.commit()
    return [receipt for receipt in found.values() if receipt is not None]


async def _answered(
    connection: AsyncConnection, receipts: Table[Any], names: Sequence[str]
) -> dict[str, Receipt | None]:
    """The first receipt with a number; where there is none, the last that says anything, if one does."""
    of = column(receipts, "MSG_ID")
    query = select(*(c.label(c.name.upper()) for c in receipts.c)).where(of.in_(names))
    found: dict[str, Receipt | None] = {}
    for row in (await connection.execute(query.order_by(column(receipts, "ID")))).mappings():
        held = found.get(row["MSG_ID"])
        if held is None or held.number is None:
            found[row["MSG_ID"]] = _receipt(row) or held
    return found


def _receipt(row: Mapping[Any, Any]) -> Receipt | None:
    at, number = row["OP_TIME"], str(row["JZBH"] or "").strip()
    at = at.replace(tzinfo=CHINA) if isinstance(at, dt.datetime) else china_now()
    result = str(row["RESULT"] or "").strip()
    if result == ENTERED:
        return Receipt(row["MSG_ID"], at, number) if number else None
    if not result:
        return None
    reason = REASONS.get(str(row["REASON"] or "").strip(), ReportRefusal.OTHER)
    return Receipt(row["MSG_ID"], at, refusal=reason)


async def _standing(connection: AsyncConnection, inbox: Table[Any], names: Sequence[str]) -> set[str]:
    of = column(inbox, "MSG_ID")
    return set((await connection.execute(select(of).where(of.in_(names)))).scalars())


async def _write(connection: AsyncConnection, inbox: Table[Any], message: Message) -> bool:
    """Whether the system could hold it; somebody else may have written it meanwhile."""
    names = {c.name.upper(): c.name for c in inbox.c}
    cells = {names[name]: value for name, value in _cells(message).items() if name in names}
    try:
        async with connection.begin_nested():
            await connection.execute(insert(inbox).values(cells))
    except IntegrityError:
        return True
    except DBAPIError as error:
        if isinstance(error, DataError) or (error.orig and error.orig.args[:1][0] in UNWRITABLE):
            return False
        raise
    return True


def _cells(message: Message) -> Mapping[str, Any]:
    """What is known of the person goes before what the person said."""
    told = message.values
    person = {name.partition(".")[2]: value for name, value in told.items() if "." in name}
    age = told["estimated_age"]
    return {
        "MSG_ID": message.name,
        "XM": person["name"] or told["said_name"] or UNNAMED,
        "XB": _SEX_CODES.get(person["sex"] or told["sex"] or "", "0"),
        "SFZH": person["id_number"] or "",
        "CSRQ": person["birth_on"].isoformat() if person["birth_on"] else "",
        "NL": "" if age is None else str(age),
        "NLGJ": "" if age is None else "1",
        "TMTZ": told["features"] or "",
        "FXSJ": f"{told['encountered_at'].astimezone(CHINA):%Y-%m-%d %H:%M}",
        "FXDD": told["place"] or "",
        "XZQH": told["division_code"],
        "WCN": _FLAGS[told["is_minor"]],
        "YYJS": _FLAGS[told["is_willing"]],
        "ZK": told["condition"] or "",
        "CZCS": ",".join(told["actions"]),
    }
