"""Why something is shown or not: each reason has a stable code and a sentence in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from hub.tables import Group


class AccessReason(Enum):
    """Names are part of the interface. In the sentences ``{…}`` stands for a value of the ``Because``."""

    def __init__(self, en: str, zh: str) -> None:
        self.en = en
        self.zh = zh

    # A kind of record, or a field of it, is shown.
    PUBLIC = "Shown to whoever sees the record.", "凡可见该记录者均可见。"
    BY_SCOPE = "Opened by the scope {scope}.", "由权限 {scope} 开放。"
    # It is not.
    NOT_FOR_ROLE = "No client of the role {role} sees this.", "角色“{role}”不可见此项。"
    ONLY_ASKED = (
        "Clients of the role {role} may ask about such records and never see one.",
        "角色“{role}”只能核验或统计，不可查看此类记录。",
    )
    SCOPE_NOT_IN_TOKEN = (
        "The token was made without the scope {scope}, which the registration grants.",
        "登记已授予权限 {scope}，但令牌未申请。",
    )
    SCOPE_NOT_GRANTED = (
        "The registration of the client does not grant the scope {scope}.",
        "客户端登记未授予权限 {scope}。",
    )
    USER_LACKS_SCOPE = (
        "The account of the user does not have the scope {scope}.",
        "用户账号无权限 {scope}。",
    )
    PURPOSE_NEEDED = (
        "The scope {scope} is there, and the group {group} needs a purpose that opens it too: {purposes}.",
        "已有权限 {scope}，但字段组 {group} 另须声明可开放它的用途：{purposes}。",
    )
    NO_PURPOSE_OPENS = (
        "The scope {scope} is there, and no purpose the client is granted opens the group {group}.",
        "已有权限 {scope}，但客户端获授的用途均不开放字段组 {group}。",
    )
    # Which rows.
    ALL_ROWS = "All records.", "全部记录。"
    IN_DIVISION = "Records of the division {division} and what lies in it.", "{division}及其下属区划的记录。"
    OF_RESIDENTS = "Records of people who live in {division}.", "居住在{division}的人员的记录。"
    IN_TOWNSHIP = "People who live in the township {division}.", "居住在{division}的人员。"
    SERVING_DIVISION = (
        "Contracts served at a station in {division}, and what belongs to them.",
        "在{division}的服务站履行的合同及其所属记录。",
    )
    SOURCE_OF_DIVISION = (
        "Sources of {division} and what lies in it, and those of no division.",
        "{division}及其下属区划的来源，以及不属于任何区划的来源。",
    )
    SOURCE_OF_COUNTY = "The sources of the county of {division}.", "{division}所在县的来源。"
    OWN_ORGANISATION = "The own organisation.", "本机构。"
    OWN_CONTRACT = "The own contracts, ended ones too.", "本机构的合同，含已到期的。"
    WITH_OWN_HELP = (
        "Checks that the own organisation helps with, ended contracts too.",
        "由本机构协助的核查，含合同已到期的。",
    )
    OWN_STAFF = "People the own organisation employs.", "本机构聘用的人员。"
    OWED = (
        "What the own organisation has to delete, and its certificates, also after its contracts.",
        "本机构的信息删除义务及证明，合同到期后仍可见。",
    )
    HANDED = (
        "Referrals to the own organisation or from it, while any contract of it is live.",
        "转入或转出本机构的转介，以本机构有在履行的合同为限。",
    )
    FOUND_BY_OWN = (
        "People the own staff has found on the street, while any own contract is live.",
        "本机构人员发现的街面人员，以本机构有在履行的合同为限。",
    )
    AT_STATIONS = (
        "What is done at a station in {division}, or under a contract served there as a whole.",
        "在{division}的服务站开展的工作，以及在该站履行的合同的整体工作。",
    )
    OWN_REPORTS = "Reports of {division} and reports to it.", "{division}报送的和报送给{division}的报告。"
    OF_COUNTY_SERVED = (
        "Those of counties where an own contract is live on {day}.",
        "{day}在履行的本机构合同所在县（区）的人员。",
    )
    OWN_WORK = (
        "What was done under the own contracts and said of it, ended ones too.",
        "本机构合同项下的工作及其评估，含已到期的合同。",
    )
    OWN_WORK_NOW = (
        "What was done under the own contracts, while any of them is live.",
        "本机构合同项下的工作，以本机构有在履行的合同为限。",
    )
    UNDER_CONTRACT = (
        "Stations named in an own contract that is live on {day}.",
        "{day}在履行的本机构合同所列的服务站。",
    )
    ASSIGNED = (
        "People assigned, by an assignment of {day}, under an own contract that is live on it.",
        "依{day}在履行的本机构合同、且当日有效的服务分派所服务的人员。",
    )
    OF_ASSIGNED = (
        "Records of people assigned, by an assignment of {day}, under an own contract that is live on it.",
        "依{day}在履行的本机构合同、且当日有效的服务分派所服务人员的记录。",
    )
    ASSIGNMENT_OF_DAY = (
        "Assignments of {day} under an own contract that is live on it.",
        "{day}有效、且所属本机构合同当日在履行的服务分派。",
    )
    VISIT_UNDER_CONTRACT = (
        "What was done under an own contract that is live on {day}, for people assigned on it.",
        "依{day}在履行的本机构合同、为当日所服务人员开展的工作。",
    )
    OWN_REQUESTS = (
        "Requests of the own organisation, about people assigned to it on {day}.",
        "本机构就{day}所服务人员提出的申请。",
    )
    OPENED = (
        "The people this emergency access was opened for, and what is known of them, until it ends.",
        "本次紧急访问所涉人员及其记录，至紧急访问结束为止。",
    )
    OF_OPENED_COUNTY = (
        "Stations of the county of the people this emergency access was opened for, until it ends.",
        "本次紧急访问所涉人员所在县的服务站，至紧急访问结束为止。",
    )
    SERVES_OPENED = (
        "Contractors that serve the people this emergency access was opened for, until it ends.",
        "服务本次紧急访问所涉人员的承接机构，至紧急访问结束为止。",
    )
    OWN_EMERGENCY = (
        "Emergency accesses that the own side opened.",
        "本方开启的紧急访问。",
    )
    OWN_WATCHES = (
        "Watches of the own client.",
        "本客户端的关注。",
    )
    NO_LIVE_CONTRACT = (
        "No own contract is live on {day}, so there is none.",
        "{day}没有在履行的本机构合同，因此没有可见记录。",
    )
    NO_YOUNGER_CHILDREN = (
        "Nobody under 14, and nobody harmed as a child: that needs the group {group}, by {scope}.",
        "不含未满十四周岁的未成年人和权益受到伤害的儿童；查看须有权限 {scope} 所开放的字段组 {group}。",
    )
    NOT_SEEN = (
        "There is no such record, or it is not among those the rules give you; the hub does not say which.",
        "无此记录，或不在可见范围内；系统不区分二者。",
    )
    # What takes a row out of a list.
    MOVES_AWAY = "A record leaves the list when its division changes.", "区划变更后，记录移出列表。"
    CONTRACT_ENDS = (
        "Rows leave the list on the day after the last day of the contract, or when its status ends it.",
        "合同到期次日或合同状态终止时，记录移出列表。",
    )
    ASSIGNMENT_ENDS = (
        "Rows leave the list on the day after the last day of the assignment.",
        "服务分派到期次日，记录移出列表。",
    )
    # A contract.
    CONTRACT_LIVE = "The contract gives access on {day}.", "合同在{day}有效。"
    CONTRACT_NOT_BEGUN = "The contract has not begun on {day}.", "合同在{day}尚未开始。"
    CONTRACT_ENDED = "The contract has ended before {day}.", "合同在{day}之前已到期。"
    CONTRACT_STATUS = (
        "The contract gives no access by its status, whatever its dates.",
        "合同状态为草拟、终止或结项，不论日期均不开放访问。",
    )


SHOWING: Final = frozenset({AccessReason.PUBLIC, AccessReason.BY_SCOPE})
"""Of a kind of record or a field: it is there."""


@dataclass(frozen=True, slots=True)
class Because:
    """A reason with its values. ``type``: the kind of record it speaks of, by the name of its table."""

    reason: AccessReason
    type: str | None = None
    scope: str | None = None
    group: Group | None = None
    role: tuple[str, str] | None = None
    """In English and Chinese."""
    division: str | None = None
    day: str | None = None
    purposes: tuple[str, ...] = ()
    """Codes of those that would do."""

    @property
    def shows(self) -> bool:
        return self.reason in SHOWING

    @property
    def en(self) -> str:
        return self._said(self.reason.en, 0)

    @property
    def zh(self) -> str:
        return self._said(self.reason.zh, 1)

    def _said(self, sentence: str, language: int) -> str:
        return sentence.format(
            scope=self.scope,
            group=self.group,
            role=self.role and self.role[language],
            division=self.division,
            day=self.day,
            purposes=("、" if language else ", ").join(self.purposes),
        )
