"""Every coded value has its words, every word finds its code, and the glossary says the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.vocabulary import (
    CODE_TABLES,
    ETHNICITY,
    HEAD_OF_HOUSEHOLD,
    HOUSEHOLD_RELATION,
    VOCABULARY,
    AbilityLevel,
    Category,
    ContractStatus,
    Education,
    ProcurementMethod,
    RiskLevel,
    SelfCare,
    Sex,
    StationKind,
    StationStatus,
    SupportMode,
    Term,
    VisitKind,
)
from hub.tables import metadata

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"

ROW = re.compile(r"^\| (?P<zh>.+?) \| (?P<en>.+?) \| `(?P<identifier>[\w.]+)` \| (?P<source>.+?) \|$", re.M)

MEMBERS = [member for kind in VOCABULARY.values() for member in kind]


def glossary() -> dict[str, tuple[str, str]]:
    """Identifier → Chinese and English word."""
    rows = [m.groupdict() for m in ROW.finditer(GLOSSARY.read_text("utf-8"))]
    words = {row["identifier"]: (row["zh"].strip("*"), row["en"].strip("*")) for row in rows}
    assert len(words) == len(rows), "an identifier stands twice"
    return words


@pytest.mark.parametrize("kind", VOCABULARY.values(), ids=VOCABULARY)
def test_codes_are_names_and_words_are_unique(kind: type[Term]) -> None:
    assert [m.value for m in kind] == list(kind.__members__)
    assert len({m.zh for m in kind}) == len({m.en for m in kind}) == len(kind)
    assert all(m.zh and m.en for m in kind)


@pytest.mark.parametrize("kind", VOCABULARY.values(), ids=VOCABULARY)
def test_every_word_finds_its_code(kind: type[Term]) -> None:
    for member in kind:
        for word in (member.value, member.zh, *member.synonyms):
            for spelt in (word, f" {word}　", word.replace("（", "(").replace("）", ")"), word.lower()):
                assert kind.parse(spelt) is member, spelt


@given(st.sampled_from(list(VOCABULARY.values())), st.text(max_size=20))
def test_any_text_is_answered(kind: type[Term], label: str) -> None:
    found = kind.parse(label)
    assert found is None or found in kind


@pytest.mark.parametrize(
    ("kind", "label", "member"),
    [
        (Sex, "１", Sex.MALE),
        (Sex, "9", Sex.UNSPECIFIED),
        (Category, "最低生活保障对象（城乡低保）", Category.DIBAO),
        (Category, "农村低保", Category.DIBAO),
        (Category, "特困人员（分散供养）", Category.TEKUN),
        (Category, '特困家庭("四帮四扶"工程)', Category.TEKUN_FAMILY),
        (Category, "散居孤儿", Category.ORPHAN),
        (Category, "(农村)留守儿童", Category.LEFT_BEHIND_CHILD),
        (Category, "权益受(到)伤害儿童", Category.HARMED_CHILD),
        (Category, "各类困境未成年人", Category.CHILD_IN_DIFFICULTY),
        (Category, "农村留守老人", Category.LEFT_BEHIND_ELDER),
        (Category, "特困供养老年人", Category.TEKUN_ELDER),
        (Category, "养老机构孤寡老人", Category.LONELY_ELDER),
        (Category, "生活无着的流浪乞讨人员", Category.VAGRANT),
        (Category, "低保边缘家庭", Category.DIBAO_MARGINAL),
        (SupportMode, "机构供养", SupportMode.INSTITUTION),
        (SelfCare, "部分丧失生活自理能力", SelfCare.PARTIAL),
        (RiskLevel, "高", RiskLevel.LEVEL_1),
        (RiskLevel, "三级", RiskLevel.LEVEL_3),
        (AbilityLevel, "4", AbilityLevel.COMPLETE),
        (Education, "专科", Education.COLLEGE),
        (ProcurementMethod, "单一来源", ProcurementMethod.SINGLE_SOURCE),
        (ContractStatus, "不予续签", ContractStatus.NOT_RENEWED),
        (StationKind, "社工站", StationKind.SOCIAL_WORK),
        (StationStatus, "已暂停运行", StationStatus.SUSPENDED),
        (VisitKind, "巡访", VisitKind.ROUND),
    ],
)
def test_spellings_of_the_documents(kind: type[Term], label: str, member: Term) -> None:
    assert kind.parse(label) is member


@pytest.mark.parametrize("label", ["", "无", "低保特困", "儿童", "老人", "1", "特困人员、低保对象"])
def test_a_vague_label_is_no_category(label: str) -> None:
    assert Category.parse(label) is None


def test_what_the_documents_count() -> None:
    assert (len(Category), len(ProcurementMethod), len(AbilityLevel)) == (31 + 4, 7, 5)
    assert not [c for c in Category if "、" in c.zh], "、 separates several categories in one cell"


@pytest.mark.parametrize(
    ("label", "code"),
    [("壮族", "08"), ("壮", "08"), ("8", "08"), ("08", "08"), ("其他", "97"), ("火星族", None)],
)
def test_ethnic_groups(label: str, code: str | None) -> None:
    assert ETHNICITY.parse(label) == code


def test_the_standard_has_56_ethnic_groups() -> None:
    assert len(ETHNICITY.labels) == 56 + 2
    assert ETHNICITY.label("03") == "回族"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("户主", "02"),
        ("本人", "01"),
        ("配偶", "10"),
        ("1", "10"),
        ("51", "51"),
        ("女儿", "30"),
        ("外孙女", "44"),
        ("兄、弟、姐、妹", "70"),
        ("孙子、孙女或外孙子、外孙女", "40"),
        ("邻居", None),
    ],
)
def test_relations_to_the_head(label: str, code: str | None) -> None:
    assert HOUSEHOLD_RELATION.parse(label) == code


def test_every_relation_has_two_digits() -> None:
    assert all(re.fullmatch(r"\d\d", code) for code in HOUSEHOLD_RELATION.labels)
    assert set(HOUSEHOLD_RELATION.labels) >= HEAD_OF_HOUSEHOLD


def test_the_glossary_has_every_word_and_no_stale_one() -> None:
    expected: dict[str, tuple[str, str]] = {}
    for table in metadata.tables.values():
        expected[table.name] = (table.info["zh"], table.info["en"])
    for name, codes in CODE_TABLES.items():
        expected[name] = (codes.zh, codes.en)
    for member in MEMBERS:
        expected[f"{type(member).__name__}.{member}"] = (member.zh, member.en)
    said = glossary()
    kinds = {name: said.pop(name, ("", "")) for name in VOCABULARY}
    assert not [name for name, words in kinds.items() if not all(words)]
    assert said == expected
