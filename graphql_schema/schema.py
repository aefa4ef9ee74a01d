"""The schema, and its audience variants: what a client may not read does not exist for it."""

from __future__ import annotations

import datetime as dt
from copy import copy
from typing import Annotated, Any, Final, cast

import strawberry
from cachetools import LRUCache
from graphql import GraphQLEnumType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from graphql_schema.access_log import AccessLogEntry, access_log
from graphql_schema.board_types import FundsLine, Milestone, Quota, ReportDue, StaffGap
from graphql_schema.boards import ASKED, funds, milestones, quotas, reports_due, staff_gaps
from graphql_schema.catalogues import TOLD_WITH_COUNTERPARTS, ServiceCatalogue, catalogues
from graphql_schema.changes import Subscription
from graphql_schema.compliance import JUDGED, compliance, may_judge
from graphql_schema.copies import CaseloadPage
from graphql_schema.deprecations import DEPRECATIONS
from graphql_schema.eligibility import (
    Eligibilities,
    Eligibility,
    Programme,
    eligibilities,
    eligibility,
)
from graphql_schema.enums import SCALARS
from graphql_schema.history import SchemaChange, schema_changes
from graphql_schema.identified import identified, sourced
from graphql_schema.list_access import EXPLAINED_LIST, ListAccess, explain_list, has_lists
from graphql_schema.mutation import Mutation
from graphql_schema.norms import TOLD, Rule, rules
from graphql_schema.record_access import EXPLAINED_RECORD, RecordAccess, explain_access
from graphql_schema.report_draft import DRAFTED, report_draft
from graphql_schema.report_draft_types import ReportDraft
from graphql_schema.rule_verdict import RuleVerdict
from graphql_schema.summary import SUMMED, ComplianceSummary, compliance_summary, may_sum
from graphql_schema.types import (
    ArchiveTransfer,
    Assessment,
    Assignment,
    Beneficiary,
    CaseWork,
    ChildWorker,
    CommunityActivity,
    Contract,
    Contractor,
    CorrectionRequest,
    DeletionCertificate,
    DeletionDuty,
    Division,
    Dossier,
    EmergencyAccess,
    Evaluation,
    Expenditure,
    FieldOverride,
    FormerDivision,
    FundSource,
    GroupWork,
    Guardian,
    Handover,
    HospitalEscort,
    Household,
    IdentityReview,
    Incident,
    NeedsRecord,
    Patrol,
    Personnel,
    ProtectionCase,
    PublicityEvent,
    QuarantinedRow,
    Reconciliation,
    Referral,
    ReliefEpisode,
    Report,
    RiskAssessment,
    Source,
    SourceDrift,
    Station,
    StreetEncounter,
    SubsidyCheck,
    TrainingEvent,
    Visit,
    Warning,
    Watch,
)
from graphql_schema.verdicts import OPEN, VISITS, BeneficiaryVerdict
from graphql_schema.viewer import Viewer, current_viewer
from hub.access.casework import NEEDED
from hub.access.copies import COPIES
from hub.access.departures import DEPARTED
from hub.access.readable import Readable, countable, readable
from hub.access.slices import TELLS_USES
from hub.access.viewer import Capability
from hub.compliance.boards import Board
from hub.domain.vocabulary import VerdictStatus
from hub.governance.deprecation import mark
from hub.read import bind
from hub.read.aggregates import GROUP_BY
from hub.read.arguments import aggregate_resolver, copy_resolver, list_resolver, root_node, root_one
from hub.read.beside import ASKS
from hub.read.bind import BINDING, FOR, TYPES, Connection, Node


@strawberry.type(description="Whether a person is entitled on a day, and nothing else — 救助状态核验结果")
class BeneficiaryStatus:
    entitled: bool = strawberry.field(description="Entitled on that day — 当日是否在保")
    programme: Programme = strawberry.field(description="Programme asked about — 救助项目")
    on: dt.date = strawberry.field(description="Day asked about — 核验日期")


def may_read_uses(capability: Capability) -> bool:
    return capability.role in TELLS_USES and _open(capability, "beneficiary")


Numbers = Any
"""Each aggregate has a type of its own, made from the indexes of its table."""


def _status(
    id_number: Annotated[str, strawberry.argument(description="Identity number — 身份证号")],
    programme: Annotated[Programme, strawberry.argument(description="Programme — 救助项目")],
    on: Annotated[
        dt.date | None, strawberry.argument(description="Day; today in China if absent — 核验日期")
    ] = None,
) -> BeneficiaryStatus:
    raise NotImplementedError


def _all(target: str, en: str, zh: str) -> Any:
    return strawberry.field(
        resolver=list_resolver(target),
        description=bind.described(en, zh),
        metadata={BINDING: bind.RootMany(target)},
    )


def _judged(
    en: str, zh: str, only: tuple[tuple[str, tuple[str, ...]], ...] = (), by: str | None = None
) -> Any:
    target = "BeneficiaryVerdict"
    return strawberry.field(
        resolver=list_resolver(target),
        description=bind.described(en, zh),
        metadata={BINDING: bind.RootMany(target, only, by)},
    )


def _board(resolver: Any, board: Board, en: str, zh: str) -> Any:
    return strawberry.field(
        resolver=resolver,
        description=bind.described(en, zh),
        metadata={FOR: may_judge, ASKS: ASKED[board]},
    )


def _numbers(target: str, en: str, zh: str) -> Any:
    return strawberry.field(
        resolver=aggregate_resolver(target),
        graphql_type=TYPES[target].aggregate,
        description=bind.described(f"Numbers of {en}", f"{zh}数量"),
        metadata={BINDING: bind.RootAggregate(target)},
    )


def _one(target: str, en: str, zh: str) -> Any:
    return strawberry.field(
        resolver=root_one(target),
        description=bind.described(f"{en} by exactly one of its identifiers", f"按一种标识查{zh}"),
        metadata={BINDING: bind.RootOne(target)},
    )


@strawberry.type(description="Everything that can be asked — 查询入口")
class Query:
    node: Node | None = strawberry.field(
        resolver=root_node("id"),
        description=bind.described("Anything by its id; null where you see none", "按全局编号查任一记录"),
        metadata={BINDING: bind.RootNode("id")},
    )
    nodes: list[Node | None] = strawberry.field(
        resolver=root_node("ids"),
        description=bind.described(
            "Several by their ids, in that order; null where you see none", "按全局编号查多条记录，次序不变"
        ),
        metadata={BINDING: bind.RootNode("ids")},
    )
    division: Division | None = _one("Division", "A division", "区划")
    divisions: Connection[Division] = _all("Division", "Divisions", "区划")
    former_divisions: Connection[FormerDivision] = _all(
        "FormerDivision", "What divisions were before: former codes and names", "历史区划"
    )
    station: Station | None = _one("Station", "A station", "服务站")
    stations: Connection[Station] = _all("Station", "Stations", "服务站")
    personnel: Connection[Personnel] = _all("Personnel", "Personnel", "驻站人员")
    contractor: Contractor | None = _one("Contractor", "A contractor", "承接机构")
    contractors: Connection[Contractor] = _all("Contractor", "Contractors", "承接机构")
    contract: Contract | None = _one("Contract", "A contract", "合同")
    contracts: Connection[Contract] = _all("Contract", "Contracts", "合同")
    household: Household | None = _one("Household", "A household", "家庭")
    households: Connection[Household] = _all("Household", "Households", "家庭")
    beneficiary: Beneficiary | None = _one("Beneficiary", "A beneficiary", "服务对象")
    beneficiaries: Connection[Beneficiary] = _all("Beneficiary", "Beneficiaries", "服务对象")
    assignments: Connection[Assignment] = _all("Assignment", "Assignments", "服务分派")
    visits: Connection[Visit] = _all("Visit", "Visits", "探访")
    warnings: Connection[Warning] = _all("Warning", "Warnings of upstream systems about people", "预警")
    relief_episodes: Connection[ReliefEpisode] = _all(
        "ReliefEpisode", "Stays of people with the relief system", "救助记录"
    )
    street_encounters: Connection[StreetEncounter] = _all(
        "StreetEncounter", "People found on the street", "街面发现"
    )
    dossiers: Connection[Dossier] = _all("Dossier", "Dossiers of people", "一人一档")
    risk_assessments: Connection[RiskAssessment] = _all("RiskAssessment", "Assessments of risk", "风险评估")
    needs: Connection[NeedsRecord] = _all("NeedsRecord", "Needs of people", "服务需求")
    assessments: Connection[Assessment] = _all("Assessment", "Assessments of people", "评估")
    guardians: Connection[Guardian] = _all("Guardian", "Guardians of children", "监护人")
    protection_cases: Connection[ProtectionCase] = _all(
        "ProtectionCase", "Protection cases of children", "保护机制"
    )
    cases: Connection[CaseWork] = _all("CaseWork", "Cases", "个案")
    hospital_escorts: Connection[HospitalEscort] = _all("HospitalEscort", "Escorts in hospital", "住院陪护")
    group_works: Connection[GroupWork] = _all("GroupWork", "Group-work series", "小组")
    community_activities: Connection[CommunityActivity] = _all(
        "CommunityActivity", "Community activities", "社区活动"
    )
    publicity_events: Connection[PublicityEvent] = _all("PublicityEvent", "Publicity events", "宣传")
    patrols: Connection[Patrol] = _all("Patrol", "Street patrols", "街面巡查")
    training_events: Connection[TrainingEvent] = _all("TrainingEvent", "Training events", "培训")
    child_workers: Connection[ChildWorker] = _all(
        "ChildWorker", "Child supervisors and child directors", "儿童督导员、儿童主任"
    )
    handovers: Connection[Handover] = _all("Handover", "Handovers on a change of staff", "交接")
    incidents: Connection[Incident] = _all("Incident", "Major events and emergencies", "重大事件、紧急情况")
    archive_transfers: Connection[ArchiveTransfer] = _all(
        "ArchiveTransfer", "Transfers of archives", "档案移交"
    )
    reports: Connection[Report] = _all("Report", "Reports", "工作报告")
    evaluations: Connection[Evaluation] = _all(
        "Evaluation", "Evaluations of stations and contracts", "评估评分"
    )
    expenditures: Connection[Expenditure] = _all("Expenditure", "What was spent under contracts", "支出")
    fund_sources: Connection[FundSource] = _all("FundSource", "Sources of funds", "资金来源")
    beneficiary_verdicts: Connection[BeneficiaryVerdict] = _judged(
        "What was last judged of people, by each bound of a rule that is about them", "服务对象判定"
    )
    due_visits: Connection[BeneficiaryVerdict] = _judged(
        "Visits that are due: weekly, monthly or quarterly by the risk a child is at, monthly to the elders "
        "that are named; by their last day",
        "应完成的探访，按截止日期排序",
        only=(("quantity", VISITS), ("status", OPEN)),
        by="due_on",
    )
    overdue: Connection[BeneficiaryVerdict] = _judged(
        "What should have been done for people and was not, the longest first",
        "逾期未完成事项，按逾期起始日排序",
        only=(("status", (VerdictStatus.NOT_MET.value,)),),
        by="since_on",
    )
    subsidy_checks: Connection[SubsidyCheck] = _all(
        "SubsidyCheck", "Checks of elderly-care subsidies, and their samples", "养老服务补贴核查"
    )
    referral: Referral | None = _one("Referral", "A referral", "转介")
    referrals: Connection[Referral] = _all("Referral", "Referrals and transfers", "转介与移交")
    identity_review: IdentityReview | None = _one(
        "IdentityReview", "A question whether two files are of one person", "同一人核验"
    )
    identity_reviews: Connection[IdentityReview] = _all(
        "IdentityReview", "Questions whether two files are of one person, and what was decided", "同一人核验"
    )
    emergency_accesses: Connection[EmergencyAccess] = _all(
        "EmergencyAccess", "Emergency accesses", "紧急访问"
    )
    field_overrides: Connection[FieldOverride] = _all(
        "FieldOverride", "Decisions of stewards on fields of people", "人工核定"
    )
    correction_requests: Connection[CorrectionRequest] = _all(
        "CorrectionRequest", "Requests to sources to put a field right", "更正申请"
    )
    deletion_duty: DeletionDuty | None = _one("DeletionDuty", "A duty to delete", "删除义务")
    deletion_duties: Connection[DeletionDuty] = _all(
        "DeletionDuty", "Duties to return or delete what is known about people", "个人信息删除义务"
    )
    deletion_certificates: Connection[DeletionCertificate] = _all(
        "DeletionCertificate", "Certificates of return or deletion", "返还或删除证明"
    )
    stations_aggregate: Numbers = _numbers("Station", "stations", "服务站")
    personnel_aggregate: Numbers = _numbers("Personnel", "personnel", "驻站人员")
    contractors_aggregate: Numbers = _numbers("Contractor", "contractors", "承接机构")
    contracts_aggregate: Numbers = _numbers("Contract", "contracts", "合同")
    households_aggregate: Numbers = _numbers("Household", "households", "家庭")
    beneficiaries_aggregate: Numbers = _numbers("Beneficiary", "beneficiaries", "服务对象")
    memberships_aggregate: Numbers = _numbers(
        "CategoryMembership", "memberships of beneficiaries in categories", "对象类别"
    )
    assignments_aggregate: Numbers = _numbers("Assignment", "assignments", "服务分派")
    visits_aggregate: Numbers = _numbers("Visit", "visits", "探访")
    warnings_aggregate: Numbers = _numbers("Warning", "warnings", "预警")
    caseload: CaseloadPage = strawberry.field(
        resolver=copy_resolver(),
        description=bind.described(
            "Your own copy of the people you see, and what has become of it since a cursor",
            "名下服务对象的本地副本及其自游标以来的变化",
        ),
        metadata={BINDING: bind.RootCopy("Beneficiary")},
    )
    sources: Connection[Source] = _all("Source", "Upstream systems and their freshness", "数据来源")
    source_drifts: Connection[SourceDrift] = _all(
        "SourceDrift", "What changed in the lists of sources: columns, types, codes", "来源结构变化"
    )
    reconciliations: Connection[Reconciliation] = _all(
        "Reconciliation",
        "What the hub holds of the lists of sources, by division and day, to be compared with the sources",
        "对账",
    )
    quarantined_rows: Connection[QuarantinedRow] = _all(
        "QuarantinedRow", "Rows that were refused, with their reasons", "隔离行"
    )
    watches: Connection[Watch] = _all(
        "Watch", "People whose entitlement you are told of when it changes", "资格变动关注名单"
    )
    beneficiary_status: BeneficiaryStatus = strawberry.field(
        resolver=_status,
        description=bind.described(
            "Is the person entitled under the programme on the day (today if absent)? Yes or no only",
            "该人员在指定日期（缺省为当日）是否享受该救助项目，仅返回是或否",
        ),
        metadata={BINDING: bind.RootStatus()},
    )
    eligibility: Eligibility = eligibility()
    eligibilities: Eligibilities = eligibilities()
    access_log: list[AccessLogEntry] | None = strawberry.field(
        resolver=access_log,
        description=bind.described(
            "Who was shown something of a person, the newest first; null where you do not see the person",
            "谁使用过该人员的信息，由新到旧",
        ),
        metadata={FOR: may_read_uses},
    )
    rules: list[Rule] = strawberry.field(
        resolver=rules,
        description=bind.described(
            "Rules of policy documents in force in a division on a day; none where no document of the hub is",
            "某区划在某日适用的政策规则；无适用文件时为空",
        ),
        metadata={ASKS: TOLD},
    )
    compliance: list[RuleVerdict] = strawberry.field(
        resolver=compliance,
        description=bind.described(
            "Whether records meet the rules in force on a day; nothing is said of what you do not see",
            "记录在某日是否符合适用规则，不可见的记录不作说明",
        ),
        metadata={FOR: may_judge, ASKS: JUDGED},
    )
    compliance_summary: ComplianceSummary = strawberry.field(
        resolver=compliance_summary,
        description=bind.described(
            "How many records of a division meet each rule, as of the day they were last judged",
            "本区划内各项规则的符合情况汇总",
        ),
        metadata={FOR: may_sum, ASKS: SUMMED},
    )
    quotas: list[Quota] = _board(
        quotas,
        Board.QUOTAS,
        "How far contracts are with what must be done, or may be at most, under them",
        "合同指标完成情况",
    )
    reports_due: list[ReportDue] = _board(
        reports_due,
        Board.REPORTS,
        "Calendar of what must be told to whom, sent or not; what is missing has `status: [NOT_MET]`",
        "报送日历：应报、已报与逾期",
    )
    staff_gaps: list[StaffGap] = _board(
        staff_gaps,
        Board.STAFF,
        "Staff that is missing, and what staff lacks: certificates, training hours; until when",
        "人员缺口：缺编、空缺、持证与培训",
    )
    funds: list[FundsLine] = _board(
        funds,
        Board.FUNDS,
        "Money by what rules say of it: shares of a budget, caps with their base, surplus, spending",
        "资金：预算比例、上限及基数、结余与支出",
    )
    milestones: list[Milestone] = _board(
        milestones,
        Board.MILESTONES,
        "Days by which something must be done, and when it was",
        "里程碑及达成日期",
    )
    report_draft: ReportDraft = strawberry.field(
        resolver=report_draft,
        description=bind.described(
            "A report filled with what the hub knows, for a person to end; a file: /reports/draft.docx",
            "报告草稿：按记录预填，可下载为 Word、Excel、PDF",
        ),
        metadata={FOR: may_judge, ASKS: DRAFTED},
    )
    catalogues: list[ServiceCatalogue] = strawberry.field(
        resolver=catalogues,
        description=bind.described(
            "Catalogues of services in force on a day, in a division or anywhere", "某日适用的服务清单"
        ),
        metadata={ASKS: TOLD_WITH_COUNTERPARTS},
    )
    viewer: Viewer = strawberry.field(
        resolver=current_viewer, description=bind.described("Who am I, and what may I see", "当前身份与权限")
    )
    explain_access: RecordAccess = strawberry.field(
        resolver=explain_access,
        description=bind.described(
            "Why one record is seen, or not; nothing tells whether there is one that is not",
            "一条记录可见或不可见的原因，不透露不可见的记录是否存在",
        ),
        metadata={ASKS: EXPLAINED_RECORD},
    )
    explain_list: ListAccess = strawberry.field(
        resolver=explain_list,
        description=bind.described(
            "Why a list is as long as it is, condition by condition", "列表数量逐项说明"
        ),
        metadata={FOR: has_lists, ASKS: EXPLAINED_LIST},
    )
    schema_changes: list[SchemaChange] = strawberry.field(
        resolver=schema_changes,
        description=bind.described(
            "How this schema changed, the newest first; what is not released yet comes before",
            "接口模式的变更，由新到旧，未发布的在前",
        ),
    )


class AudienceSchema(strawberry.Schema):
    """The schema of one capability; ``None`` is the whole schema, for printing and checks only."""

    def __init__(self, capability: Capability | None) -> None:
        self.capability = capability
        super().__init__(
            query=Query,
            mutation=Mutation if self._has(Mutation) else None,
            subscription=Subscription if self._has(Subscription) else None,
            config=StrawberryConfig(scalar_map=SCALARS),
        )
        if capability is not None:
            _keep_keys(self._schema, capability)
        mark(self._schema, DEPRECATIONS)

    def _has(self, root: type) -> bool:
        """Whether there is anything to do, or to subscribe to: no type may be without fields."""
        definition = cast(Any, root).__strawberry_definition__
        return bool(self.get_fields(definition))

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        fields = super().get_fields(type_definition)
        capability = self.capability
        if capability is None:
            return fields
        table = _table_of(type_definition)
        if type_definition.is_input and table is not None:
            return [f for f in fields if _asked(f, table, capability)]
        if type_definition.name.endswith("Aggregate") and not _keys(type_definition.name, capability):
            return [f for f in fields if f.python_name != "groups"]
        kept = [f for f in fields if _allowed(f, table, capability)]
        return [identified(_sortable(f, capability), capability) for f in kept]


def _table_of(definition: StrawberryObjectDefinition) -> str | None:
    """The table behind a bound type, its ``Where`` or its ``OrderBy``."""
    name = definition.name.removesuffix("Where").removesuffix("OrderBy")
    return TYPES[name].table.name if name in TYPES else None


def _allowed(field: StrawberryField, table: str | None, capability: Capability) -> bool:
    if FOR in field.metadata:
        return bool(field.metadata[FOR](capability))
    match field.metadata.get(BINDING):
        case bind.Scalar(column, _):
            own = readable(capability, cast(str, table))
            return own is not None and own.shows(own.table.c[column])
        case bind.Quoted(column):
            own = readable(capability, cast(str, table))
            return own is not None and own.quotes(column)
        case bind.Made(_, columns):
            own = readable(capability, cast(str, table))
            return own is not None and all(own.shows(own.table.c[column]) for column in columns)
        case bind.Number(_, counts):
            return _open(capability, counts.of)
        case bind.RootCopy(target):
            return capability.reader in COPIES and _open(capability, TYPES[target].table.name)
        case bind.Many(target, _, str(through)):
            return _open(capability, TYPES[target].table.name) and _open(capability, through)
        case bind.RootChanges(target):
            return TYPES[target].table.name in DEPARTED.get(capability.reader, {}) and _open(
                capability, TYPES[target].table.name
            )
        case (
            bind.Written(target=target, act=act, roles=roles)
            | bind.WrittenEach(target=target, act=act, roles=roles)
        ):
            written = TYPES[target].table.name
            own = readable(capability, written)
            may = capability.role in roles and act in capability.acts
            may = may and NEEDED.get(written, "public") in capability.groups
            return may and own is not None and not own.left_out  # nobody decides on a part of what is said
        case bind.One(target) | bind.Many(target) | bind.RootOne(target) | bind.RootMany(target):
            return _open(capability, TYPES[target].table.name)
        case bind.Counted(bind.Many(target, _, through)):
            linked = through is None or _open(capability, through)
            return linked and countable(capability, TYPES[target].table.name) is not None
        case bind.RootAggregate(target):
            return countable(capability, TYPES[target].table.name) is not None
        case bind.RootNode():
            return any(_open(capability, bound_type.table.name) for bound_type in TYPES.values())
        case bind.Provenance():
            return sourced(cast(str, table), capability)
        case bind.RootStatus() | bind.RootEligibility():
            return all(_open(capability, t, under="status") for t in ("beneficiary", "category_membership"))
    return True


def _asked(field: StrawberryField, table: str, capability: Capability) -> bool:
    """A column may be a condition where it may be shown, or else where rows may be counted by it."""
    match field.metadata.get(BINDING):
        case bind.Scalar(column, _):
            own = countable(capability, table)
            return own is not None and own.shows(own.table.c[column])
        case bind.Search():
            own = countable(capability, table)
            return own is not None and own.shows(own.table.c.name)
        case bind.Span(starts, ends):
            own = countable(capability, table)
            return own is not None and all(own.shows(own.table.c[name]) for name in (starts, ends))
    return _allowed(field, table, capability)


def _keys(type_name: str, capability: Capability) -> set[str]:
    """What rows of ``<Type>Aggregate`` or ``<Type>GroupBy`` may be grouped by."""
    target = TYPES[type_name.removesuffix("Aggregate").removesuffix(GROUP_BY)]
    own = countable(capability, target.table.name)
    if own is None:
        return set()
    return {
        name
        for name, key in target.group_keys.items()
        if (
            own.shows(own.table.c[key.column])
            if key.target is None
            else _row_key(key.target, own, capability)
        )
    }


def _row_key(target: str, own: Readable, capability: Capability) -> bool:
    return not own.withheld and _open(capability, TYPES[target].table.name)


def _keep_keys(schema: GraphQLSchema, capability: Capability) -> None:
    """Strawberry has one form of an enum for all schemas; here each keeps the values that exist for it."""
    for name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLEnumType) and name.endswith(GROUP_BY):
            kept = _keys(name, capability)
            type_.values = {value: held for value, held in type_.values.items() if value in kept}


def _open(capability: Capability, table: str, *, under: str | None = None) -> bool:
    return readable(capability, table, under=under) is not None


def _sortable(field: StrawberryField, capability: Capability) -> StrawberryField:
    """The field, without ``orderBy`` where nothing is left to sort by: no input type may be empty."""
    binding = field.metadata.get(BINDING)
    if not isinstance(binding, bind.Many | bind.RootMany):
        return field
    target = TYPES[binding.target]
    own = readable(capability, target.table.name)
    if own is not None and any(own.shows(own.table.c[column]) for column in target.sort_keys.values()):
        return field
    field = copy(field)
    field.arguments = [a for a in field.arguments if a.python_name != "order_by"]
    return field


EXECUTOR: Final = StrawberryGraphQLCoreExecutionContext
"""graphql-core's executor as Strawberry's resolvers expect it."""

_AUDIENCES: Final[LRUCache[Capability, GraphQLSchema]] = LRUCache(maxsize=64)
"""Half a megabyte each; clients of one registration share theirs."""


def audience(capability: Capability) -> GraphQLSchema:
    """The schema of a capability, built once."""
    found = _AUDIENCES.get(capability)
    if found is None:
        found = _AUDIENCES[capability] = AudienceSchema(capability)._schema
    return found


def whole() -> AudienceSchema:
    return AudienceSchema(None)
