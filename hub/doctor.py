"""``hub doctor``: what is there, what is missing, and what to do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from hub.audit.chain import Check
from hub.audit.export import check_database, waiting
from hub.audit.heads import Opener
from hub.errors import HubError
from hub.oauth.metadata import Issuer
from hub.settings import Settings
from hub.store.administrators import deviations, everybody
from hub.store.database import Database
from hub.store.keys import load_signing_keys, load_vault, open_to_others
from hub.store.migrate import revisions
from hub.store.roles import READERS
from hub.store.rotation import KeysBehind, counted, in_use
from hub.sync.tallies import miscounted
from hub.tables.ledger import OWN

BEHIND: Final = 60.0
"""Seconds within which every entry of the access log ought to be sealed."""
RECENT: Final = 200
"""Batches of it that are looked at; `hub audit verify` looks at all."""
Say = Callable[[str], object]


async def examine(settings: Settings, say: Say) -> bool:
    """Say one line for every check; whether all is well."""
    if settings.database_url is None and not (settings.data_dir / "postgres").exists():
        say(f"✗ database: no HUB_DATABASE_URL, and none in {settings.data_dir}: run `hub migrate`")
        return False
    good = [
        await _check(say, "issuer address", lambda: _issuer(settings)),
        await _check(say, "keys", lambda: _keys(settings)),
    ]
    try:
        database = await Database.open(settings)
    except HubError as error:
        say(f"✗ database: {error.message}")
        return False
    try:
        good.append(await _check(say, "database", lambda: _version(database)))
        good.append(await _check(say, "tables", lambda: _revision(database)))
        good.append(await _check(say, "field keys", lambda: _field_keys(settings, database)))
        for role in READERS:
            good.append(await _check(say, f"login {role}", lambda role=role: _login(database, role)))  # type: ignore[misc]
        good.append(await _check(say, "administrators", lambda: _administrators(database)))
        good.append(await _check(say, "sources", lambda: _sources(database)))
        good.append(await _check(say, "tallies", lambda: _tallies(database)))
        good.append(await _check(say, "purposes", lambda: _purposes(database)))
        good.append(await _check(say, "emergencies", lambda: _emergencies(settings, database)))
        good.append(await _check(say, "corrections", lambda: _corrections(database)))
        good.append(await _check(say, "waiting", lambda: _waiting(settings, database)))
        good.append(await _check(say, "webhooks", lambda: _webhooks(database)))
        good.append(await _check(say, "questions", lambda: _questions(database)))
        good.append(await _check(say, "jobs", lambda: _jobs(database)))
        good.append(await _check(say, "access log", lambda: _access_log(settings, database)))
    finally:
        await database.close()
    return all(good)


async def _check(say: Say, title: str, check: Callable[[], Awaitable[str]]) -> bool:
    try:
        found = await check()
    except HubError as error:
        say(f"✗ {title}: {error.message}")
        return False
    except Exception as error:
        say(f"✗ {title}: {type(error).__name__}")
        return False
    say(f"✓ {title}: {found}")
    return True


async def _issuer(settings: Settings) -> str:
    return Issuer.of(settings.base_url).url


async def _keys(settings: Settings) -> str:
    vault = load_vault(settings)
    if vault.open(vault.seal("民政")) != "民政":
        raise HubError("The field key does not open what it sealed.")
    if exposed := open_to_others(settings):
        raise HubError(f"{', '.join(map(str, exposed))}: other accounts may read or change it: chmod 600")
    return f"field key works, {len(load_signing_keys(settings).keys)} signing key(s)"


async def _version(database: Database) -> str:
    return f"PostgreSQL {await database.owner.fetchval('show server_version')}"


async def _revision(database: Database) -> str:
    current, newest = await revisions(database)
    if current != newest:
        raise HubError(f"revision {current}, expected {newest}: run `hub migrate`")
    return f"revision {current}"


async def _field_keys(settings: Settings, database: Database) -> str:
    vault = load_vault(settings)
    if await in_use(database.owner, vault) != vault.active.id:
        raise KeysBehind
    behind = (await counted(database)).behind(vault.form)
    later = f", {behind} values to be sealed anew: run `hub field-key rotate`" if behind else ""
    return f"{vault.active.id} seals{later}"


async def _login(database: Database, role: str) -> str:
    for planned in (False, True):
        pool = await database.reader(role, planned=planned)
        row = await pool.fetchrow(
            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        )
        if row is None or row[0]:
            raise HubError("the login can bypass row-level security: run `hub migrate`")
    return "cannot bypass row-level security"


async def _administrators(database: Database) -> str:
    wrong = await deviations(database)
    if wrong:
        raise HubError(f"{len(wrong)}: {'; '.join(wrong)}")
    return f"{len(await everybody(database))}, each with one duty and a login of it"


async def _sources(database: Database) -> str:
    rows = await database.owner.fetch(
        "select code, last_status, last_success_at is null or"
        " last_success_at < now() - make_interval(hours => max_age_hours) as stale"
        " from source where connector <> $1 order by code",
        OWN,
    )
    stale = [row["code"] for row in rows if row["stale"]]
    if stale:
        raise HubError(f"not fresh: {', '.join(stale)}")
    return f"{len(rows)} fresh"


async def _tallies(database: Database) -> str:
    wrong = await miscounted(database)
    if wrong:
        raise HubError(f"other numbers than there are rows: {', '.join(wrong)}: run `hub recount`")
    return "as many as there are rows"


async def _purposes(database: Database) -> str:
    """Nothing of it is wrong; a security officer wants to know."""
    free = await database.owner.fetchval(
        "select string_agg(client_id, ' ' order by client_id) from oauth_client"
        " where status = 'ACTIVE' and not purpose_needed"
    )
    bare = await database.owner.fetchval(
        "select string_agg(code, ' ' order by code) from purpose"
        " where legal_basis is null and (valid_until is null or valid_until > now())"
    )
    return f"not needed of: {free or 'nobody'}; without a legal basis: {bare or 'none'}"


OVERDUE: Final = """
    select count(*) filter (where opened_at < now() - make_interval(days => $1)) as overdue,
        count(*) as waiting
    from emergency_access where verdict is null"""


async def _emergencies(settings: Settings, database: Database) -> str:
    days = settings.emergency_review_days
    [found] = await database.owner.fetch(OVERDUE, days)
    if found["overdue"]:
        raise HubError(f"{found['overdue']} emergency accesses were not reviewed within {days} days")
    return f"{found['waiting']} to be reviewed, none overdue"


LATE: Final = """
    select count(*) filter (where due_on < (now() at time zone 'Asia/Shanghai')::date) as late,
        count(*) as waiting
    from correction_request where status in ('OPEN', 'ACCEPTED')"""


async def _corrections(database: Database) -> str:
    [found] = await database.owner.fetch(LATE)
    if found["late"]:
        raise HubError(f"{found['late']} requests for correction are overdue")
    return f"{found['waiting']} not done, none overdue"


REFUSED: Final = """
    select s.code as name, count(*) as waiting,
        count(*) filter (where q.quarantined_at < now() - make_interval(days => $1)) as late
    from quarantined_row q join source s on s.id = q.source_id where q.resolved_at is null
    group by 1 order by 1"""
UNANSWERED: Final = """
    select s.code as name, count(*) as waiting,
        count(*) filter (where o.made_at < now() - make_interval(days => $1)) as late
    from outgoing o join source s on s.id = o.source_id where o.settled_at is null group by 1 order by 1"""
"""Of systems that take entries: a message has a source from the first attempt on."""


async def _waiting(settings: Settings, database: Database) -> str:
    """Rows in quarantine, and messages to upstream systems without a receipt."""
    days = settings.waiting_days
    late, waiting = [], []
    for query, what in ((REFUSED, "refused rows"), (UNANSWERED, "messages without a receipt")):
        rows = await database.owner.fetch(query, days)
        waiting.append(f"{sum(row['waiting'] for row in rows)} {what}")
        late += [f"{row['late']} {what} of {row['name']}" for row in rows if row["late"]]
    if late:
        raise HubError(
            f"for more than {days} days: {', '.join(late)}: see `hub quarantine list`, `hub enter`"
        )
    return f"{' and '.join(waiting)}, none for more than {days} days"


WEBHOOKS: Final = """
    select count(*) as told, string_agg(w.client_id || ' ' || w.name || ' (' || p.reason || ')', ', '
            order by w.client_id, w.name) filter (where p.reason <> 'PAUSED') as wrong,
        (select count(*) from webhook_letter where settled_at is null) as letters
    from webhook w join webhook_place p on p.webhook_id = w.id"""


async def _webhooks(database: Database) -> str:
    [found] = await database.owner.fetch(WEBHOOKS)
    if found["wrong"] or found["letters"]:
        raise HubError(
            f"not told: {found['wrong'] or 'none'}; {found['letters']} messages given up: see"
            " `hub client webhook list`, `hub client webhook replay`"
        )
    return f"{found['told']}, all told"


QUESTIONS: Final = """
    select (select string_agg(client_id, ', ' order by client_id) from oauth_client
            where questions_barred_at is not null) as barred,
        (select coalesce(sum(questions), 0) from question_day where day > current_date - 7) as asked,
        (select coalesce(sum(unknown), 0) from question_day where day > current_date - 7) as unknown"""


async def _questions(database: Database) -> str:
    [found] = await database.owner.fetch(QUESTIONS)
    if found["barred"]:
        raise HubError(
            f"asked as if to try numbers out, and stopped: {found['barred']}: see `hub client watch`"
        )
    return f"about {found['asked']} persons in 7 days, {found['unknown']} of them nobody's numbers"


JOBS: Final = """
    select count(*) filter (where state in ('WAITING', 'RUNNING')) as under_way,
        count(*) filter (where expires_at < now() - interval '10 minutes'
            or state in ('WAITING', 'RUNNING') and due_at < now() - interval '1 hour'
                and (lease_until is null or lease_until < now())) as left_alone
    from job"""


async def _jobs(database: Database) -> str:
    [found] = await database.owner.fetch(JOBS)
    if found["left_alone"]:
        raise HubError(f"{found['left_alone']} are left alone: is `hub serve` running?")
    return f"{found['under_way']} under way, none left alone"


async def _access_log(settings: Settings, database: Database) -> str:
    check = Check(Issuer.of(settings.base_url).url, Opener(load_signing_keys(settings)))
    await check_database(database, check, recent=RECENT)
    count, seconds = await waiting(database)
    if seconds > BEHIND:
        raise HubError(f"{count} entries wait to be sealed, for {seconds:.0f} s: is `hub worker` running?")
    return f"the last {check.entries} entries as they were sealed, {count} not sealed yet"
