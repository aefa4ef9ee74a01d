"""Every persona asks the same questions; each answer is what an independent reading of the world predicts."""

from __future__ import annotations

import time
from typing import Final

import orjson
import pytest

from connectors.emulators.rosters import MARKER
from tests.e2e.asked import asked, page_of
from tests.e2e.conftest import Filled
from tests.e2e.eyes import same, unordered
from tests.e2e.questions import PERSONAS, QUESTIONS
from tests.e2e.truth import FIELDS, RELATIONS


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("who", PERSONAS)
async def test_same_question_own_answer(filled: Filled, who: str, name: str) -> None:
    """Lists, counts and everything nested in them; what a role may not know does not exist for it."""
    kind, root, text = QUESTIONS[name]
    whole, eyes = asked(text), filled.eyes(who)
    own = eyes.own(kind, whole) if kind in eyes.types else ()
    if own != whole:
        errors = await filled.hub.refuses(who, page_of(root, whole), {"first": 1})
        assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}
    if own:
        answer = await filled.hub.everything(who, page_of(root, own), root)
        same(unordered(answer), unordered(eyes.page(kind, own)))


def test_every_persona_is_asked_and_has_something_to_see(filled: Filled) -> None:
    assert tuple(filled.specs) == PERSONAS
    for who in PERSONAS:
        eyes = filled.eyes(who)
        for kind in eyes.types & RELATIONS.keys():
            seen = len(eyes.all(kind))
            assert seen, (who, kind)
            if kind not in ("Division", "Contractor") and who != "operator":
                assert seen < len(filled.truth.things[kind]), (who, kind)


DIVISIONS: Final = """code name fullName level kind stations { totalCount nodes { name } }
    contracts { totalCount nodes { number } } residents { totalCount nodes { nameMasked idNumber } }
    children(first: 1) { totalCount }"""


@pytest.mark.parametrize("tree", ["450305", "350582101"])
@pytest.mark.parametrize("who", PERSONAS)
async def test_divisions_are_everybodys_but_not_who_lives_there(filled: Filled, who: str, tree: str) -> None:
    eyes = filled.eyes(who)
    fields = tuple(each for each in eyes.own("Division", asked(DIVISIONS)) if each.name != "children")
    query = page_of("divisions", fields, f'{{code: {{within: "{tree}"}}}}')
    answer = await filled.hub.everything(who, query, "divisions", first=200)
    same(unordered(answer), unordered(eyes.page("Division", fields, {"code": {"within": tree}})))


ANSWERS: Final = ("beneficiaryStatus", "eligibility", "eligibilities")
ROOTS: Final = {
    "bureau": {
        "stations", "station", "personnel", "contractors", "contractor", "contracts", "contract",
        "households", "household", "beneficiaries", "beneficiary", "assignments", "visits", "sources",
        "quarantinedRows", *ANSWERS, "accessLog", "referral", "referrals", "deletionDuty",
        "deletionDuties", "deletionCertificates", "emergencyAccesses", "warnings", "fieldOverrides",
        "correctionRequests", "identityReview", "identityReviews",
        "reliefEpisodes", "streetEncounters", "sourceDrifts", "reconciliations",
        "groupWorks", "communityActivities", "publicityEvents", "patrols", "trainingEvents", "handovers",
        "incidents", "archiveTransfers", "reports", "evaluations", "expenditures", "fundSources",
        "dossiers", "riskAssessments", "needs", "assessments", "guardians", "protectionCases", "cases",
        "hospitalEscorts", "childWorkers", "subsidyChecks", "compliance",
        "complianceSummary", "beneficiaryVerdicts", "dueVisits", "overdue", "quotas", "reportsDue",
        "staffGaps", "funds", "milestones", "reportDraft", "caseload",
    },
    "agency": {*ANSWERS, "watches"},
    "operator": {"stations", "station", "contractors", "contractor", "sources", "sourceDrifts"},
}  # fmt: skip
OF_EVERYBODY: Final = {
    "viewer", "schemaChanges", "node", "nodes", "division", "divisions", "formerDivisions", "explainAccess",
    "explainList", "rules", "catalogues",
}  # fmt: skip
ROOTS["township"] = ROOTS["bureau"] - {
    "quarantinedRows", "accessLog", "identityReview", "identityReviews", "sourceDrifts", "reconciliations",
    "fundSources", "subsidyChecks",
}  # fmt: skip
ROOTS["contractor"] = {"subsidyChecks"} | ROOTS["township"] - {
    "sources", "complianceSummary", *ANSWERS, "emergencyAccesses", "warnings",
}  # fmt: skip


@pytest.mark.parametrize("who", PERSONAS)
async def test_what_a_role_may_not_ask_does_not_exist(filled: Filled, who: str) -> None:
    eyes = filled.eyes(who)
    answer = await filled.hub.ask(
        who, "{ __schema { queryType { fields { name } } types { name fields { name } } } }"
    )
    roots = {field["name"] for field in answer["__schema"]["queryType"]["fields"]}
    numbers = {root for root in roots if root.endswith("Aggregate")}
    # Who may not see children would be told no of each of them.
    hidden = set(ANSWERS) if who == "province-bureau" else set()
    assert roots - numbers == ROOTS[eyes.spec.role] - hidden | OF_EVERYBODY
    assert {root.removesuffix("Aggregate") for root in numbers} <= roots | {"memberships"}
    types = {found["name"]: found["fields"] for found in answer["__schema"]["types"]}
    every = RELATIONS.keys() | {"Source", "SyncRun", "QuarantinedRow"}
    assert types.keys() & every == eyes.types
    for kind in eyes.types & RELATIONS.keys():
        shown = {field["name"] for field in types[kind]}
        for fields in FIELDS[kind].values():
            for name in fields:
                assert (name in shown) is eyes.has(kind, name), (kind, name)


async def test_the_viewer_is_told_who_it_is(filled: Filled) -> None:
    for who, spec in filled.specs.items():
        viewer = (await filled.hub.ask(who, "{ viewer { role divisionCode readable { name } } }"))["viewer"]
        assert (viewer["role"], viewer["divisionCode"]) == (spec.role, spec.division_code)
        readable = {each["name"] for each in viewer["readable"]}
        assert ("beneficiary" in readable) is ("Beneficiary" in filled.eyes(who).types)


async def test_sources_are_fresh_and_hold_what_was_published(filled: Filled) -> None:
    """The operator sees every source and no person; a bureau and a township see their own."""
    published = orjson.loads((filled.hub.settings.data_dir / "upstream" / MARKER).read_bytes())["rows"]
    for who in PERSONAS:
        eyes = filled.eyes(who)
        runs = "runs { nodes { status readCount acceptedCount quarantinedCount error } }"
        query = page_of(
            "sources", asked(f"code divisionCode lastStatus {'' if 'SyncRun' not in eyes.types else runs}")
        )
        if "Source" not in eyes.types:
            await filled.hub.refuses(who, query, {"first": 1})
            continue
        found = (await filled.hub.everything(who, query, "sources"))["nodes"]
        counties = {
            each for each in published if eyes.spec.role == "operator" or each.startswith(eyes.area[:6])
        }
        assert {source["code"] for source in found} == {f"roster-{county}" for county in counties}
        for source in found:
            rows = sum(published[source["divisionCode"][:6]].values())
            assert source["lastStatus"] == "SUCCEEDED"
            for run in source.get("runs", {"nodes": []})["nodes"]:
                assert run == {
                    "status": "SUCCEEDED", "readCount": rows, "acceptedCount": rows, "quarantinedCount": 0,
                    "error": None,
                }  # fmt: skip
        assert eyes.spec.role != "operator" or len(found) == len(filled.world.counties)


async def test_nobody_is_nobody(filled: Filled) -> None:
    token = await filled.hub.token("county-bureau-qixing")
    query = {"query": "{ beneficiaries { totalCount } }"}
    for value in (None, "Bearer", f"Bearer {token}x", f"Bearer {token[:-8]}AAAAAAAA", f"Basic {token}"):
        headers = {} if value is None else {"Authorization": value}
        for answer in (
            await filled.hub.http.post("/graphql", json=query, headers=headers),
            await filled.hub.http.get("/graphql", params=query, headers=headers),
        ):
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "data" not in answer.json()


async def test_a_narrow_token_shows_less_than_the_client_may_see(filled: Filled) -> None:
    hub, who = filled.hub, "county-bureau-qixing"
    hub.tokens[who] = time.monotonic(), await hub.new_token(who, "beneficiary.rs field:care field:minor")
    try:
        total = (await hub.ask(who, "{ beneficiaries { totalCount } }"))["beneficiaries"]["totalCount"]
        assert total == len(filled.eyes(who).all("Beneficiary"))
        for query in ("{ beneficiaries { nodes { name } } }", "{ stations { totalCount } }"):
            await hub.refuses(who, query)
        query = '{ viewer { access(type: "Beneficiary") { fields { name visible because { reason } } } } }'
        fields = (await hub.ask(who, query))["viewer"]["access"]["fields"]
        hidden = {f["name"]: f["because"]["reason"] for f in fields if not f["visible"]}
        assert {"name", "station", "phone"} <= hidden.keys()
        assert set(hidden.values()) == {"SCOPE_NOT_IN_TOKEN"}
    finally:
        del hub.tokens[who]


@pytest.mark.parametrize("who", [who for who in PERSONAS if not who.startswith("agency")])
async def test_numbers_are_of_the_slice(filled: Filled, who: str) -> None:
    """What is counted is what is listed, for each persona and each kind."""
    schema = await filled.hub.ask(who, "{ __schema { queryType { fields { name } } } }")
    roots = {field["name"] for field in schema["__schema"]["queryType"]["fields"]}
    kinds = [root for root in roots if f"{root}Aggregate" in roots]
    assert kinds
    query = " ".join(f"{kind} {{ totalCount }} {kind}Aggregate {{ count }}" for kind in kinds)
    found = await filled.hub.ask(who, f"{{ {query} }}")
    for kind in kinds:
        assert found[f"{kind}Aggregate"]["count"] == found[kind]["totalCount"], kind
