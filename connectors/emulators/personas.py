"""Who logs in to the demo: one client for each kind of user, with the slice that goes with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from connectors.emulators.world import World

Role = Literal["bureau", "township", "contractor", "agency", "operator"]


@dataclass(frozen=True, slots=True)
class PersonaSpec:
    """``division_code``: 12 digits, or None for the operator and for contractors, who have no area."""

    name: str
    label_zh: str
    label_en: str
    role: Role
    division_code: str | None
    contractor_credit_code: str | None = None


_AREAS: Final = (
    PersonaSpec(
        "province-bureau",
        "福建省民政厅",
        "Fujian department of civil affairs",
        "bureau",
        "350000000000",
    ),
    PersonaSpec(
        "county-bureau-qixing",
        "七星区民政局",
        "Qixing district bureau of civil affairs",
        "bureau",
        "450305000000",
    ),
    PersonaSpec(
        "county-bureau-jinjiang",
        "晋江市民政局",
        "Jinjiang city bureau of civil affairs",
        "bureau",
        "350582000000",
    ),
    PersonaSpec(
        "township-dongjiang", "七星区东江街道", "Dongjiang sub-district, Qixing", "township", "450305002000"
    ),
    PersonaSpec("township-anhai", "晋江市安海镇", "Anhai town, Jinjiang", "township", "350582101000"),
)
_CONTRACTORS: Final = (
    ("licheng", "Licheng social-work centre, Guilin: three stations of Qixing"),
    ("xingyan", "Xingyan social-work centre, Guilin: the other two stations of Qixing"),
    ("citong", "Citongli social-work centre, Quanzhou: stations of Jinjiang and of Tong'an"),
)
_OTHERS: Final = (
    PersonaSpec(
        "agency-medical-insurance",
        "七星区医疗保障局",
        "Qixing district medical-insurance bureau",
        "agency",
        "450305000000",
    ),
    PersonaSpec("operator", "平台运维", "Operator of the hub", "operator", None),
)


def personas(world: World) -> list[PersonaSpec]:
    """In the order in which the demo shows them."""
    by_slug = {contractor.slug: contractor for contractor in world.contractors}
    contractors = [
        PersonaSpec(
            f"contractor-{slug}", by_slug[slug].name, label, "contractor", None, by_slug[slug].credit_code
        )
        for slug, label in _CONTRACTORS
    ]
    return [*_AREAS, *contractors, *_OTHERS]
