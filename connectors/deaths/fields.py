"""The words of the funeral service (殡葬火化), whom it is asked about, and what an answer becomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import IDENTITY
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.text import clean_name
from hub.sync.connector import Check, Context, From, ListMapping, Subjects, Target

DAY: Final = "死亡日期"
NUMBER: Final = "身份证号"
ASKED_NAME: Final = "核查姓名"
ASKED_NUMBER: Final = "核查身份证号"

ASKED: Final = Subjects(
    "beneficiary",
    columns=("name", "id_number", "deceased_on"),
    needed=("id_number",),
    while_="category_membership",
    about="beneficiary_id",
    until="ends_on",
)
"""Whoever receives something: nobody else's death is any matter of the hub's."""

RECORD: Final = Wording(
    {
        "NAME": Field("姓名"),
        "ID_CARD": Field(NUMBER),
        "DEATH_TIME": Field(DAY),
        "CREMATION_TIME": Field("火化日期"),
    },
    needed=frozenset(),
)


def _is_who_was_asked_about(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    asked = parse.code(values[ASKED_NUMBER], context), clean_name(values[ASKED_NAME])
    if (columns.get("id_number"), clean_name(values.get("姓名"))) != asked:
        raise Refused("CONTRADICTION")


def _is_past(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    """Born, died, cremated, today: in this order."""
    cremated = parse.day(values.get("火化日期"), context)
    days = [columns.get("birth_on"), columns.get("deceased_on"), cremated, context.today]
    known: list[dt.date] = [day for day in days if day is not None]
    if known != sorted(known):
        raise Refused("PERIOD_REVERSED")


DEATHS: Final = ListMapping(
    "death",
    (NUMBER, DAY),
    (
        Target(
            "beneficiary",
            {"deceased_on": From(DAY, parse.day, required=True)},
            key=("id_number_hash",),
            match=(("id_number_hash",),),
            spreads=(IDENTITY,),
            checks=(Check("姓名", _is_who_was_asked_about), Check(DAY, _is_past)),
        ),
    ),
    # No other list tells a day of death; of everything else any other list knows more.
    precedence=9,
)
