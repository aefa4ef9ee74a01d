"""Searching at once: what the standard's words mean, and that no more is told than by the graph."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
import pytest_asyncio

from hub.access.persons import person_key, token_of
from hub.domain.dates import china_now
from hub.oauth.person_keys import renew_person_key
from tests.support.dci import Party, by, expression, party, predicates, searching
from tests.support.serving import Served

PEOPLE = """query($where: BeneficiaryWhere, $after: String) {
  beneficiaries(where: $where, first: 200, after: $after) {
    nodes { id } pageInfo { endCursor hasNextPage } } }"""


async def listed(hub: Served, where: dict[str, Any], role: str = "bureau") -> list[str]:
    """Ids of a list of the graph, in its order."""
    found, after = [], None
    while True:
        page = (await hub.ask(PEOPLE, role, where=where, after=after)).json()["data"]["beneficiaries"]
        found += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def number_of(hub: Served, county: str = "450305") -> tuple[str, str]:
    """Id and number of somebody of the county."""
    for person in hub.world.rows["beneficiary"]:
        if person["county_code"] == county and person.get("id_number"):
            return f"Beneficiary:{county}:{person['id']}", hub.world.engine.vault.open(person["id_number"])
    raise AssertionError("nobody")


async def test_a_person_is_found_by_number_and_by_id(hub: Served, bureau: Party) -> None:
    id_, number = number_of(hub)
    for kind, value in (("NIN", number), ("UIN", number), ("NationalID", number), ("GLOBAL_ID", id_)):
        [record] = await bureau.records(by(kind, value))
        assert (record["@id"], record["@type"]) == (id_, "spdci:Member")
    asked = "query($id: ID!) { beneficiary(id: $id) { name sex birthOn phone address idNumber } }"
    person = (await hub.ask(asked, id=id_)).json()["data"]["beneficiary"]
    told = record["demographic_info"]
    assert told["name"]["full_name"] == person["name"]
    assert told.get("birth_date") == person["birthOn"]
    assert told.get("phone_number", [None])[0] == person["phone"]
    identifiers = {each["identifier_type"]: each["identifier_value"] for each in record["member_identifier"]}
    assert identifiers == {"GLOBAL_ID": id_, "NIN": person["idNumber"]}


async def test_nobody_is_told_from_somebody_else(hub: Served, bureau: Party) -> None:
    """A person of another county, and one who is nobody."""
    elsewhere, number = number_of(hub, "350582")
    for criteria in (
        by("NIN", number),
        by("GLOBAL_ID", elsewhere),
        by("GLOBAL_ID", "Beneficiary:450305:999999"),
    ):
        assert await bureau.records(criteria) == []


async def test_a_role_is_told_what_its_slice_shows(hub: Served) -> None:
    """The contractor finds nobody by a number; the township sees no full one."""
    _, number = number_of(hub)
    contractor, township = await party(hub, "contractor"), await party(hub, "township")
    [refused] = await contractor.search(by("NIN", number))
    assert (refused["status"], refused["data"]["reg_records"]) == ("rjct", [])
    records = [(await township.records(by("GLOBAL_ID", id_)))[0] for id_ in await listed(hub, {}, "township")]
    numbers = [each["identifier_value"] for record in records for each in record["member_identifier"][1:]]
    assert numbers
    assert all("*" in each for each in numbers)
    for role, who in (("contractor", contractor), ("township", township)):
        seen = set(await listed(hub, {}, role))
        everybody = expression({"age": {"$gte": 0}}, pagination={"page_size": 200})
        found = {each["@id"] for each in await who.records(everybody)}
        asked = set(await listed(hub, {"birthOn": {"isNull": False}}, role))
        assert found == asked
        assert found <= seen


TODAY = china_now().date()


def before(years: int) -> str:
    return TODAY.replace(year=TODAY.year - years, day=min(TODAY.day, 28)).isoformat()


CONDITIONS = [
    (expression({"birth_date": {"$lt": "1960-01-01"}}), {"birthOn": {"lt": "1960-01-01"}}),
    (
        expression({"$and": [{"birth_date": {"$gte": "1950-01-01"}}, {"birth_date": {"$lt": "1970-01-01"}}]}),
        {"birthOn": {"gte": "1950-01-01", "lt": "1970-01-01"}},
    ),
    (expression({"location": {"$eq": "450305001000"}}), {"divisionCode": {"within": "450305001000"}}),
    (expression({"location": "450305001000"}), {"divisionCode": {"within": "450305001000"}}),
    (
        expression({"$or": [{"risk_level": "LEVEL_1"}, {"risk_level": {"$in": ["LEVEL_2"]}}]}),
        {"riskLevel": {"in": ["LEVEL_1", "LEVEL_2"]}},
    ),
    (expression({"$not": {"risk_level": "LEVEL_1"}}), {"not": {"riskLevel": {"eq": "LEVEL_1"}}}),
    (
        predicates(
            {
                "seq_num": 1,
                "expression1": {
                    "attribute_name": "birth_date",
                    "operator": "ge",
                    "attribute_value": "1950-01-01",
                },
                "condition": "and",
                "expression2": {
                    "attribute_name": "risk_level",
                    "operator": "eq",
                    "attribute_value": "LEVEL_2",
                },
            }
        ),
        {"birthOn": {"gte": "1950-01-01"}, "riskLevel": {"eq": "LEVEL_2"}},
    ),
    (
        predicates(
            {
                "expression1": {
                    "attribute_name": "birth_date",
                    "operator": "lt",
                    "attribute_value": "1950-01-01",
                }
            },
            {
                "expression1": {
                    "attribute_name": "location",
                    "operator": "eq",
                    "attribute_value": "450305001000",
                }
            },
        ),
        {"birthOn": {"lt": "1950-01-01"}, "divisionCode": {"within": "450305001000"}},
    ),
    (
        expression({"programme_identifier": "DIBAO"}),
        {"memberships": {"category": {"eq": "DIBAO"}, "activeOn": TODAY.isoformat()}},
    ),
]


@pytest.mark.parametrize(("criteria", "where"), CONDITIONS)
async def test_a_condition_finds_what_the_graph_finds(
    hub: Served, bureau: Party, criteria: dict[str, Any], where: dict[str, Any]
) -> None:
    found = await bureau.records({**criteria, "pagination": {"page_size": 200}})
    assert {each["@id"] for each in found} == set(await listed(hub, where))


@pytest.mark.parametrize("sign", ["$lt", "$lte", "$eq", "$gte", "$gt"])
async def test_an_age_is_of_whole_years(hub: Served, bureau: Party, sign: str) -> None:
    def age(born: dt.date) -> int:
        return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))

    compare = {
        "$lt": int.__lt__,
        "$lte": int.__le__,
        "$eq": int.__eq__,
        "$gte": int.__ge__,
        "$gt": int.__gt__,
    }
    people = [p for p in hub.world.rows["beneficiary"] if p["county_code"] == "450305" and p["birth_on"]]
    seen = set(await listed(hub, {}))
    years = age(sorted(p["birth_on"] for p in people)[len(people) // 2])
    right = {
        f"Beneficiary:450305:{p['id']}" for p in people if compare[sign](age(p["birth_on"]), years)
    } & seen
    found = await bureau.records(expression({"age": {sign: years}}, pagination={"page_size": 200}))
    assert {each["@id"] for each in found} == right
    assert right or sign == "$eq"


async def test_pages_are_numbered_and_hold_every_record_once(hub: Served, bureau: Party) -> None:
    everybody = await listed(hub, {"birthOn": {"isNull": False}})
    found: list[str] = []
    for number in range(1, len(everybody) // 7 + 3):
        pages = {"page_size": 7, "page_number": number}
        [item] = await bureau.search(expression({"age": {"$gte": 0}}, pagination=pages))
        assert item["pagination"] == {**pages, "total_count": len(everybody)}
        found += [each["@id"] for each in item["data"]["reg_records"]]
    assert found == everybody


async def test_a_page_may_be_sorted(hub: Served, bureau: Party) -> None:
    sort = [{"attribute_name": "birth_date", "sort_order": "desc"}]
    found = await bureau.records(expression({"age": {"$gte": 0}}, sort=sort, pagination={"page_size": 50}))
    days = [each["demographic_info"]["birth_date"] for each in found]
    assert days == sorted(days, reverse=True)


async def test_a_household_is_a_group(hub: Served, bureau: Party) -> None:
    asked = "{ households(first: 1) { nodes { id householdNumber members { nodes { id } } } } }"
    [home] = (await hub.ask(asked)).json()["data"]["households"]["nodes"]
    for kind, value in (("GLOBAL_ID", home["id"]), ("HOUSEHOLD_ID", home["householdNumber"])):
        records = await bureau.records(by(kind, value, response_entity="Group"))
        [record] = [each for each in records if each["@id"] == home["id"]]
        assert record["group_type"] == "household"
        members = [each["@id"] for each in record["member_list"]]
        assert members == [each["id"] for each in home["members"]["nodes"]]
    old = expression({"age": {"$gte": 0}}, response_entity="Group", pagination={"page_size": 3})
    assert all(each["@type"] == "spdci:Group" for each in await bureau.records(old))


WRONG = [
    (by("MOBILE", "13800000000"), "rjct.search_criteria.invalid"),
    (by("NIN", "12345"), "rjct.search_criteria.invalid"),
    (by("NIN", {"value": True}), "rjct.search_criteria.invalid"),
    (by("FARM_REG_NO", "1"), "rjct.search_criteria.invalid"),
    (expression({"poverty_score": {"$lt": 5}}), "rjct.search_criteria.invalid"),
    (expression({"age": {"$near": 5}}), "rjct.search_criteria.invalid"),
    (expression({"age": {"$lt": "many"}}), "rjct.search_criteria.invalid"),
    (expression({"risk_level": "HIGHEST"}), "rjct.search_criteria.invalid"),
    (expression({"birth_date": {"$in": ["1950-01-01"]}}), "rjct.search_criteria.invalid"),
    (expression({}), "rjct.search_criteria.invalid"),
    (expression({"age": {}}), "rjct.search_criteria.invalid"),
    (expression({"$or": [{"age": 5}, {}]}), "rjct.search_criteria.invalid"),
    (expression({"$not": {}}), "rjct.search_criteria.invalid"),
    ({"query_type": "expression", "query": "age < 5"}, "rjct.search_criteria.invalid"),
    (predicates(), "rjct.search_criteria.invalid"),
    (predicates({"expression1": {"attribute_name": "age"}}), "rjct.search_criteria.invalid"),
    (expression({"age": {"$gte": 0}}, pagination={"page_size": 201}), "rjct.pagination.invalid"),
    (
        expression({"age": {"$gte": 0}}, pagination={"page_size": 200, "page_number": 60}),
        "rjct.pagination.invalid",
    ),
    (expression({"age": {"$gte": 0}}, sort=[{"attribute_name": "sex"}]), "rjct.sort.invalid"),
]


@pytest.mark.parametrize(("criteria", "code"), WRONG)
async def test_what_is_wrong_is_told_at_its_place_and_not_repeated(
    hub: Served, bureau: Party, criteria: dict[str, Any], code: str
) -> None:
    id_, number = number_of(hub)
    first, item, last = await bureau.search(by("NIN", number), criteria, by("GLOBAL_ID", id_))
    assert (item["status"], item["status_reason_code"]) == ("rjct", code)
    assert item["reference_id"] == "r-1"
    assert "138000" not in item["status_reason_message"]
    assert [each["data"]["reg_records"][0]["@id"] for each in (first, last)] == [id_, id_]


async def test_a_purpose_is_stated_by_the_item(hub: Served, bureau: Party) -> None:
    id_, _ = number_of(hub)
    for word in ("authorize", "consent"):
        [item] = await bureau.search(by("GLOBAL_ID", id_, **{word: {"purpose": {"code": "nobodys"}}}))
        assert item["status"] == "rjct"
    [item] = await bureau.search(by("GLOBAL_ID", id_, authorize={"purpose": {"text": "no code"}}))
    assert item["status"] == "succ"


async def test_everything_is_in_the_access_log(hub: Served, bureau: Party) -> None:
    id_, _ = number_of(hub)
    log = "query($id: ID!) { accessLog(beneficiary: $id) { number } }"
    before = (await hub.ask(log, id=id_)).json()["data"]["accessLog"]
    await bureau.records(by("GLOBAL_ID", id_))
    after = (await hub.ask(log, id=id_)).json()["data"]["accessLog"]
    assert int(after[0]["number"]) > int(before[0]["number"])


async def test_an_answer_is_a_message_that_is_signed(hub: Served, bureau: Party) -> None:
    from joserfc import jws
    from joserfc.jwk import KeySet

    from hub.dci.signature import content_of
    from hub.oauth.jose import OURS

    answer = await bureau.send("social/registry/sync/search", "search", searching(by("GLOBAL_ID", "x")))
    body = answer.json()
    assert body["header"]["action"] == "on-search"
    assert (body["header"]["receiver_id"], body["header"]["status"]) == ("bureau", "rjct")
    keys = KeySet.import_key_set((await hub.http.get("/oauth/jwks.json")).json())
    jws.deserialize_compact(body["signature"], keys, registry=OURS, payload=content_of(body))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh(hub: Served) -> None:
    """What the agency's county is told of is as new as promised."""
    await hub.world.database.fetch("select setval(pg_get_serial_sequence('sync_run', 'id'), 2000)")
    await hub.world.database.fetch(
        "insert into sync_run (source_id, started_at, status) values (1, now(), 'SUCCEEDED')"
    )
    await hub.world.database.fetch("""
        insert into programme_source (category, county_code, source_id)
        select unnest($1::text[]), '450305', 1 on conflict do nothing""", PROGRAMMES)  # fmt: skip
    await asyncio.sleep(2.1)  # what was known before is forgotten


PROGRAMMES = ["DIBAO", "TEKUN", "TEMP_AID", "ORPHAN", "DE_FACTO_UNATTENDED", "SEVERE_DISABLED", "DISABLED"]


def entitled(hub: Served, *programmes: str) -> tuple[str, str]:
    """Number and programme of somebody of Qixing who is in one of these today."""
    rows, today = hub.world.rows, TODAY
    people = {p["id"]: p for p in rows["beneficiary"] if p["county_code"] == "450305"}
    for m in rows["category_membership"]:
        person = people.get(m["beneficiary_id"]) if m["county_code"] == "450305" else None
        stands = m["starts_on"] <= today and (m["ends_on"] is None or today <= m["ends_on"])
        known = person and person.get("id_number") and not person["deceased_on"]
        if person and known and stands and m["category"] in programmes:
            return hub.world.engine.vault.open(person["id_number"]), m["category"]
    raise AssertionError("nobody")


STRANGER = "459999195003070019"


async def asked(who: Party, path: str, word: str, query: dict[str, Any]) -> dict[str, Any]:
    message = {"transaction_id": "t", f"{word}_criteria": {"query_type": "idtype-value", "query": query}}
    answer = await who.send(path, "search", message)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


IBR, DR = "ibr/registry/sync/enrolled", "dr/registry/sync/disabled"


async def test_what_is_neither_yes_nor_no_is_no_answer(hub: Served, agency: Party) -> None:
    number, _ = entitled(hub, *PROGRAMMES)
    await hub.world.database.fetch("update sync_run set status = 'FAILED'")
    await asyncio.sleep(2.1)
    unsure = await asked(agency, IBR, "enrolled", {"type": "NIN", "value": number})
    assert unsure["header"]["status"] == "rjct"
    assert unsure["header"]["status_reason_message"].startswith(("UNKNOWN", "STALE"))
    assert unsure["message"]["enrolled_response"] == []


async def test_a_yes_is_one_whatever_else_is_unsure(hub: Served, agency: Party, fresh: None) -> None:
    """Who is in one of them is in any; of who is in none that is fresh nobody can say so."""
    number, programme = entitled(hub, *PROGRAMMES)
    other = "TEMP_AID" if programme != "TEMP_AID" else "DIBAO"
    rows = await hub.world.database.fetch(
        "delete from programme_source where category = $1 returning *", other
    )
    await asyncio.sleep(2.1)
    try:
        found = await asked(agency, IBR, "enrolled", {"type": "NIN", "value": number})
        assert found["message"]["enrolled_response"][0]["enrolled_status"] == "yes"
        unsure = await asked(agency, IBR, "enrolled", {"type": "NIN", "value": STRANGER})
        assert unsure["header"]["status_reason_message"].startswith("UNKNOWN")
    finally:
        async with hub.world.database.transaction() as connection:
            await connection.executemany(
                "insert into programme_source (category, county_code, source_id) values ($1, $2, $3)",
                [(row["category"], row["county_code"], row["source_id"]) for row in rows],
            )
        await asyncio.sleep(2.1)


async def test_how_long_a_person_took_is_not_told(hub: Served, bureau: Party) -> None:
    id_, number = number_of(hub)
    items = await bureau.search(*[by("NIN", number), by("GLOBAL_ID", id_), by("NIN", STRANGER)] * 5)
    assert len({each["timestamp"] for each in items}) == 1


async def test_yes_and_no_are_told(hub: Served, agency: Party, fresh: None) -> None:
    number, programme = entitled(hub, *PROGRAMMES)
    for query, status in (
        ({"type": "NIN", "value": number}, "yes"),
        ({"type": "NIN", "value": number, "programme": programme}, "yes"),
        ({"type": "NIN", "value": STRANGER}, "no"),
        ({"type": "NIN", "value": STRANGER, "programme": programme}, "no"),
    ):
        body = await asked(agency, IBR, "enrolled", query)
        [item] = body["message"]["enrolled_response"]
        assert (body["header"]["status"], item["enrolled_status"]) == ("succ", status)
    body = await asked(agency, DR, "disabled", {"type": "NIN", "value": STRANGER})
    assert body["message"]["disabled_response"][0]["disabled_status"] == "no"
    for query in ({"type": "NIN", "value": "1"}, {"type": "GLOBAL_ID", "value": "x"}, {},
                  {"type": "NIN", "value": number, "programme": "LEFT_BEHIND_CHILD"}):  # fmt: skip
        body = await asked(agency, IBR, "enrolled", query)
        assert (body["header"]["status"], body["message"]["enrolled_response"]) == ("rjct", [])


async def test_an_agency_finds_programmes_and_no_person(hub: Served, agency: Party, fresh: None) -> None:
    number, programme = entitled(hub, *PROGRAMMES)
    [record] = await agency.records(by("NIN", number))
    assert set(record) == {"@context", "@type", "member_identifier", "programmes"}
    assert programme in [each["programme_identifier"] for each in record["programmes"]]
    assert await agency.records(by("NIN", STRANGER)) == []
    for criteria in (expression({"age": {"$lt": 5}}), by("GLOBAL_ID", "Beneficiary:450305:1"),
                     by("NIN", number, response_entity="Group")):  # fmt: skip
        [item] = await agency.search(criteria)
        assert (item["status"], item["data"]["reg_records"]) == ("rjct", [])


async def test_a_person_may_be_named_by_a_token(hub: Served, agency: Party, fresh: None) -> None:
    number, _ = entitled(hub, *PROGRAMMES)
    key = await renew_person_key(hub.world.database, "agency", dt.timedelta(0))
    await hub.sign_in("agency")
    vault = hub.world.engine.vault
    token = token_of(person_key(vault, "agency", key), key, number)
    [record] = await agency.records(by("TOKEN", token))
    [by_number] = await agency.records(by("NIN", number))
    assert record["programmes"] == by_number["programmes"]
    assert number not in str(record)
    assert (await asked(agency, IBR, "enrolled", {"type": "TOKEN", "value": token}))["message"][
        "enrolled_response"
    ][0]["enrolled_status"] == "yes"
