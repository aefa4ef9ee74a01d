"""How the relief system's exchange table goes wrong: faults by name, each done to what stands there.

A fault returns the stays (救助编号) it touched; ``strike`` counts it among the switches. What becomes of them
is said at each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from connectors.emulators.logs import Cells
from connectors.emulators.relief import EPISODES, Relief
from connectors.emulators.switches import Switches
from hub.domain.text import UNNAMED

FEW: Final = 5
Fault = Callable[[Relief, dt.datetime], Awaitable[list[str]]]


async def _say(
    relief: Relief, at: dt.datetime, change: Callable[[Cells], Cells], most: int = FEW, operation: str = "U"
) -> list[str]:
    stays = await relief.standing(EPISODES, most)
    await relief.write(*((EPISODES, operation, at, {**cells, **change(cells)}) for cells in stays))
    return [cells["JZBH"] for cells in stays]


async def late(relief: Relief, now: dt.datetime) -> list[str]:
    """X1: written three days ago, appended today; accepted, unless something newer was said."""
    return await _say(relief, now - dt.timedelta(days=3), lambda _: {"YZ": "迟到"})


async def sent_again(relief: Relief, now: dt.datetime) -> list[str]:
    """X2: everything is appended again with the time it had; changes nothing."""
    fields = ", ".join([*(await relief.standing(EPISODES, 1))[0], "OP_TYPE", "OP_TIME"])
    await relief.run(f"insert into {EPISODES} ({fields}) select {fields} from {EPISODES} order by ID")  # noqa: S608
    return [cells["JZBH"] for cells in await relief.standing(EPISODES)]


async def out_of_order(relief: Relief, now: dt.datetime) -> list[str]:
    """X3: that somebody left arrives before what was noted an hour earlier; the stay stays over."""
    left = await _say(relief, now, lambda _: {"LZRQ": f"{now:%Y-%m-%d}", "LZFS": "03"})
    await _say(relief, now - dt.timedelta(hours=1), lambda _: {"LZRQ": "", "LZFS": ""})
    return left


async def same_second(relief: Relief, now: dt.datetime) -> list[str]:
    """X11: two changes within a second; the second one stands."""
    await _say(relief, now, lambda _: {"YZ": "先"}, 1)
    return await _say(relief, now, lambda _: {"YZ": "后"}, 1)


async def filled_again(relief: Relief, now: dt.datetime) -> list[str]:
    """X12: the table is emptied and filled again; changes nothing."""
    stays = await relief.standing(EPISODES)
    await relief.run(f"truncate table {EPISODES}")
    await relief.write(*((EPISODES, "I", now, cells) for cells in stays))
    return [cells["JZBH"] for cells in stays]


async def renamed(relief: Relief, now: dt.datetime) -> list[str]:
    """X13: a field that is needed has another name; the run stops with SCHEMA_DRIFT until ``named_back``."""
    await relief.run(f"alter table {EPISODES} rename column SFZH to ZJHM")
    return []


async def named_back(relief: Relief, now: dt.datetime) -> list[str]:
    await relief.run(f"alter table {EPISODES} rename column ZJHM to SFZH")
    return []


async def new_code(relief: Relief, now: dt.datetime) -> list[str]:
    """X16: a way of leaving that nobody knows; quarantined, CODE_UNKNOWN."""
    return await _say(relief, now, lambda _: {"LZRQ": f"{now:%Y-%m-%d}", "LZFS": "77"})


async def checksum(relief: Relief, now: dt.datetime) -> list[str]:
    """X19: a number with another last character; quarantined, ID_CHECKSUM, and whoever it was stays."""
    return await _say(relief, now, lambda _: {"SFZH": "459999199001010005"})


async def no_name(relief: Relief, now: dt.datetime) -> list[str]:
    """X18: aliases that repeat, and no number; each stays whom it was, and nobody becomes anybody else."""
    words = iter((UNNAMED, "无名氏", "无名男1", "", "不详"))
    return await _say(relief, now, lambda _: {"XM": next(words), "SFZH": "", "NL": "约40岁", "CSRQ": ""})


async def spans(relief: Relief, now: dt.datetime) -> list[str]:
    """X15: an age as people write it; accepted."""
    words = iter(("45", "约45岁", "40-50", "大约45岁左右", "不详"))
    return await _say(relief, now, lambda _: {"NL": next(words), "NLGJ": ""})


async def long_ago(relief: Relief, now: dt.datetime) -> list[str]:
    """X32: left before admission; quarantined, PERIOD_REVERSED."""
    return await _say(relief, now, lambda cells: {"LZRQ": "2001-01-02", "LZFS": "03"})


async def deleted(relief: Relief, now: dt.datetime) -> list[str]:
    """X10: stays that are taken back say so; they are gone, the people's files stay."""
    return await _say(relief, now, lambda _: {}, operation="D")


FAULTS: Final[Mapping[str, Fault]] = {
    "x01-late": late,
    "x02-sent-again": sent_again,
    "x03-out-of-order": out_of_order,
    "x11-same-second": same_second,
    "x12-filled-again": filled_again,
    "x13-renamed": renamed,
    "x13-named-back": named_back,
    "x15-spans": spans,
    "x16-new-code": new_code,
    "x18-no-name": no_name,
    "x19-checksum": checksum,
    "x32-left-before": long_ago,
    "x10-deleted": deleted,
}


async def strike(relief: Relief, name: str, now: dt.datetime, switches: Switches | None = None) -> list[str]:
    """The stays the fault ``name`` touched; with ``switches`` only where it is turned on."""
    if switches is not None and not switches.strikes(name):
        return []
    return await FAULTS[name](relief, now)
