"""一人一档, 评估: a person's situation, how grave it is, and what is needed (R151, R152, R164, R179)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from hub.domain.vocabulary import AbilityLevel, AbilityStandard, AssessmentKind, NeedStatus, SelfCare
from hub.errors import BadArgument, Conflict
from hub.tables import PERSON, assessment, needs_record, risk_assessment
from hub.tables import beneficiary as beneficiaries
from hub.tables import dossier as dossiers
from hub.write import checks
from hub.write.noting import Person, change, day, hold, note, seen_person, seen_worker
from hub.write.stating import say
from hub.write.work import Key, Work

MOST_TEXT: Final = 4_000
"""Characters of one part of a dossier: the hub's own bound."""

OPENED: Final = "select kind from dossier where county_code = $1 and beneficiary_id = $2"
LATER: Final = """
    select true from "{table}" where county_code = $1 and beneficiary_id = $2 and assessed_on > $3 {tests}"""


class DossierOpened(Conflict):
    """The person has a dossier of this kind: there is one for each (R151)."""

    zh = "该对象已有此类档案（一人一档）"


async def open_dossier(
    work: Work,
    *,
    beneficiary: str,
    kind: str,
    opened_on: dt.date | None = None,
    worker: str | None = None,
    **parts: str | None,
) -> Key:
    person = await seen_person(work, beneficiary)
    opened = day(work, "openedOn", opened_on, "建档日期")
    said = _parts(parts)
    await hold(work, person)
    kinds = {row["kind"] for row in await work.own_rows(OPENED, person.county, person.id)}
    if kind in kinds:
        raise DossierOpened
    given = {"kind": kind, "opened_on": opened, "worker_id": await seen_worker(work, worker), **said}
    key = await note(work, dossiers, person.key, given)
    if not kinds:
        await _tell(work, person, "dossier", {"dossier_opened_on": opened})
    return key


async def update_dossier(
    work: Work,
    *,
    dossier: str,
    version: str,
    synced_with_township_at: dt.datetime | None = None,
    synced_with_village_at: dt.datetime | None = None,
    worker: str | None = None,
    **parts: str | None,
) -> Key:
    """What is not given stays."""
    for name, at, zh in (
        ("syncedWithTownshipAt", synced_with_township_at, "与乡镇（街道）同步时间"),
        ("syncedWithVillageAt", synced_with_village_at, "与村（社区）同步时间"),
    ):
        if at is not None:
            checks.moment(work, name, at, zh)
    values = {
        **_parts(parts),
        "synced_with_township_at": synced_with_township_at,
        "synced_with_village_at": synced_with_village_at,
        "worker_id": await seen_worker(work, worker),
        "updated_on": work.today,
    }
    return await change(work, dossiers, dossier, version, values)


async def assess_risk(
    work: Work,
    *,
    beneficiary: str,
    level: str,
    assessed_on: dt.date | None = None,
    reason: str | None = None,
    worker: str | None = None,
) -> Key:
    """The person's risk level is the newest that is said, here or by a list (R152)."""
    given = {"level": level, "reason": checks.text("reason", reason, "评估理由", MOST_TEXT)}
    person, on = await _assessed(work, beneficiary, assessed_on, worker, given)
    key = await note(work, risk_assessment, person.key, given)
    if not await work.own_row(LATER.format(table="risk_assessment", tests=""), person.county, person.id, on):
        await _tell(work, person, "risk", {"risk_level": level})
    return key


async def assess_need(
    work: Work,
    *,
    beneficiary: str,
    kind: str,
    status: str | None = None,
    description: str | None = None,
    assessed_on: dt.date | None = None,
    worker: str | None = None,
) -> Key:
    said = checks.text("description", description, "需求说明", MOST_TEXT)
    given = {"kind": kind, "status": status or NeedStatus.OPEN.value, "description": said}
    person, _ = await _assessed(work, beneficiary, assessed_on, worker, given)
    return await note(work, needs_record, person.key, given)


async def follow_need(
    work: Work, *, need: str, version: str, status: str, description: str | None = None
) -> Key:
    """What became of a need; the day is today's."""
    said = checks.text("description", description, "需求说明", MOST_TEXT)
    values = {"status": status, "description": said, "assessed_on": work.today}
    return await change(work, needs_record, need, version, values)


async def assess_ability(
    work: Work,
    *,
    beneficiary: str,
    ability: str | None = None,
    standard: str | None = None,
    self_care: str | None = None,
    assessed_on: dt.date | None = None,
    assessor_name: str | None = None,
    worker: str | None = None,
) -> Key:
    """Of an elderly person by a standard (R164), or the self-care of a person in extreme hardship."""
    told, result, kind = _ability(ability, standard, self_care)
    given = {
        "kind": kind,
        "standard": standard and AbilityStandard(standard).zh,
        "result": result,
        "assessor_name": checks.text("assessorName", assessor_name, "评估机构或人员", checks.MOST_NAME),
    }
    person, on = await _assessed(work, beneficiary, assessed_on, worker, given)
    key = await note(work, assessment, person.key, given)
    later = LATER.format(table="assessment", tests="and kind = $4")
    if not await work.own_row(later, person.county, person.id, on, kind):
        await _tell(work, person, kind.lower(), told)
    return key


def _ability(
    ability: str | None, standard: str | None, self_care: str | None
) -> tuple[dict[str, str], str, str]:
    """What the person's own row says then, the result in words, and the kind of assessment."""
    if (ability is None) == (self_care is None) or (ability is None) != (standard is None):
        raise BadArgument(
            "Expected ability with its standard, or selfCare.",
            zh="应填写 ability 及 standard，或填写 selfCare",
        )
    if self_care is not None:
        return {"self_care": self_care}, SelfCare(self_care).zh, AssessmentKind.TEKUN_SELF_CARE.value
    assert ability is not None
    assert standard is not None
    if standard == AbilityStandard.MZ_T_039_2013 and ability == AbilityLevel.COMPLETE:
        raise BadArgument("Expected one of the four levels of MZ/T 039-2013.", zh="MZ/T 039-2013 没有此等级")
    told = {"ability_level": ability, "ability_standard": standard}
    return told, AbilityLevel(ability).zh, AssessmentKind.ELDER_ABILITY.value


async def _assessed(
    work: Work, beneficiary: str, on: dt.date | None, worker: str | None, given: dict[str, Any]
) -> tuple[Person, dt.date]:
    """Completes ``given``, and holds the person."""
    person = await seen_person(work, beneficiary)
    assessed = day(work, "assessedOn", on, "评估日期")
    given |= {"assessed_on": assessed, "worker_id": await seen_worker(work, worker)}
    await hold(work, person)
    return person, assessed


async def _tell(work: Work, person: Person, why: str, given: Mapping[str, Any]) -> None:
    """The hub says it of the person, beside what lists say: the newest stands."""
    await say(work, beneficiaries, person.key, person.county, given, why=why)
    work.note(PERSON, person.key, "U", *sorted(given))


def _parts(given: Mapping[str, str | None]) -> dict[str, str | None]:
    labels = {
        "basic_information": ("basicInformation", "基本情况"),
        "problems": ("problems", "存在问题"),
        "needs_assessment": ("needsAssessment", "需求评估"),
        "support_goals": ("supportGoals", "帮扶目标"),
    }
    return {
        column: checks.text(name, given.get(column), zh, MOST_TEXT) for column, (name, zh) in labels.items()
    }
