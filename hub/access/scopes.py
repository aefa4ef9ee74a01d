"""Scopes: what a token is good for, in the manner of SMART on FHIR v2.

====================== ==================================================================
``beneficiary.rs``     a resource, a dot, operations in the order ``c r u d s x``
``field:identity``     a group of columns (``hub.tables``): without it they do not exist
====================== ==================================================================

``r`` reads one by its key, ``s`` searches and lists; ``c`` makes one, ``u`` changes, ``d`` takes back and
``x`` decides on one, each by the mutations that name it (``graphql_schema/mutation.py``). Inside the hub
a set of scopes is a set of *atoms*, one operation each (``beneficiary.r``, ``beneficiary.s``), so that
intersection and containment are those of sets; ``compact`` writes them back in the short form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from hub.access.slices import AGENCY, BUREAU, CONTRACTOR, OPERATOR, TOWNSHIP
from hub.errors import BadArgument
from hub.tables import Group

OPERATIONS: Final[dict[str, tuple[str, str]]] = {
    "c": ("新建", "create"),
    "r": ("读取", "read"),
    "u": ("修改", "change"),
    "d": ("删除", "delete"),
    "s": ("检索", "search"),
    "x": ("办理", "act on"),
}

RESOURCES: Final[dict[str, tuple[str, str, str]]] = {
    "division": ("rs", "行政区划", "administrative divisions"),
    "station": ("rs", "民政服务站", "service stations"),
    "personnel": ("rs", "驻站人员", "station personnel"),
    "contractor": ("rs", "承接机构", "contractors"),
    "contract": ("crs", "购买服务合同", "service contracts"),
    "household": ("rs", "家庭", "households"),
    "beneficiary": ("rs", "服务对象", "beneficiaries"),
    "visit": ("crs", "探访记录", "visits"),
    "assignment": ("crs", "服务分派", "assignments"),
    "dossier": (
        "crus",
        "一人一档、评估与需求",
        "dossiers of people, with assessments of risk, needs and ability",
    ),
    "case": ("crus", "个案与住院陪护", "cases with their sessions, and escorts in hospital"),
    "protection": ("crus", "儿童保护与监护", "protection of children, and their guardians"),
    "warning": ("rs", "预警", "warnings about people"),
    "encounter": ("crus", "街面发现", "people found on the street"),
    "work": (
        "crus",
        "站务工作（小组、活动、宣传、巡查、培训、交接、重大事件、档案移交）",
        "work of stations: groups, activities, publicity, patrols, training, handovers, incidents, archives",
    ),
    "report": ("crsx", "工作报告（报送、接收、退回）", "reports"),
    "evaluation": ("crs", "评估评分", "evaluations"),
    "money": ("crs", "资金（预算、来源、支出）", "money: budgets, sources of funds, expenditure"),
    "subsidy": (
        "crus",
        "养老服务补贴核查（抽样、结果）",
        "checks of elderly-care subsidies, with their samples and results",
    ),
    "referral": ("crsx", "转介与移交", "referrals and transfers of people"),
    "deletion": ("crsx", "个人信息删除证明（含义务）", "certificates of deletion, with their duties"),
    "emergency": ("crsx", "紧急访问（启动、审查）", "emergency accesses"),
    "match": ("rsx", "同一人核验", "questions whether two files are of one person"),
    "override": ("crds", "人工核定", "decisions of stewards on fields of people"),
    "correction": ("crsx", "更正申请（申请、受理）", "requests to sources to put a field right"),
    "source": ("rs", "数据来源与同步运行", "upstream systems and their runs"),
    "quarantine": ("rs", "隔离行", "refused rows of sources"),
    "statistics": ("s", "人数统计（概数，过小不显示）", "rough numbers of people"),
    "status": (
        "r",
        "某人在某日是否享受待遇（仅是或否）",
        "whether a person is entitled on a day, as yes or no",
    ),
    "watch": ("crds", "资格变动关注", "watches on whether people are entitled"),
}
"""Resource: operations offered, Chinese and English name."""

FIELDS: Final[dict[Group, tuple[str, str]]] = {
    "identity": (
        "身份信息：姓名、性别、出生日期、脱敏身份证号",
        "who a person is: name, sex, birth date, masked identity number",
    ),
    "contact": ("联系方式：住址、电话", "where a person is reached: address, telephone"),
    "credential": ("完整证件号码", "full identity and certificate numbers"),
    "care": (
        "服务需求：类别、风险等级、评估、待遇",
        "what a person needs: category, risk, assessments, benefit",
    ),
    "minor": ("未成年人信息：监护人、学校", "what only a child has: guardian, school"),
}

_RESOURCE_SCOPE: Final = re.compile(r"([a-z]+)\.(c?r?u?d?s?x?)", re.ASCII)

_FIELD_SCOPES: Final = tuple(f"field:{group}" for group in FIELDS)

SUPPORTED: Final[tuple[str, ...]] = (
    *(f"{name}.{offered}" for name, (offered, _, _) in RESOURCES.items()),
    *_FIELD_SCOPES,
)
"""Every scope on offer, in its widest form, in the order of the tables above."""


def atoms(scopes: Iterable[str]) -> frozenset[str]:
    """One scope per operation; BadArgument for a scope that does not exist or is not offered."""
    return frozenset(atom for scope in scopes for atom in _atoms_of(scope))


def parse(text: str) -> frozenset[str]:
    """The atoms of a scope string as OAuth sends it, separated by single spaces (RFC 6749, 3.3)."""
    return atoms(text.split(" ")) if text else frozenset()


@lru_cache(maxsize=1024)
def _atoms_of(scope: str) -> tuple[str, ...]:
    if scope in _FIELD_SCOPES:
        return (scope,)
    match = _RESOURCE_SCOPE.fullmatch(scope)
    resource, operations = match.groups() if match else ("", "")
    if not operations or resource not in RESOURCES or not set(operations) <= set(RESOURCES[resource][0]):
        raise BadArgument(
            f"A scope is one of: {' '.join(SUPPORTED)}, or fewer operations of one.",
            zh="权限范围不在可用范围之内",
        )
    return tuple(f"{resource}.{operation}" for operation in operations)


def still_offered(scopes: Iterable[str]) -> frozenset[str]:
    """Their atoms, without a scope an older hub granted, which must not lock anybody out of the others."""
    return _still_offered(tuple(scopes))


@lru_cache(maxsize=1024)
def _still_offered(scopes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(atom for scope in scopes for atom in _offered(scope))


def _offered(scope: str) -> frozenset[str]:
    try:
        return atoms((scope,))
    except BadArgument:
        return frozenset()


def compact(scopes: Iterable[str]) -> str:
    """The scope string of these scopes: each resource once, in the order of ``SUPPORTED``."""
    given = atoms(scopes)
    held = {
        resource: "".join(operation for operation in OPERATIONS if f"{resource}.{operation}" in given)
        for resource in RESOURCES
    }
    return " ".join(
        (
            *(f"{resource}.{operations}" for resource, operations in held.items() if operations),
            *(scope for scope in _FIELD_SCOPES if scope in given),
        )
    )


def groups_of(scopes: Iterable[str]) -> frozenset[Group]:
    """The groups of columns these scopes open; ``public`` always, ``internal`` never."""
    given = atoms(scopes)
    return frozenset({"public", *(group for group in FIELDS if f"field:{group}" in given)})


def resources_of(scopes: Iterable[str]) -> frozenset[str]:
    """The resources these scopes open for reading.

    GraphQL reaches a record through its key, through lists and through relations alike, so a resource
    is open only with every reading operation it offers: ``beneficiary.r`` alone opens nothing.
    """
    given = atoms(scopes)
    return frozenset(name for name, (offered, _, _) in RESOURCES.items() if _opened(name, offered, given))


@lru_cache(maxsize=1024)
def acts_of(held: frozenset[str]) -> frozenset[str]:
    """Those of these atoms that do something and do not only read."""
    return frozenset(atom for atom in held if atom[-2:] in _ACTS)


_ACTS: Final = frozenset({".c", ".u", ".d", ".x"})


def _opened(resource: str, offered: str, given: frozenset[str]) -> bool:
    return all(f"{resource}.{operation}" in given for operation in offered if operation in "rs")


def describe(scope: str) -> tuple[str, str]:
    """A Chinese and an English sentence for one scope; BadArgument for one that does not exist."""
    atoms((scope,))
    prefix, _, group = scope.partition(":")
    if prefix == "field":
        zh, en = next(labels for name, labels in FIELDS.items() if name == group)
        return f"查看{zh}。", f"See {en}."
    resource, _, operations = scope.partition(".")
    _, zh, en = RESOURCES[resource]
    verbs_zh, verbs_en = zip(*(OPERATIONS[operation] for operation in operations), strict=True)
    return f"{'、'.join(verbs_zh)}{zh}。", f"{' and '.join(verbs_en).capitalize()} {en}."


DEFAULT_SCOPES: Final[dict[str, tuple[str, ...]]] = {
    BUREAU: SUPPORTED,
    TOWNSHIP: tuple(scope for scope in SUPPORTED if scope != "field:credential"),
    CONTRACTOR: (
        "division.rs",
        "station.rs",
        "personnel.rs",
        "contractor.rs",
        "contract.rs",
        "household.rs",
        "beneficiary.rs",
        "visit.crs",
        "assignment.rs",
        "dossier.crus",
        "case.crus",
        "protection.crus",
        "encounter.crus",
        "work.crus",
        "report.crs",
        "evaluation.crs",
        "money.crs",
        "subsidy.rs",
        "referral.crsx",
        "deletion.crs",
        "override.rs",
        "correction.crs",
        "field:identity",
        "field:contact",
        "field:care",
        "field:minor",
    ),
    AGENCY: ("division.rs", "status.r"),
    OPERATOR: ("division.rs", "station.rs", "contractor.rs", "source.rs"),
}
"""What a client of a role is granted unless its registration says otherwise. Slices bound it further."""
