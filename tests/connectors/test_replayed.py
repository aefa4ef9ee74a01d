"""An exchange database that has delivered, and is gone: all it said is merged again from what has landed."""

from __future__ import annotations

from connectors.emulators import mariadb
from connectors.emulators.exchange import Exchange, in_gbk
from connectors.emulators.world import build_world
from hub.sync.replay import Window, replay
from hub.tables import FACTS, RECORDS
from tests.connectors.hub_of import CODE, TODAY, Filled, hub_of, moment
from tests.support.needs import need

COUNTY = "450305"
HELD = (*(record.name for record in RECORDS.values()), *FACTS)
LEDGERS = ("seen_row", "seen_pack", "waiting_row", "withdrawn_record", "quarantined_row")


async def deliver(hub: Filled) -> None:
    """New, changed, deleted, out of order, refused and sent again."""
    world = build_world(seed=5, people=300, today=TODAY)
    people = [person for person in world.people(COUNTY) if "?" not in in_gbk(person.name)]
    async with mariadb.served() as port:
        exchange = Exchange(people, port, mariadb.PASSWORD)
        await hub.register("social-assistance", exchange.location, password=mariadb.PASSWORD)
        await hub.open_stations()
        await exchange.publish(moment(1), people[: len(people) // 2])
        await hub.sync()
        await exchange.publish(moment(2), people)
        await hub.sync()
        one, two, three = await exchange.standing("SAM_PEOPLE", 3)
        await exchange.write(("SAM_PEOPLE", "U", moment(5), {**one, "TEL": "15400000001"}))
        await exchange.write(("SAM_PEOPLE", "U", moment(4), {**one, "TEL": "15400000002"}))
        await exchange.write(("SAM_PEOPLE", "U", moment(5), {**two, "ID_CARD": "459999"}))
        await hub.sync()
        await exchange.write(("SAM_PEOPLE", "D", moment(6), three))
        await exchange.write(("SAM_PEOPLE", "U", moment(3), {**three, "TEL": "15400000003"}))
        await hub.sync(accept_losses=True)


async def test_what_a_system_said_that_is_gone() -> None:
    if not mariadb.is_there():
        need("mariadbd")
    async with hub_of(COUNTY) as hub:
        await deliver(hub)
        assert await hub.one("select count(*) from landed_run where continued") == 3
        assert await hub.reasons() != {}, "a row was to be refused"
        assert await hub.one("select count(*) from withdrawn_record") > 0
        people, state = "select count(*) from beneficiary", await hub.state()
        known = await hub.one(people)
        over = await replay(hub.database, hub.vault, hub.connectors, CODE, Window(), today=TODAY)
        assert (over.before, over.missing, over.report.changed) == (over.after, 0, 0)
        assert await hub.state() == state
        for name in (*HELD, *LEDGERS):
            await hub.database.owner.execute(f'delete from "{name}"')
        done = await replay(hub.database, hub.vault, hub.connectors, CODE, Window(), today=TODAY)
        assert (done.after, done.runs, done.missing, done.from_nothing) == (over.after, 4, 0, True)
        assert await hub.one(people) == known, "nobody was made a second time"
