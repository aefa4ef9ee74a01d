"""The 25 columns of a record: the header of the source, our name, and its type where it is stored ready."""

from __future__ import annotations

from typing import Final, NamedTuple


class Column(NamedTuple):
    header: str
    name: str
    type: str = 'text collate "C"'


KEY: Final = "file_number"

COLUMNS: Final = (
    Column("档案编号", KEY),
    Column("姓名", "name"),
    Column("身份证号", "id_number"),
    Column("性别", "sex"),
    Column("出生日期", "birth_on", "date"),
    Column("民族", "ethnicity_code"),
    Column("区划代码", "division_code"),
    Column("住址", "address"),
    Column("联系电话", "phone"),
    Column("与户主关系", "household_relation_code"),
    Column("风险等级", "risk_level"),
    Column("生活自理能力", "self_care"),
    Column("能力等级", "ability_level"),
    Column("残疾类别", "disability_category"),
    Column("残疾等级", "disability_grade", "smallint"),
    Column("残疾人证号", "disability_certificate"),
    Column("监护人姓名", "guardian_name"),
    Column("监护人关系", "guardian_relation"),
    Column("监护人电话", "guardian_phone"),
    Column("就读学校", "school"),
    Column("建档日期", "dossier_opened_on", "date"),
    Column("对象类别", "category"),
    Column("起始日期", "starts_on", "date"),
    Column("终止日期", "ends_on", "date"),
    Column("月保障金额（元）", "monthly_amount", "numeric(14, 2)"),
)

HEADERS: Final = tuple(column.header for column in COLUMNS)
NAMES: Final = tuple(column.name for column in COLUMNS)
