"""How each system of the demo is started: its server on loopback, and what it does in ``Running``."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

import httpx

from connectors.emulators import drop, drop_faults, exchange_faults, mariadb, relief_faults, views
from connectors.emulators import platform as emulated
from connectors.emulators.children import SERVICE as CHILDREN
from connectors.emulators.children import ChildGateway
from connectors.emulators.drop import Drops, Kind
from connectors.emulators.elders import SERVICES as ELDERS
from connectors.emulators.elders import ElderGateway
from connectors.emulators.exchange import Exchange
from connectors.emulators.faults import apply
from connectors.emulators.model import Person
from connectors.emulators.notices import Portal
from connectors.emulators.platform import SharingPlatform
from connectors.emulators.push import Sender
from connectors.emulators.relief import Relief
from connectors.emulators.rosters import Elsewhere
from connectors.emulators.running import Act, Running, Site
from connectors.emulators.soap import SERVICE as INQUIRY
from connectors.emulators.soap import Assistance
from connectors.emulators.truth import Truth
from connectors.emulators.web import Faulty, served
from hub.domain.dates import CHINA, china_now
from hub.domain.vocabulary import Category

Start = Callable[[Site], AbstractAsyncContextManager[Running]]

NO_FAULT: Final = frozenset({"x13-named-back"})
"""What ``x13-renamed`` is mended by."""

OF_A_LIST: Final = frozenset({"x04-short", "x04-shifted", "x16-code"})
OF_A_SERVICE: Final = {"x32-other": "cremations", "x16-event": "marriages"}
OF_SUBSIDIES: Final = frozenset(
    {"x13-missing", "x16-code", "x26-grade", "x26-foreign"}
    | {name for name in drop_faults.FAULTS if name.startswith(("x28-", "x29-")) and name != "x29-total"}
)
"""Faults of what only one kind of list has, or one service."""

PLATFORM: Final = {
    "appkey": emulated.APPKEY,
    "access_key": emulated.ACCESS_KEY,
    "access_secret": emulated.ACCESS_SECRET,
}


@asynccontextmanager
async def _database(site: Site) -> AsyncIterator[int]:
    """The port of the one MariaDB, which whoever needs it first starts, and ends last."""
    if "mariadb" in site.ports:
        yield site.ports["mariadb"]
        return
    async with mariadb.served() as port:
        site.ports["mariadb"] = port
        try:
            yield port
        finally:
            del site.ports["mariadb"]


@asynccontextmanager
async def exchange(site: Site) -> AsyncIterator[Running]:
    async with _database(site) as port:
        there = Exchange((), port, mariadb.PASSWORD)

        async def strike(name: str) -> None:
            touched = await exchange_faults.strike(there, name, _local(china_now()))
            site.switches.happened(name, touched)

        async def mend(name: str) -> None:
            if undo := exchange_faults.MENDED.get(name):
                await undo(there, _local(china_now()))
            await there.publish(_local(china_now()))

        yield _log(site, there, "exchange", strike, mend)


@asynccontextmanager
async def relief(site: Site) -> AsyncIterator[Running]:
    async with _database(site) as port:
        there = Relief((), port, mariadb.PASSWORD)

        async def strike(name: str) -> None:
            if name not in relief_faults.FAULTS:  # it happens when a message is answered
                site.switches.turn_on(name)
                return
            touched = await relief_faults.strike(there, name, _local(china_now()))
            site.switches.happened(name, len(touched) or 1)

        async def mend(name: str) -> None:
            if name == "x13-renamed":
                await relief_faults.named_back(there, _local(china_now()))
            await there.publish(_local(china_now()))

        yield _log(site, there, "relief", strike, mend)


def _log(site: Site, there: Exchange | Relief, has: str, strike: Act, mend: Act) -> Running:
    async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
        there.people = people
        there.truth.clear()
        await there.publish(_local(at))

    opened = {"password": mariadb.PASSWORD}
    return Running(
        there.location,
        opened,
        (has,),
        site.switches,
        lambda: there.truth,
        publish,
        strike,
        mend,
        but=NO_FAULT,
    )


@asynccontextmanager
async def children(site: Site) -> AsyncIterator[Running]:
    there = ChildGateway(site.switches, china_now)
    async with _gateway(there, CHILDREN, views.numbered_children, "children") as running:
        yield running


@asynccontextmanager
async def elders(site: Site) -> AsyncIterator[Running]:
    there = ElderGateway(site.switches, china_now)
    async with _gateway(there, ELDERS, views.paid_elders) as running:
        yield running


@asynccontextmanager
async def _gateway(
    there: ChildGateway | ElderGateway, path: str, told: Elsewhere, *more: str
) -> AsyncIterator[Running]:
    async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
        there.truth.clear()
        there.publish(at.astimezone(CHINA), views.only(people, told))

    async with served(Faulty(there.app(), there.switches)) as base:
        opened, has = {"app-key": there.key, "app-secret": there.secret}, ("gateway", *more, "web")
        but = frozenset({"x04-swap"})  # nobody waits to take another one's place
        yield Running(base + path, opened, has, there.switches, lambda: there.truth, publish, but=but)


@asynccontextmanager
async def soap(site: Site) -> AsyncIterator[Running]:
    there = Assistance(site.switches)

    async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
        there.families.clear()
        there.truth.clear()
        there.publish(views.only(people, views.assistance_asked_about))

    async with served(Faulty(there.app(), there.switches)) as base:
        has = ("soap", "web")
        yield Running(base + INQUIRY, {}, has, there.switches, lambda: there.truth, publish)


def platform(service: str, options: str = "") -> Start:
    """``service``: see ``SharingPlatform.location``."""

    @asynccontextmanager
    async def start(site: Site) -> AsyncIterator[Running]:
        there = SharingPlatform((), china_now().date(), china_now, site.switches)
        there.organisations = site.world.contractors_of(site.county)

        async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
            there.publish(views.only(people, views.other_classes), china_now().date())

        async with served(Faulty(there.app, there.switches)) as base:
            location, has = SharingPlatform.location(base, service) + options, ("platform", "web")
            is_list = service == "low-income"
            but = {name for name, of in OF_A_SERVICE.items() if of != service}
            yield Running(
                *(location, PLATFORM, has, there.switches, lambda: there.truth, publish),
                but=frozenset(but if is_list else but | OF_A_LIST),
                asked_once=not is_list,
            )

    return start


@asynccontextmanager
async def portal(site: Site) -> AsyncIterator[Running]:
    there, nobody = Portal(site.world.contracts_of(site.county), site.switches), Truth()

    async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
        """Contracts are signed once a year."""

    async def strike(name: str) -> None:
        """On one more notice of the contract that was last: those that are known are not read again."""
        there.switches.turn_on(name)
        there.add(china_now().date(), dict(there.notices[-1].cells))

    async with served(Faulty(there.app, there.switches)) as base:
        location, has = Portal.location(base), ("notices", "web")
        yield Running(location, {}, has, there.switches, lambda: nobody, publish, strike, asked_once=True)


def dropping(kind: Kind) -> Start:
    @asynccontextmanager
    async def start(site: Site) -> AsyncIterator[Running]:
        shutil.rmtree(site.folder / "sftp", ignore_errors=True)
        async with drop.served(site.folder / "sftp") as place:
            there = Drops(place.folder, site.county, (), site.switches)
            day = china_now().date()

            def put() -> Path | None:
                return there.publish(kind, day) if there.rows(kind) else None

            async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
                nonlocal day
                there.people, day = people, at.astimezone(CHINA).date()
                _empty(place.folder)
                put()

            async def strike(name: str) -> None:
                if name == "x02-resent":
                    there.resend(next(place.folder.glob("*.csv")))
                elif name == "x09-replaced":
                    put()
                else:
                    there.switches.turn_on(name)
                    _empty(place.folder)
                    put()

            opened, has = {"host_key": place.host_key, "private_key": place.private_key}, ("drop",)
            but = OF_SUBSIDIES if kind == "能力评估" else frozenset({"x16-standard"})
            yield Running(
                *(place.location, opened, has, there.switches, lambda: there.truth, publish, strike), but=but
            )

    return start


def _empty(folder: Path) -> None:
    """What stands there is gone, and not replaced by what comes."""
    for path in folder.iterdir():
        path.unlink()


@asynccontextmanager
async def push(site: Site) -> AsyncIterator[Running]:
    """Each day a warning about every fiftieth who receives 低保."""
    async with httpx.AsyncClient(base_url=site.hub, trust_env=False) as client:
        there = Sender(client, f"/hooks/{site.code}", site.switches, china_now)
        receive: list[Person] = []

        def warn(at: dt.datetime, chosen: Sequence[Person]) -> None:
            for number, person in enumerate(chosen, 1):
                there.warn(f"YJ{at:%Y%m%d%H%M%S}{number:04}", person, at)

        async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
            day = at.astimezone(CHINA)
            receive[:] = [p for p in people if p.id_number and p.is_in(Category.DIBAO, day.date())]
            warn(day, Random(day.isoformat()).sample(receive, -(-len(receive) // 50)))

        async def strike(name: str) -> None:
            there.switches.turn_on(name)
            warn(china_now(), receive[:2])
            await there.send()

        async def mend(name: str) -> None:
            """What was refused waits in the outbox, and is sent again rightly."""
            await there.send()

        opened, has, place = {"webhook": there.secret}, ("push",), "push://省级动态监测平台"
        yield Running(
            place, opened, has, there.switches, lambda: there.truth, publish, strike, mend, there.send
        )


def roster(site: Site, folder: Path, truth: Callable[[], Truth]) -> Running:
    """The lists of a county; ``folder`` has its code for a name. A copy mends what a fault has done."""
    switches, whole = site.switches, site.folder / "whole"

    async def strike(name: str) -> None:
        if not whole.exists():
            shutil.copytree(folder, whole)
        report = apply(name, folder, count=1, seed=switches.count(name) + 1)
        switches.happened(name, len(report.touched))

    async def mend(name: str) -> None:
        if whole.exists():
            shutil.copytree(whole, folder, dirs_exist_ok=True)

    async def publish(at: dt.datetime, people: Sequence[Person]) -> None:
        """Bureaus send their lists once a month."""

    return Running(str(folder.resolve()), {}, ("roster",), switches, truth, publish, strike, mend)


def _local(at: dt.datetime) -> dt.datetime:
    """Local time to the second, as such systems write it."""
    return at.astimezone(CHINA).replace(tzinfo=None, microsecond=0)
