"""Records of the standard, of what the graph shows this viewer.

What the viewer's schema does not have is not asked for, and is not in the record; nothing is filled in. A
Chinese name is one text: the hub does not part it into surname and given name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from graphql import GraphQLObjectType, GraphQLSchema

Row = Mapping[str, Any]

CONTEXT: Final = {
    "@vocab": "https://schema.spdci.org/core/v1/",
    "spdci": "https://schema.spdci.org/extensions/social/v1/",
}
SEXES: Final = {"MALE": "male", "FEMALE": "female", "UNKNOWN": "unknown", "UNSPECIFIED": "others"}
PERSON: Final = (
    *("id", "name", "nameMasked", "idNumber", "idNumberMasked", "fileNumber", "sex", "birthOn"),
    *("deceasedOn", "address", "phone", "divisionCode", "disabilityCategory", "disabilityGrade", "riskLevel"),
)
MEMBERSHIPS: Final = "memberships(first: 20) { nodes { category startsOn endsOn } }"
DIVISION: Final = "division { name }"
HOUSEHOLD: Final = ("id", "householdNumber", "address", "divisionCode", "registeredMemberCount")
MEMBERS: Final = 30
"""Of a household, in one record."""
ACTIVE: Final = "active"
DISABLED: Final = frozenset({"DISABLED", "SEVERE_DISABLED"})


def person_fields(schema: GraphQLSchema) -> str:
    """Of ``Beneficiary``, as this audience has it; empty where it has none."""
    known = _known(schema, "Beneficiary")
    parts = [name for name in PERSON if name in known]
    parts += [MEMBERSHIPS] if "memberships" in known else []
    parts += [DIVISION] if "division" in known else []
    return " ".join(parts)


def household_fields(schema: GraphQLSchema) -> str:
    """Of ``Household`` with the people in it."""
    known, person = _known(schema, "Household"), person_fields(schema)
    if not known or not person:
        return ""
    parts = [name for name in HOUSEHOLD if name in known]
    return " ".join([*parts, DIVISION, f"members(first: {MEMBERS}) {{ totalCount nodes {{ {person} }} }}"])


def _known(schema: GraphQLSchema, name: str) -> Iterable[str]:
    found = schema.type_map.get(name)
    return found.fields if isinstance(found, GraphQLObjectType) else ()


def member(row: Row, today: str) -> dict[str, Any]:
    programmes = [_programme(each, today) for each in _nodes(row, "memberships")]
    marked = {each["programme_identifier"] for each in programmes if each["enrolment_status"] == ACTIVE}
    return {
        "@context": CONTEXT,
        "@type": "spdci:Member",
        "@id": row["id"],
        "member_identifier": _identifiers(row, "GLOBAL_ID", "NIN"),
        "demographic_info": _person(row),
        **({"is_disabled": True} if DISABLED & marked or row.get("disabilityGrade") else {}),
        **_disability(row),
        **_present(programmes=programmes),
        **_present(additional_attributes=_additional(row)),
    }


def group(row: Row, today: str) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "spdci:Group",
        "@id": row["id"],
        "group_identifier": [
            _identifier("GLOBAL_ID", row["id"]),
            _identifier("HOUSEHOLD_ID", row["householdNumber"]),
        ],
        "group_type": "household",
        **_present(place=_place(row)),
        **_present(group_size=row.get("registeredMemberCount")),
        "member_list": [member(each, today) for each in _nodes(row, "members")],
    }


def enrolled(kind: str, value: str, programmes: Sequence[str]) -> dict[str, Any]:
    """Of a person of whom nothing is told but the programmes: who asked brought the identifier."""
    return {
        "@context": CONTEXT,
        "@type": "spdci:Member",
        "member_identifier": [_identifier(kind, value)],
        "programmes": [{"programme_identifier": each, "enrolment_status": ACTIVE} for each in programmes],
    }


def _person(row: Row) -> dict[str, Any]:
    name = row.get("name") or row.get("nameMasked")
    return {
        "@type": "spdci:SRPerson",
        **_present(identifier=_identifiers(row, "NIN", "FILE_NUMBER")),
        **_present(name={"@type": "Name", "full_name": name} if name else None),
        **_present(sex=SEXES.get(row.get("sex") or "")),
        **_present(birth_date=row.get("birthOn"), death_date=row.get("deceasedOn")),
        **_present(address=_place(row), phone_number=[row["phone"]] if row.get("phone") else None),
    }


def _identifiers(row: Row, *kinds: str) -> list[dict[str, Any]]:
    number = row.get("idNumber") or row.get("idNumberMasked")
    values = {"GLOBAL_ID": row["id"], "NIN": number, "FILE_NUMBER": row.get("fileNumber")}
    return [_identifier(kind, values[kind]) for kind in kinds if values[kind]]


def _identifier(kind: str, value: str) -> dict[str, Any]:
    return {"@type": "Identifier", "identifier_type": kind, "identifier_value": value}


def _place(row: Row) -> dict[str, Any] | None:
    named = (row.get("division") or {}).get("name")
    found = _present(
        street_address=row.get("address"), division_code=row.get("divisionCode"), division_name=named
    )
    return {"@type": "Address", **found} if found else None


def _disability(row: Row) -> dict[str, Any]:
    """Kind after GB/T 26341, grade 1 to 4."""
    found = _present(
        disability_type=row.get("disabilityCategory"), disability_grade=row.get("disabilityGrade")
    )
    return {"disability_info": [{"@type": "DisabilityInfo", **found}]} if found else {}


def _programme(row: Row, today: str) -> dict[str, Any]:
    stands = row["startsOn"] <= today and (row["endsOn"] is None or today <= row["endsOn"])
    return {
        "programme_identifier": row["category"],
        "enrolment_date": row["startsOn"],
        "enrolment_status": ACTIVE if stands else "inactive",
        **_present(status_change_date=row["endsOn"]),
    }


def _additional(row: Row) -> list[dict[str, Any]]:
    return [{"name": "risk_level", "value": row["riskLevel"]}] if row.get("riskLevel") else []


def _present(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value not in (None, [], {}, "")}


def _nodes(row: Row, name: str) -> Sequence[Row]:
    found: Sequence[Row] = (row.get(name) or {}).get("nodes", ())
    return found
