"""Searching: each item of a request asked of the graph, as the viewer who sent it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from graphql import GraphQLEnumType, GraphQLSchema

from hub.access.viewer import Viewer
from hub.dci import records
from hub.dci.messages import (
    VERSION,
    BadMessage,
    Criteria,
    DisabledRequest,
    EnrolledRequest,
    Pages,
    Question,
    SearchRequest,
    moment,
    rejected,
)
from hub.dci.translate import (
    CRITERIA,
    FILE_NUMBERS,
    GLOBAL_IDS,
    HOUSEHOLDS,
    NUMBERS,
    PAGINATION,
    TOKENS,
    Identifier,
    condition,
    identifier,
    order,
    wrong,
)
from hub.errors import Forbidden, HubError
from hub.read.run import Engine

REG_TYPE: Final = "ns:org:RegistryType:Social"
MOST_ROWS: Final = 200
"""Of a page."""
DEEPEST: Final = 10_000
"""Rows before a page: the graph has cursors and no numbers of pages, so those before are stepped over."""
PEOPLE, GROUPS = "beneficiaries", "households"
YES, NO = "YES", "NO"
DISABILITY: Final = ("DISABLED", "SEVERE_DISABLED")

Item = dict[str, Any]


class NotServed(Forbidden):
    """The rights of the token reach nothing that is asked for."""

    zh = "令牌权限不足以回答该请求"


class Refused(Exception):
    """The graph answered with an error of its own; ``code``: its code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an item: records, and where they stand in the list, if it is one."""

    kind: str
    found: Sequence[Mapping[str, Any]]
    page: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """``clock``: of the day that ages are counted on."""

    engine: Engine
    clock: Callable[[], dt.datetime]

    async def search(self, viewer: Viewer, request: SearchRequest) -> list[Item]:
        """An answer for each item, in their order: an item that is wrong takes no other with it."""
        told: list[Item] = []
        now = moment(self.clock())  # of all: times of each would say how long it took to find somebody
        for each in request.search_request:
            try:
                asking = viewer.asking_for(purpose) if (purpose := each.criteria.purpose) else viewer
                found = await self.find(asking, each.criteria)
            except (HubError, Refused) as error:
                item = rejected(each.reference_id, reason_of(error), str(error), now)
                told.append({**item, "data": {"reg_records": []}})
            else:
                told.append(_item(each.reference_id, now, each.locale, found))
        return told

    async def find(self, viewer: Viewer, criteria: Criteria) -> Told:
        """HubError or Refused where there is no answer."""
        schema = self.engine.schemas(viewer.capability)
        if criteria.response_entity == "Group":
            return await self._groups(viewer, schema, criteria)
        if criteria.query_type == "idtype-value":
            return await self._one(viewer, schema, identifier(criteria.query))
        return await self._many(viewer, schema, criteria)

    async def one(self, viewer: Viewer, by: Identifier) -> Sequence[Mapping[str, Any]]:
        """The records of an identifier."""
        return (await self._one(viewer, self.engine.schemas(viewer.capability), by)).found

    # ── people ───────────────────────────────────────────────────────────────────────────────────────

    async def _one(self, viewer: Viewer, schema: GraphQLSchema, by: Identifier) -> Told:
        fields = records.person_fields(schema)
        if not fields or by.kind in TOKENS:
            return await self._enrolments(viewer, schema, by)
        if by.kind in FILE_NUMBERS:
            where = {"where": {"fileNumber": {"eq": by.value}}, "first": MOST_ROWS}
            rows = (await self.ask(viewer, listing(PEOPLE, f"nodes {{ {fields} }}"), where))[PEOPLE]["nodes"]
        else:
            name, kind = ("idNumber", "String") if by.kind in NUMBERS else ("id", "ID")
            if by.kind not in NUMBERS | GLOBAL_IDS or not _has(schema, "beneficiary", name):
                raise NotServed
            document = PERSON_BY.format(name=name, type=kind, fields=fields)
            row = (await self.ask(viewer, document, {"by": by.value}))["beneficiary"]
            rows = [] if row is None else [row]
        return Told("Member", [records.member(row, self._today()) for row in rows])

    async def _many(self, viewer: Viewer, schema: GraphQLSchema, criteria: Criteria) -> Told:
        fields = records.person_fields(schema)
        if not fields:
            raise NotServed
        where = {"where": condition(criteria, self.clock().date()), "orderBy": order(criteria.sort)}
        rows, page = await self._page(viewer, PEOPLE, fields, where, criteria.pagination)
        return Told("Member", [records.member(row, self._today()) for row in rows], page)

    async def _groups(self, viewer: Viewer, schema: GraphQLSchema, criteria: Criteria) -> Told:
        """Households: by their number or id, or those with somebody who meets a condition."""
        fields = records.household_fields(schema)
        if not fields:
            raise NotServed
        where: dict[str, Any]
        if criteria.query_type == "idtype-value":
            by = identifier(criteria.query)
            if by.kind in GLOBAL_IDS:
                row = (await self.ask(viewer, GROUP_BY.format(fields=fields), {"by": by.value}))["household"]
                return Told("Group", [] if row is None else [records.group(row, self._today())])
            if by.kind not in HOUSEHOLDS:
                raise wrong("Expected GLOBAL_ID or HOUSEHOLD_ID of a group.")
            where = {"householdNumber": {"eq": by.value}}
        else:
            where = {"members": condition(criteria, self.clock().date())}
        rows, page = await self._page(viewer, GROUPS, fields, {"where": where}, criteria.pagination)
        return Told("Group", [records.group(row, self._today()) for row in rows], page)

    async def _page(
        self, viewer: Viewer, root: str, fields: str, given: Mapping[str, Any], asked: Pages | None
    ) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, int]]:
        """The rows of a page, and where it stands."""
        asked = asked or Pages(page_size=50)
        before = asked.page_size * (asked.page_number - 1)
        if asked.page_size > MOST_ROWS or before > DEEPEST:
            raise wrong(
                f"A page has {MOST_ROWS} records at most, and {DEEPEST} before it; narrow the search.",
                "分页超出范围",
                PAGINATION,
            )
        after, more = None, True
        while before and more:
            step = {**given, "first": min(MOST_ROWS, before), "after": after}
            passed = (await self.ask(viewer, listing(root, STEPPED), step))[root]["pageInfo"]
            after, more = passed["endCursor"], passed["hasNextPage"]
            before -= step["first"]
        body = f"totalCount nodes {{ {fields} }}"
        last = {**given, "first": asked.page_size, "after": after}
        found = (await self.ask(viewer, listing(root, body), last))[root]
        page = {"page_size": asked.page_size, "page_number": asked.page_number}
        return found["nodes"] if more else [], {**page, "total_count": found["totalCount"]}

    # ── yes or no ────────────────────────────────────────────────────────────────────────────────────

    async def _enrolments(self, viewer: Viewer, schema: GraphQLSchema, by: Identifier) -> Told:
        """Of who is told nothing else of people: the programmes whose answer is YES.

        BadMessage where one is neither YES nor NO: the standard has no word for it.
        """
        answers = await self.answers(viewer, schema, by, programmes_of(schema))
        be_certain(answers)
        yes = [name for name, told in answers.items() if told["answer"] == YES]
        return Told("Member", [records.enrolled(by.kind, by.value, yes)] if yes else [])

    async def answers(
        self, viewer: Viewer, schema: GraphQLSchema, by: Identifier, programmes: Sequence[str]
    ) -> dict[str, Mapping[str, str]]:
        """``answer`` and ``asOf`` by programme."""
        if not _has(schema, "eligibility", "person"):
            raise NotServed
        if by.kind not in NUMBERS | TOKENS:
            raise wrong("Expected an identity number (NIN) or a token (TOKEN).")
        asked = " ".join(
            f"{name}: eligibility(person: $by, programme: {name}) {{ answer asOf }}" for name in programmes
        )
        key = "token" if by.kind in TOKENS else "idNumber"
        document = f"query DciEligibility($by: PersonInput!) {{ {asked} }}"
        return await self.ask(viewer, document, {"by": {key: by.value}})

    async def enrolled(self, viewer: Viewer, request: EnrolledRequest) -> bool:
        """In the programme that is named, or in any."""
        question = request.enrolled_criteria
        schema, named = self.engine.schemas(viewer.capability), question.query.get("programme")
        known = programmes_of(schema)
        if named is not None and named not in known:
            raise wrong(f"Expected a programme among {', '.join(known)}.")
        return await self._any(viewer, question, [named] if named else known)

    async def disabled(self, viewer: Viewer, request: DisabledRequest) -> bool:
        return await self._any(viewer, request.disabled_criteria, DISABILITY)

    async def _any(self, viewer: Viewer, question: Question, programmes: Sequence[str]) -> bool:
        if question.query_type != "idtype-value":
            raise wrong("Expected the query type idtype-value.")
        granted = question.authorize
        if granted and granted.purpose and granted.purpose.code:
            viewer = viewer.asking_for(granted.purpose.code)
        schema = self.engine.schemas(viewer.capability)
        found = await self.answers(viewer, schema, identifier(question.query), programmes)
        if any(told["answer"] == YES for told in found.values()):
            return True
        be_certain(found)
        return False

    # ── asking ───────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, viewer: Viewer, document: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an answer. The documents are the hub's, so a client held to its own may send them."""
        if viewer.documents_only:
            viewer = replace(viewer, documents_only=False)
        answer = await self.engine.answer(viewer, document, None, given, reading=True)
        body = orjson.loads(answer.body)
        for error in body.get("errors", ()):
            raise Refused(error["extensions"]["code"], error["message"])
        data: dict[str, Any] = body["data"]
        return data

    def _today(self) -> str:
        return self.clock().date().isoformat()


PERSON_BY: Final = "query DciPerson($by: {type}!) {{ beneficiary({name}: $by) {{ {fields} }} }}"
GROUP_BY: Final = "query DciGroup($by: ID!) {{ household(id: $by) {{ {fields} }} }}"
LISTS: Final = {
    PEOPLE: "$where: BeneficiaryWhere, $orderBy: [BeneficiaryOrderBy!], $first: Int, $after: String",
    GROUPS: "$where: HouseholdWhere, $orderBy: [HouseholdOrderBy!], $first: Int, $after: String",
}
STEPPED: Final = "pageInfo { hasNextPage endCursor }"


def listing(root: str, body: str) -> str:
    passed = "where: $where, orderBy: $orderBy, first: $first, after: $after"
    return f"query DciList({LISTS[root]}) {{ {root}({passed}) {{ {body} }} }}"


def programmes_of(schema: GraphQLSchema) -> list[str]:
    found = schema.type_map.get("Programme")
    return list(found.values) if isinstance(found, GraphQLEnumType) else []


def _has(schema: GraphQLSchema, field: str, argument: str) -> bool:
    found = schema.query_type.fields.get(field) if schema.query_type else None
    return found is not None and argument in found.args


def be_certain(answers: Mapping[str, Mapping[str, str]]) -> None:
    """BadMessage where one is neither YES nor NO."""
    for told in answers.values():
        if told["answer"] not in (YES, NO):
            since = f" The oldest of the data is of {told['asOf']}." if told["asOf"] else ""
            raise BadMessage(
                f"{told['answer']}: what is known does not bear a yes or no.{since}", zh="现有数据不足以作答"
            )


def reason_of(error: HubError | Refused) -> str | None:
    """The standard's code of an item that was rejected; None where it has none that says it."""
    if isinstance(error, BadMessage) and error.word.startswith("rjct."):
        return error.word
    code = error.code
    if code in ("BAD_ARGUMENT", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"):
        return CRITERIA
    return "rjct.search.too_many_records_found" if code in ("COST_EXCEEDED", "LIMIT_EXCEEDED") else None


def _item(reference_id: str, now: str, locale: str | None, told: Told) -> Item:
    data = {
        "version": VERSION,
        "reg_type": REG_TYPE,
        "reg_record_type": told.kind,
        "reg_records": list(told.found),
    }
    item: Item = {"reference_id": reference_id, "timestamp": now, "status": "succ", "data": data}
    if told.page is not None:
        item["pagination"] = dict(told.page)
    return {**item, "locale": locale} if locale else item
