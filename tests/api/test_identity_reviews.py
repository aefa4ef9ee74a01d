"""同一人核验: a bureau is asked about two files it sees, links them, and takes the link back."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Viewer
from hub.domain.id_number import make_id_number
from hub.store.vault import Vault
from hub.tables import LINKABLE
from tests.support.county import TODAY
from tests.support.oracle import Oracle
from tests.support.reading import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    JINJIANG,
    OPERATOR,
    PROVINCE,
    TOWNSHIP,
    World,
    schema,
    small_world,
    viewer,
    without_minor,
)

COUNTY: Final = "450305"
SIDES: Final = (
    "first { id nameMasked } second { id nameMasked } firstAlone { id } secondAlone { id nameMasked }"
)
ASKED: Final = f"""{{ identityReviews(where: {{status: {{eq: PENDING}}}}) {{
    totalCount nodes {{ id score reasons byRule {SIDES} }} }} }}"""
SHOWN: Final = (
    f"query ($id: ID!) {{ identityReview(id: $id) {{ status decidedAt decisionReason byRule {SIDES} }} }}"
)
DECIDE: Final = f"""mutation ($review: ID!, $status: IdentityStatus!, $reason: String!) {{
    decideIdentity(review: $review, status: $status, reason: $reason) {{
        id status decisionReason {SIDES} }} }}"""
UNLINK: Final = """mutation ($review: ID!, $reason: String!) {
    unlinkIdentity(review: $review, reason: $reason) { status } }"""
LOG: Final = "query ($id: ID!) { accessLog(beneficiary: $id, first: 200) { fields operation } }"
REASON: Final = "户籍核实"
ELSEWHERE: Final = viewer("bureau", JINJIANG)


@pytest.fixture(scope="module")
async def made() -> AsyncIterator[World]:
    async with small_world(11) as world:
        # The world's own links and questions are of files that were never merged.
        await world.database.owner.execute("truncate beneficiary_apart, identity_review")
        yield world


@pytest.fixture
async def world(made: World) -> AsyncIterator[World]:
    """With a question about two grown-ups of one county, of whom the second has no number."""
    await made.database.owner.execute(
        "update beneficiary set id_number = null, id_number_hash = null where id = $1",
        pair(made)[1],
    )
    await made.database.owner.execute(
        """insert into identity_review (county_code, id, first_id, second_id, status, score, reasons,
            found_at, first_print, second_print)
        values ($1, 1, $2, $3, 'PENDING', 0.4, '{姓名相同 / Name: the same}', now(), '', '')""",
        COUNTY, *pair(made),
    )  # fmt: skip
    yield made
    await made.ask(BUREAU, UNLINK, review=ID, reason=REASON) if await linked(made) else None
    await made.database.owner.execute("truncate identity_review, write_key")


ID: Final = f"IdentityReview:{COUNTY}:1"


def pair(world: World) -> tuple[int, int]:
    people = Oracle(world.rows, without_minor(BUREAU), TODAY).seen("beneficiary")
    first, second = sorted(p["id"] for p in people if p["county_code"] == COUNTY)[:2]
    return first, second


async def linked(world: World) -> bool:
    return bool(await world.database.owner.fetchval("select count(*) from beneficiary_apart"))


def decided(world: World, who: Viewer, status: str = "LINKED", reason: str = REASON) -> Any:
    return world.ask(who, DECIDE, review=ID, status=status, reason=reason)


@pytest.mark.parametrize("who", [BUREAU, PROVINCE, without_minor(BUREAU)])
async def test_a_bureau_sees_both_sides_and_why(world: World, who: Viewer) -> None:
    (found,) = (await world.ask(who, ASKED))["identityReviews"]["nodes"]
    first, second = (f"Beneficiary:{COUNTY}:{number}" for number in pair(world))
    assert (found["first"]["id"], found["second"]["id"]) == (first, second)
    assert found["reasons"] == ["姓名相同 / Name: the same"]
    assert (found["score"], found["byRule"], found["firstAlone"]) == ("0.400", False, None)


async def test_a_question_is_seen_by_who_sees_both(world: World) -> None:
    assert (await world.ask(ELSEWHERE, ASKED))["identityReviews"]["totalCount"] == 0
    child = await world.database.owner.fetchval(
        "select id from beneficiary where county_code = $1 and shown_from_on > $2 limit 1", COUNTY, TODAY
    )
    await world.database.owner.execute("update identity_review set second_id = $1", child)
    assert (await world.ask(BUREAU, ASKED))["identityReviews"]["totalCount"] == 1
    assert (await world.ask(without_minor(BUREAU), ASKED))["identityReviews"]["totalCount"] == 0
    assert (
        await world.code(without_minor(BUREAU), DECIDE, review=ID, status="LINKED", reason=REASON)
        == "FORBIDDEN"
    )
    await world.database.owner.execute("update identity_review set second_id = $1", pair(world)[1])


@pytest.mark.parametrize("who", [TOWNSHIP, CONTRACTOR, AGENCY, OPERATOR])
async def test_nobody_else_is_asked(who: Viewer) -> None:
    told: Any = schema(who)
    assert "IdentityReview" not in told.type_map
    assert "decideIdentity" not in (told.mutation_type.fields if told.mutation_type else {})


async def test_deciding_needs_its_scope(world: World) -> None:
    scopes = [scope for scope in DEFAULT_SCOPES["bureau"] if scope != "match.rsx"] + ["match.rs"]
    told: Any = schema(viewer("bureau", "450305000000", scopes=scopes))
    assert "IdentityReview" in told.type_map
    assert "decideIdentity" not in told.mutation_type.fields


async def test_two_files_are_shown_as_one_and_as_two_again(world: World) -> None:
    before = await rows(world)
    first, second = (f"Beneficiary:{COUNTY}:{number}" for number in pair(world))
    hanging = """query ($id: ID!) { node(id: $id) { id ... on Beneficiary {
        visits { totalCount } memberships { totalCount } provenance { recordKey } } } }"""
    alone = [(await world.ask(BUREAU, hanging, id=one))["node"] for one in (first, second)]
    done = (await decided(world, BUREAU))["decideIdentity"]
    assert (done["status"], done["decisionReason"]) == ("LINKED", REASON)
    assert (done["first"]["id"], done["second"]) == (first, None)
    assert (done["firstAlone"]["id"], done["secondAlone"]["id"]) == (
        f"BeneficiaryApart:{COUNTY}:{pair(world)[0]}",
        f"BeneficiaryApart:{COUNTY}:{pair(world)[1]}",
    )
    for asked in (first, second):  # by either id
        found = (await world.ask(BUREAU, hanging, id=asked))["node"]
        assert found["id"] == first
        for name in ("visits", "memberships"):
            assert found[name]["totalCount"] == sum(one[name]["totalCount"] for one in alone)
    by_id = "query ($id: ID!) { beneficiary(id: $id) { id } }"
    assert (await world.ask(BUREAU, by_id, id=second))["beneficiary"]["id"] == first
    assert (await world.ask(ELSEWHERE, by_id, id=second))["beneficiary"] is None
    assert (await world.ask(BUREAU, UNLINK, review=ID, reason=REASON))["unlinkIdentity"][
        "status"
    ] == "DIFFERENT"
    assert await rows(world) == before


async def rows(world: World) -> dict[str, list[str]]:
    names = (LINKABLE.golden.name, LINKABLE.record.name, *LINKABLE.referring)
    query = "select (to_jsonb(t) - 'made_at')::text from {} t order by 1"  # made anew where it is undone
    return {name: [r[0] for r in await world.database.owner.fetch(query.format(name))] for name in names}


async def test_a_person_is_found_by_either_number(world: World) -> None:
    first, second = pair(world)
    owner = world.database.owner
    vault = Vault(bytes(range(32)))
    numbers = [make_id_number("459999", dt.date(1950, 1, 1), 100 + n) for n in (1, 2)]
    for number, person in zip(numbers, (first, second), strict=True):
        await owner.execute(
            "update beneficiary set id_number = $2, id_number_hash = $3, deceased_on = null where id = $1",
            person, vault.seal(number), vault.look_up(vault.blind(number)),
        )  # fmt: skip
    await owner.execute(
        """update category_membership
        set beneficiary_id = $1, category = 'DIBAO', starts_on = $2, ends_on = null
        where id = (select min(id) from category_membership where county_code = $3)""",
        second, TODAY, COUNTY,
    )  # fmt: skip
    await owner.execute("update beneficiary_record set deceased_on = null where entity_id = $1", first)
    await decided(world, BUREAU)
    by_number = "query ($n: String!) { beneficiary(idNumber: $n) { id } }"
    status = "query ($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }"
    for number in numbers:
        found = (await world.ask(BUREAU, by_number, n=number))["beneficiary"]
        assert found == {"id": f"Beneficiary:{COUNTY}:{first}"}
        assert (await world.ask(AGENCY, status, n=number))["beneficiaryStatus"] == {"entitled": True}
    await owner.execute("select setval(pg_get_serial_sequence('sync_run', 'id'), 9000)")
    await owner.execute(
        "insert into sync_run (source_id, started_at, status) select id, now(), 'SUCCEEDED' from source"
    )
    await owner.execute(
        """insert into programme_source (category, county_code, source_id)
        select 'DIBAO', $1, id from source on conflict do nothing""", COUNTY,
    )  # fmt: skip
    persons = [{"idNumber": number} for number in (*numbers, make_id_number("459999", TODAY, 5), *numbers)]
    many = "query($p: [PersonInput!]!) { eligibilities(persons: $p, programme: DIBAO) { items { answer } } }"
    found = (await world.ask(AGENCY, many, p=persons))["eligibilities"]["items"]
    assert [each["answer"] == "YES" for each in found] == [True, True, False, True, True]


async def test_provenance_tells_the_day_of_birth_that_is_shown(world: World) -> None:
    """The number's own, whatever list the file without a number is on."""
    first, second = pair(world)
    owner = world.database.owner
    say = "update beneficiary_record set birth_on = $2, precedence = $3 where entity_id = $1"
    for person, day, precedence in ((first, dt.date(1950, 1, 1), 5), (second, dt.date(1990, 1, 1), 0)):
        await owner.execute("update beneficiary set birth_on = $2 where id = $1", person, day)
        await owner.execute(say, person, day, precedence)
    vault = Vault(bytes(range(32)))
    number = make_id_number("459999", dt.date(1950, 1, 1), 103)
    await owner.execute(
        "update beneficiary set id_number = $2, id_number_hash = $3 where id = $1",
        first, vault.seal(number), vault.look_up(vault.blind(number)),
    )  # fmt: skip
    await decided(world, BUREAU)
    told = """query ($id: ID!, $rule: ChosenBy!) {
        beneficiary(id: $id) { birthOn provenance { field value rule conflicting competing { value } } }
        beneficiaries(where: {provenance: {field: {eq: "birthOn"}, rule: {eq: $rule}}}) { nodes { id } } }"""
    person_id = f"Beneficiary:{COUNTY}:{first}"
    answer = await world.ask(BUREAU, told, id=person_id, rule="NUMBER")
    (birth,) = [each for each in answer["beneficiary"]["provenance"] if each["field"] == "birthOn"]
    assert answer["beneficiary"]["birthOn"] == birth["value"] == "1950-01-01"
    assert (birth["rule"], birth["conflicting"]) == ("NUMBER", True)
    assert "1990-01-01" in [each["value"] for each in birth["competing"]]
    assert answer["beneficiaries"]["nodes"] == [{"id": person_id}]


async def test_what_was_decided_is_decided(world: World) -> None:
    assert await world.code(ELSEWHERE, DECIDE, review=ID, status="LINKED", reason=REASON) == "FORBIDDEN"
    for status, reason in (("PENDING", REASON), ("LINKED", " ")):
        assert await world.code(BUREAU, DECIDE, review=ID, status=status, reason=reason) == "BAD_ARGUMENT"
    assert await world.code(BUREAU, UNLINK, review=ID, reason=REASON) == "CONFLICT"
    done = (await decided(world, BUREAU, "DIFFERENT"))["decideIdentity"]
    assert done["status"] == "DIFFERENT"
    known = "select length(first_print) > 0 and length(second_print) > 0 from identity_review"
    assert await world.database.owner.fetchval(known), "what it was decided on"
    assert await world.code(BUREAU, DECIDE, review=ID, status="LINKED", reason=REASON) == "CONFLICT"
    assert not await linked(world)


async def test_a_decision_is_in_the_access_log_of_both(world: World) -> None:
    await decided(world, BUREAU)
    first, second = pair(world)
    seen = (await world.ask(BUREAU, LOG, id=f"Beneficiary:{COUNTY}:{first}"))["accessLog"]
    assert any("Beneficiary.identityReview" in entry["fields"] for entry in seen)
    records = await world.database.owner.fetchval(
        "select records from access_entry where 'identity_review' = any (tables) and records like $1 limit 1",
        f"%{COUNTY}:{second}/%",
    )
    assert f"{COUNTY}:{first}/" in records
    alone = f'query Alone {{ identityReview(id: "{ID}") {{ secondAlone {{ name }} }} }}'
    await world.ask(BUREAU, alone)
    assert "Alone" in await operations(world, first)
    # What was shown of the second before is told of the person, while the two are linked.
    await world.ask(BUREAU, UNLINK, review=ID, reason=REASON)
    name = "query Before ($id: ID!) { beneficiary(id: $id) { name } }"
    await world.ask(BUREAU, name, id=f"Beneficiary:{COUNTY}:{second}")
    assert "Before" not in await operations(world, first)
    await world.database.owner.execute("update identity_review set status = 'PENDING'")
    await decided(world, BUREAU)
    assert "Before" in await operations(world, first)


async def operations(world: World, person: int) -> list[str]:
    entries = (await world.ask(BUREAU, LOG, id=f"Beneficiary:{COUNTY}:{person}"))["accessLog"]
    return [entry["operation"] for entry in entries]
