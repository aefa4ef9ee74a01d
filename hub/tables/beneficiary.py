"""服务对象、家庭、对象类别: whom the stations serve."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Index,
    Named,
    SmallInteger,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    MONEY,
    StatedColumns,
    by_name,
    care,
    contact,
    county,
    county_key,
    derived,
    division,
    identity,
    internal,
    known,
    lived_in,
    look_up,
    made,
    minor,
    points_to,
    public,
    refer,
    sealed,
    searched_by,
    shown_from,
    table,
    township,
)
from hub.tables.division import division as _division


class HouseholdColumns(TypedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    household_number: Named[str] = public("户编号", "Household number given by the county", CODE)
    division_code: Named[str] = division("居住地区划", "Division of residence")
    address: Named[str | None] = contact("家庭住址", "Address")
    registered_member_count: Named[int | None] = care(
        "登记家庭人口", "Number of members the source states", SmallInteger
    )
    economic_status_checked_on: Named[dt.date | None] = care(
        "家庭经济状况核对日期", "Day of the last economic-status check"
    )


household = table(
    "household",
    "家庭",
    "Household",
    HouseholdColumns,
    UniqueConstraint("county_code", "household_number"),
    Index(None, "division_code"),
    refer(_division, "division_code"),
)


class BeneficiaryColumns(TypedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    name: Named[str] = identity("姓名", "Name")
    name_masked: Named[str] = public("姓名（脱敏）", "Name, masked")
    id_number: Named[bytes | None] = sealed("身份证号", "Identity number, opened")
    id_number_hash: Named[bytes | None] = look_up("身份证号摘要", "id_number")
    id_number_masked: Named[str | None] = identity("身份证号（脱敏）", "Identity number, masked")
    file_number: Named[str | None] = identity(
        "档案编号", "Number of the person's file, for people without an identity number", CODE
    )
    sex: Named[str | None] = identity("性别", "Sex, GB/T 2261.1", vocabulary="Sex")
    birth_on: Named[dt.date | None] = identity("出生日期", "Day of birth")
    ethnicity_code: Named[str | None] = identity(
        "民族", "Ethnic group, GB/T 3304", CODE, vocabulary="Ethnicity"
    )
    division_code: Named[str] = division("居住地区划", "Division of residence")
    address: Named[str | None] = contact("住址", "Address")
    phone: Named[str | None] = contact("联系电话", "Telephone")
    household_id: Named[int | None] = internal("家庭", "Household", BigInteger)
    household_relation_code: Named[str | None] = identity(
        "与户主关系", "Relation to the head of household, GB/T 4761", CODE, vocabulary="HouseholdRelation"
    )
    station_id: Named[int | None] = points_to("服务站", "Station of the residence", "station.id")
    risk_level: Named[str | None] = care("风险等级", "Risk level (R152, R155–R157)", vocabulary="RiskLevel")
    self_care: Named[str | None] = care(
        "生活自理能力", "Self-care ability of a person in extreme hardship", vocabulary="SelfCare"
    )
    ability_level: Named[str | None] = care(
        "老年人能力等级", "Ability level of an elderly person", vocabulary="AbilityLevel"
    )
    ability_standard: Named[str | None] = care(
        "能力评估标准", "Standard the ability level follows", vocabulary="AbilityStandard"
    )
    disability_category: Named[str | None] = care(
        "残疾类别", "Disability category, GB/T 26341-2010", vocabulary="DisabilityCategory"
    )
    disability_grade: Named[int | None] = care("残疾等级", "Disability grade, 1 to 4", SmallInteger)
    disability_certificate: Named[bytes | None] = sealed(
        "残疾人证号", "Disability certificate number, opened"
    )
    guardian_name: Named[str | None] = minor("监护人姓名", "Guardian's name")
    guardian_relation: Named[str | None] = minor("监护人关系", "Guardian's relation to the child")
    guardian_phone: Named[str | None] = minor("监护人电话", "Guardian's telephone")
    school: Named[str | None] = minor("就读学校", "School")
    deceased_on: Named[dt.date | None] = care("死亡日期", "Day of death")
    open_contract_ids: Named[list[int]] = derived(
        "在服合同", "Contracts of assignments without an end", ARRAY(BigInteger), server_default="{}"
    )
    open_since_on: Named[dt.date | None] = derived("在服起始", "Day all of these have begun")
    dated_contract_ids: Named[list[int]] = derived(
        "有期合同", "Contracts of assignments with an end", ARRAY(BigInteger), server_default="{}"
    )
    township_code: Named[str | None] = township()
    shown_from_on: Named[dt.date | None] = shown_from("shown_from(b.birth_on, '{}')")
    made_at: Named[dt.datetime] = made()
    dossier_opened_on: Named[dt.date | None] = public("建档日期", "Day the dossier was opened (R151)")
    name_keys: Named[list[str] | None] = searched_by("姓名", person=True)


beneficiary = table(
    "beneficiary",
    "服务对象",
    "Beneficiary",
    BeneficiaryColumns,
    UniqueConstraint("county_code", "id_number_hash"),
    Index("beneficiary_file_number_idx", "county_code", "file_number"),
    Index(None, "division_code", "county_code", "id"),
    Index(None, "township_code", "county_code", "id"),
    Index(None, "township_code", "risk_level", "county_code", "id"),
    Index(None, "station_id", "county_code", "id"),
    Index(None, "county_code", "household_id", "id"),
    Index(None, "risk_level", "county_code", "id"),
    Index(None, "name"),
    Index(None, "birth_on"),
    Index(None, "deceased_on"),
    Index(None, "id_number_hash"),
    by_name(),
    Index("beneficiary_unnamed_idx", "county_code", "id", postgresql_where=text("name_keys is null")),
    refer(_division, "division_code"),
    refer(household, "county_code", "household_id"),
)


class CategoryMembershipColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    division_code: Named[str | None] = lived_in()
    shown_from_on: Named[dt.date | None] = shown_from()
    made_at: Named[dt.datetime] = made()
    known_from: Named[dt.datetime] = known()
    category: Named[str] = care("对象类别", "Category (union of the five documents)", vocabulary="Category")
    starts_on: Named[dt.date] = care("起始日期", "First day of membership")
    ends_on: Named[dt.date | None] = care("终止日期", "Last day of membership; open while null")
    support_mode: Named[str | None] = care(
        "供养方式", "Institutional or scattered support (特困)", vocabulary="SupportMode"
    )
    monthly_amount: Named[Decimal | None] = care("月保障金额（元）", "Monthly benefit in yuan", MONEY)
    certificate_number: Named[str | None] = care("救助证号", "Number of the relief certificate", CODE)
    legal_basis: Named[str | None] = care("认定依据", "Document the membership rests on")


category_membership = table(
    "category_membership",
    "对象类别",
    "Membership of a beneficiary in a category",
    CategoryMembershipColumns,
    Index(None, "county_code", "beneficiary_id", "id"),
    Index(None, "category", "county_code", "beneficiary_id"),
    UniqueConstraint("county_code", "source_id", "record_key"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)
