"""Duties to return or delete what is known about people, and their certificates, as clients see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import CertificateDecision, DeletionMethod, DutyReason, DutyStatus
from hub.read.bind import Connection, bound, many, number_of, one
from hub.tables.deletion import CERTIFIED_LINES, LINES, OPEN_LINES

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.contract import Contract, Contractor


@bound(tables.deletion_duty)
class DeletionDuty:
    id: strawberry.ID
    reason: DutyReason
    status: DutyStatus
    division_code: str
    lost_on: dt.date
    issued_on: dt.date
    due_on: dt.date
    person_count: int = number_of("People it is about", "涉及人数", LINES)
    open_count: int = number_of("People still to be certified", "待履行人数", OPEN_LINES)
    contract: Contract | None = one("Contract the people were served under", "合同")
    contractor: Contractor | None = one("Contractor that owes it", "承接机构")
    people: Connection[DeletionDutyPerson] = many("People it is about", "涉及人员")
    certificates: Connection[DeletionCertificate] = many("What was certified", "返还或删除证明")


@bound(tables.deletion_duty_person)
class DeletionDutyPerson:
    id: strawberry.ID
    person: str
    lost_on: dt.date
    was_shown: bool
    released_on: dt.date | None
    beneficiary: Beneficiary | None = one("Beneficiary, for who sees the person", "服务对象")
    duty: DeletionDuty | None = one("Duty", "删除义务")
    certificate: DeletionCertificate | None = one("Certificate, where there is one", "证明")


@bound(tables.deletion_certificate)
class DeletionCertificate:
    id: strawberry.ID
    method: DeletionMethod
    statement: str
    signer_name: str
    signed_on: dt.date
    filed_at: dt.datetime
    person_count: int = number_of("People it is about", "涉及人数", CERTIFIED_LINES)
    decision: CertificateDecision
    decided_at: dt.datetime | None
    decision_reason: str | None
    duty: DeletionDuty | None = one("Duty", "删除义务")
    contractor: Contractor | None = one("Contractor that certifies", "承接机构")
    people: Connection[DeletionDutyPerson] = many("People it is about", "涉及人员")
