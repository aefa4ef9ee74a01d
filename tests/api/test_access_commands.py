"""``hub access explain``: what a client would see, and why, without a token of it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from hub.access.purposes import Purpose
from hub.cli import main
from hub.domain.dates import CHINA
from hub.errors import HubError
from hub.supposed import NAME, suppose
from tests.support.county import TODAY
from tests.support.postgres import FIELD_KEY, server
from tests.support.reading import CONTRACTOR, DONGJIANG, QIXING, World, small_world

CLIENTS = (
    ("bureau", "bureau", QIXING, None, ["beneficiary.rs", "station.rs", "field:identity"]),
    ("station", "township", DONGJIANG, None, ["beneficiary.rs", "field:identity"]),
    ("licheng", "contractor", None, 1, CONTRACTOR.scopes),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        async with made.database.transaction() as connection:
            for name, role, division, organisation, scopes in CLIENTS:
                await connection.execute(
                    "insert into oauth_client (client_id, name, role, division_code, organisation_id, scopes,"
                    " jwks, expires_at)"
                    " values ($1::text, $1::text, $2, $3, $4, $5, '{\"keys\": []}', '2027-01-01Z')",
                    name, role, division, organisation, list(scopes),
                )  # fmt: skip
            for login, division in (("worker", DONGJIANG), ("stranger", "350582001000")):
                await connection.execute(
                    "insert into hub_user (login, display_name, role, division_code, scopes, password_hash)"
                    " values ($1::text, $1::text, 'township', $2, '{beneficiary.rs}', '')",
                    login,
                    division,
                )
        yield made


async def explain(world: World, *words: str, on: dt.date = TODAY) -> Result:
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(world.database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
    }
    given = ["access", "explain", "--on", on.isoformat(), *words]
    return await asyncio.to_thread(CliRunner().invoke, main, given, env=environment)


async def said(world: World, *words: str, on: dt.date = TODAY) -> str:
    found = await explain(world, *words, on=on)
    assert found.exit_code == 0, found.output
    return found.stdout


async def told(world: World, *words: str, on: dt.date = TODAY) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(await said(world, *words, "--json", on=on))
    return found


async def test_every_kind_has_a_line(world: World) -> None:
    lines = (await said(world, "--client", "bureau")).splitlines()
    assert lines[0].split() == ["client:", "bureau"]
    (people,) = [line for line in lines if line.startswith("Beneficiary ")]
    assert people.split()[1] == "seen"
    assert f"the division {QIXING} 广西壮族自治区桂林市七星区" in people
    (visits,) = [line for line in lines if line.startswith("Visit ")]
    assert visits.endswith("not seen  The registration of the client does not grant the scope visit.rs.")


async def test_one_kind_with_its_contracts_and_fields(world: World) -> None:
    lines = await said(world, "--client", "licheng", "--type", "Beneficiary")
    for row in world.rows["contract"]:
        assert (f"contract {row['number']}, {row['starts_on']} to" in lines) is (row["contractor_id"] == 1)
    assert "  + riskLevel" in lines
    assert "  - idNumber                 No client of the role contractor sees this." in lines
    one = await said(world, "--client", "licheng", "--type", "Beneficiary", "--field", "school")
    assert "school" in one
    assert "riskLevel" not in one


async def test_a_day_to_come_and_scopes_not_granted_yet(world: World) -> None:
    now = await told(world, "--client", "licheng", "--type", "Beneficiary")
    far = await told(world, "--client", "licheng", "--type", "Beneficiary", on=dt.date(2031, 1, 1))
    live = [[c["live"] for c in each["viewer"]["Beneficiary"]["rows"]["contracts"]] for each in (now, far)]
    assert any(live[0])
    assert not any(live[1])
    assert (now["registration"], far["registration"]) == ("ACTIVE", "EXPIRED")
    more = await told(
        world, "--client", "bureau", "--type", "Beneficiary", "--scopes", "beneficiary.rs field:care"
    )
    assert (more["notGranted"], more["scopes"]) == ("field:care", "beneficiary.rs field:care")
    fields = {f["name"]: f["because"]["reason"] for f in more["viewer"]["Beneficiary"]["fields"]}
    assert (fields["riskLevel"], fields["name"]) == ("BY_SCOPE", "SCOPE_NOT_IN_TOKEN")


async def test_a_record_without_its_data(world: World) -> None:
    (node,) = (await world.ask(CONTRACTOR, "{ beneficiaries(first: 1) { nodes { id name } } }"))[
        "beneficiaries"
    ]["nodes"]
    text = await said(world, "--client", "licheng", "--id", node["id"], "--field", "idNumber")
    assert f"{node['id']}: seen." in text
    assert "contract HT-" in text
    assert "Seen up to " in text
    assert "idNumber: No client of the role contractor sees this." in text
    assert node["name"] not in text
    text = await said(world, "--client", "station", "--id", node["id"])
    seen = "not seen." if not node["id"].startswith("Beneficiary:450305") else ":"
    assert seen in text


async def test_the_question_is_in_the_access_log_and_not_as_the_clients(world: World) -> None:
    await said(world, "--client", "bureau", "--id", "Beneficiary:450305:1")
    rows = await world.database.fetch(
        "select client_id, user_id from access_entry order by sequence desc limit 1"
    )
    assert (rows[0]["client_id"], rows[0]["user_id"]) == (NAME, None)


async def test_a_user_through_a_client(world: World) -> None:
    found = await told(world, "--client", "station", "--user", "worker", "--type", "Beneficiary")
    assert (found["role"], found["user"], found["account"]) == ("township", "worker", "ACTIVE")
    fields = {f["name"]: f["because"]["reason"] for f in found["viewer"]["Beneficiary"]["fields"]}
    assert (fields["name"], fields["phone"]) == ("USER_LACKS_SCOPE", "SCOPE_NOT_GRANTED")
    (line,) = [
        x
        for x in (
            await said(world, "--client", "station", "--user", "worker", "--id", "Station:1")
        ).splitlines()
        if x.startswith("Station:1")
    ]
    assert line == "Station:1: not seen."


async def test_a_division_stands_among_the_grounds(world: World) -> None:
    person = next(p for p in world.rows["beneficiary"] if p["division_code"] == DONGJIANG)
    text = await said(world, "--client", "station", "--id", f"Beneficiary:450305:{person['id']}")
    assert f"division {DONGJIANG}" in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--client", "nobody"), "No client has this name. [NOT_FOUND]"),
        (("--client", "station", "--user", "nobody"), "No user has this login. [NOT_FOUND]"),
        (("--client", "station", "--user", "stranger"), "serves no users of this place. [BAD_ARGUMENT]"),
        (("--client", "station", "--type", "Nothing"), "[BAD_ARGUMENT]"),
        (("--client", "station", "--type", "Visit", "--field", "x"), "Expected a field of Visit."),
        (("--client", "station", "--id", "Visit"), "Expected an id as this hub gives them. [BAD_ARGUMENT]"),
        (("--client", "station", "--scopes", "all"), "A scope is one of"),
        (("--client", "station", "--purpose", "relief"), "[PURPOSE_REFUSED]"),
        (("--client", "station", "--field", "name"), "--field needs --type or --id."),
    ],
)
async def test_what_cannot_be_explained_is_said(world: World, words: tuple[str, ...], sentence: str) -> None:
    found = await explain(world, *words)
    assert found.exit_code
    assert sentence in found.output


@pytest.mark.parametrize(
    ("day", "stated"),
    [(None, True), (dt.timedelta(), True), (dt.timedelta(days=-1), False), (dt.timedelta(days=1), True)],
    ids=["now", "today", "yesterday", "tomorrow"],
)
async def test_what_was_granted_today_holds_now(
    world: World, monkeypatch: pytest.MonkeyPatch, day: dt.timedelta | None, stated: bool
) -> None:
    now = dt.datetime(2026, 6, 15, 17, 30, tzinfo=CHINA)
    monkeypatch.setattr("hub.supposed.china_now", lambda: now, raising=False)
    on = None if day is None else now.date() + day
    found = await suppose(world.database, "bureau", None, (), on, "visits")
    since = (now - dt.timedelta(hours=1)).timestamp()
    purpose = Purpose("visits", "走访", "Visits", roles=frozenset({"bureau"}), since=since)
    supposed = replace(found, client=replace(found.client, purposes=(purpose,), purpose_needed=True))
    if stated:
        supposed.viewer()
    else:
        with pytest.raises(HubError):
            supposed.viewer()


def test_alone_it_prints_the_page() -> None:
    assert CliRunner().invoke(main, ["access"]).output.startswith("# Who sees what")
