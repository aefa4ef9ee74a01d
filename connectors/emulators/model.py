"""What is true in the synthetic world: plain records, nothing of how a bureau writes them down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from hub.domain.division import DivisionRow
from hub.domain.vocabulary import (
    AbilityLevel,
    AbilityStandard,
    AnnualEvaluation,
    Category,
    ContractStatus,
    CredentialKind,
    DisabilityCategory,
    Education,
    OrganizationGrade,
    OrganizationKind,
    PersonnelKind,
    ProcurementMethod,
    RegistrationAuthority,
    RiskLevel,
    SelfCare,
    Sex,
    SiteHostKind,
    StationKind,
    StationStatus,
    SupportMode,
    VisitKind,
    VisitPurpose,
)

Rules = Literal["QX", "JJ", "XM", "NX"]
"""Which of the five documents a county follows; QX stands under the provincial GX."""

ListKind = Literal["dibao", "tekun", "temp_aid", "child", "elder", "disability", "vagrant", "other"]


@dataclass(frozen=True, slots=True)
class Township:
    """``lane`` is unique in the world: identity numbers of two townships never share a birth date."""

    row: DivisionRow
    villages: tuple[DivisionRow, ...]
    lane: int
    people: int

    @property
    def code(self) -> str:
        return self.row.code

    @property
    def name(self) -> str:
        return self.row.name


@dataclass(frozen=True, slots=True)
class County:
    """``slug`` begins staff and contract numbers."""

    row: DivisionRow
    slug: str
    rules: Rules
    urban: bool
    townships: tuple[Township, ...]

    @property
    def code(self) -> str:
        """12 digits."""
        return self.row.code

    @property
    def county_code(self) -> str:
        """6 digits, as folders and keys have it."""
        return self.row.code[:6]

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def bureau_name(self) -> str:
        return f"{self.name}民政局"

    @property
    def people(self) -> int:
        return sum(township.people for township in self.townships)


@dataclass(frozen=True, slots=True)
class Contractor:
    """``county_codes``: counties whose register lists it."""

    slug: str
    credit_code: str
    name: str
    kind: OrganizationKind
    registration_authority: RegistrationAuthority
    business_scope: str
    grade: OrganizationGrade | None
    has_party_organisation: bool
    division_code: str
    contact_name: str
    contact_phone: str
    county_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    county_code: str
    number: str
    title: str
    purchaser_name: str
    division_code: str
    contractor: Contractor
    procurement_method: ProcurementMethod
    signed_on: dt.date
    starts_on: dt.date
    ends_on: dt.date
    cycle_years: int
    amount: Decimal
    standards: str
    evaluation_rules: str
    renewal_of_number: str | None
    status: ContractStatus
    annual_evaluation: AnnualEvaluation | None
    station_codes: tuple[str, ...]
    is_core: bool = True
    """The station's own project; others come on top at one station (R91)."""

    def is_live(self, on: dt.date) -> bool:
        ended = self.status in (ContractStatus.TERMINATED, ContractStatus.DRAFT)
        return self.starts_on <= on <= self.ends_on and not ended


@dataclass(frozen=True, slots=True)
class Station:
    county_code: str
    division_code: str
    township_name: str
    name: str
    former_name: str | None
    kind: StationKind
    status: StationStatus
    renamed_on: dt.date | None
    opened_on: dt.date | None
    staffed_on: dt.date | None
    site_host_kind: SiteHostKind
    address: str
    phone: str
    operator_credit_code: str | None


@dataclass(frozen=True, slots=True)
class Worker:
    """``township_code`` is None for staff of the whole county, such as a supervisor."""

    county_code: str
    staff_number: str
    name: str
    sex: Sex
    id_number: str
    birth_on: dt.date
    education: Education
    major: str
    credential: CredentialKind | None
    credential_obtained_on: dt.date | None
    hukou_division_code: str
    employer_credit_code: str | None
    township_code: str | None
    kind: PersonnelKind
    is_full_time: bool
    is_low_income_verifier: bool
    onboarded_on: dt.date
    left_on: dt.date | None
    reviewed_by_bureau_on: dt.date | None
    phone: str

    @property
    def division_code(self) -> str:
        return self.township_code or self.county_code + "000000"

    def is_on_post(self, on: dt.date) -> bool:
        return self.onboarded_on <= on and (self.left_on is None or on <= self.left_on)


class Membership(NamedTuple):
    """``amount``: yuan a month, or the single sum of temporary aid."""

    list_kind: ListKind
    category: Category
    starts_on: dt.date
    ends_on: dt.date | None
    support_mode: SupportMode | None = None
    amount: Decimal | None = None
    certificate_number: str | None = None


class Assignment(NamedTuple):
    contract: Contract
    station_code: str
    staff_number: str | None
    starts_on: dt.date
    ends_on: dt.date | None


class Visit(NamedTuple):
    number: str
    visited_on: dt.date
    kind: VisitKind
    purpose: VisitPurpose
    contract: Contract
    station_code: str
    staff_number: str | None
    has_photos: bool
    has_register_form: bool
    text_record: str


@dataclass(slots=True)
class Household:
    """A household of a roster; what its members share."""

    number: str
    division_code: str
    address: str
    phone: str
    member_count: int
    certificate_number: str
    checked_on: dt.date | None


class Guardian(NamedTuple):
    name: str
    relation: str
    phone: str


@dataclass(slots=True)
class Person:
    """Everything known of a person, as far as a list states it.

    ``deceased_on`` is the exception: no list has the day of death, and of some dead people the
    bureau does not know yet, so that their memberships are still open. ``key`` tells people of the world
    apart, whatever is written of them; no system ever sees it.
    """

    county_code: str
    township_code: str
    name: str
    sex: Sex | None
    birth_on: dt.date | None
    ethnicity_code: str | None
    id_number: str | None
    division_code: str
    address: str | None
    phone: str | None
    file_number: str | None = None
    household: Household | None = None
    relation_code: str | None = None
    risk_level: RiskLevel | None = None
    self_care: SelfCare | None = None
    ability_level: AbilityLevel | None = None
    ability_standard: AbilityStandard | None = None
    disability_category: DisabilityCategory | None = None
    disability_grade: int | None = None
    disability_certificate: str | None = None
    guardian: Guardian | None = None
    school: str | None = None
    deceased_on: dt.date | None = None
    dossier_opened_on: dt.date | None = None
    memberships: list[Membership] = field(default_factory=list)
    assignments: tuple[Assignment, ...] = ()
    visits: tuple[Visit, ...] = ()
    key: str = ""

    @property
    def categories(self) -> set[Category]:
        return {membership.category for membership in self.memberships}

    @property
    def list_kinds(self) -> set[ListKind]:
        return {membership.list_kind for membership in self.memberships}

    def is_in(self, category: Category, on: dt.date) -> bool:
        """Whether a membership of ``category`` covers the day."""
        return any(
            m.category == category and m.starts_on <= on and (m.ends_on is None or on <= m.ends_on)
            for m in self.memberships
        )
