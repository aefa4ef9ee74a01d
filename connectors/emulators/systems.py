"""The upstream systems of the demo, and which county has which.

Each is an emulator behind a real server on loopback. ``SYSTEMS`` is the whole list; a system more is a line
more, and a function in ``starts``. What a system tells of a county, the county's rosters leave out, for a
benefit that two sources tell is two benefits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from connectors.emulators import mariadb, starts, views
from connectors.emulators.rosters import Elsewhere
from connectors.emulators.starts import Start

MOST_PEOPLE: Final = 100_000
"""Of a world whose counties have systems: each holds its county's people in memory."""


class System(NamedTuple):
    """``told``: what the county's rosters leave out.

    ``first``: it is read before the rosters, which refer to people that only it tells of. ``needs``: whether
    the machine has what it takes, and what that is.
    """

    connector: str
    county: str
    name: str
    start: Start
    told: Elsewhere | None = None
    first: bool = False
    every_minutes: int = 1
    needs: tuple[Callable[[], bool], str] | None = None

    @property
    def code(self) -> str:
        return f"{self.connector}-{self.county}"

    @property
    def lacks(self) -> str:
        """What this machine does not have; empty where it can run the system."""
        return self.needs[1] if self.needs and not self.needs[0]() else ""


SYSTEMS: Final = (
    System(
        "social-assistance",
        "640104",
        "兴庆区社会救助前置库",
        starts.exchange,
        views.assistance,
        first=True,
        needs=(mariadb.is_there, "MariaDB"),
    ),
    System(
        "relief",
        "640104",
        "兴庆区救助管理前置库",
        starts.relief,
        views.street,
        first=True,
        needs=(mariadb.is_there, "MariaDB"),
    ),
    System(
        "child-welfare",
        "350203",
        "思明区儿童名单（省级网关）",
        starts.children,
        views.numbered_children,
        True,
    ),
    System(
        "elderly-care-gateway", "350203", "思明区养老服务（省级网关）", starts.elders, views.paid_elders, True
    ),
    System(
        "disability-subsidies",
        "640324",
        "同心县残疾人两项补贴（SFTP）",
        starts.dropping("两项补贴"),
        views.disability,
        first=True,
    ),
    System("elderly-care", "350582", "晋江市老年人能力评估（SFTP）", starts.dropping("能力评估")),
    System("low-income", "640324", "同心县低收入人口监测（共享平台）", starts.platform("low-income")),
    System(
        "social-assistance-soap",
        "350212",
        "同安区社会救助查询（SOAP）",
        starts.soap,
        views.assistance_asked_about,
        every_minutes=60,
    ),
    System(
        "deaths",
        "450305",
        "七星区殡葬火化查询（共享平台）",
        starts.platform("cremations", "&daily=500"),
        every_minutes=60,
    ),
    System(
        "marriages",
        "640104",
        "兴庆区婚姻登记查询（共享平台）",
        starts.platform("marriages", "&daily=200"),
        every_minutes=60,
    ),
    System(
        "organisations-query",
        "350203",
        "思明区社会组织登记核验（共享平台）",
        starts.platform("organisations", "&daily=50"),
        every_minutes=60,
    ),
    System("contract-notices", "350582", "晋江市政府采购合同公告（网页）", starts.portal, every_minutes=60),
    System("warnings", "450305", "七星区动态监测预警（推送）", starts.push),
)


def elsewhere(systems: Iterable[System]) -> dict[str, dict[str, Elsewhere]]:
    """What the rosters leave out, by county and system."""
    found: dict[str, dict[str, Elsewhere]] = {}
    for system in systems:
        if system.told is not None:
            found.setdefault(system.county, {})[system.code] = system.told
    return found
