"""Who asks, and what: the same questions for every persona."""

from __future__ import annotations

from typing import Final

PERSONAS: Final = (
    "province-bureau",
    "county-bureau-qixing",
    "county-bureau-jinjiang",
    "township-dongjiang",
    "township-anhai",
    "contractor-licheng",
    "contractor-xingyan",
    "contractor-citong",
    "agency-medical-insurance",
    "operator",
)

PERSON: Final = """
    nameMasked divisionCode dossierOpenedOn name idNumber idNumberMasked fileNumber sex birthOn ethnicityCode
    householdRelationCode address phone riskLevel selfCare abilityLevel abilityStandard disabilityCategory
    disabilityGrade disabilityCertificate guardianName guardianRelation guardianPhone school
"""

QUESTIONS: Final[dict[str, tuple[str, str, str]]] = {
    # name: type, root field, what is asked of each
    "stations": (
        "Station",
        "stations",
        """divisionCode name formerName kind status renamedOn openedOn staffedOn siteHostKind address phone
        division { code name fullName level kind isPilotTown }
        operator { creditCode name contactName }
        personnel(first: 200) { totalCount nodes { staffNumber name idNumber employer { creditCode } } }
        contracts { totalCount nodes { number contractor { name } stations { totalCount } } }
        beneficiaries(first: 200) { totalCount nodes { nameMasked name idNumber idNumberMasked fileNumber } }
        assignments { totalCount } visits { totalCount }""",
    ),
    "personnel": (
        "Personnel",
        "personnel",
        """staffNumber divisionCode kind education major credential credentialObtainedOn isFullTime
        isLowIncomeVerifier onboardedOn leftOn reviewedByBureauOn name sex birthOn idNumberMasked phone
        idNumber division { code } station { divisionCode } employer { creditCode }
        assignments(first: 200) { totalCount nodes { startsOn beneficiary { nameMasked } } }
        visits { totalCount }""",
    ),
    "contractors": (
        "Contractor",
        "contractors",
        """creditCode name kind registrationAuthority businessScope grade hasPartyOrganisation contactName
        contactPhone contracts { totalCount nodes { number status } }
        stations { totalCount nodes { divisionCode } } personnel { totalCount } assignments { totalCount }
        visits { totalCount }""",
    ),
    "contracts": (
        "Contract",
        "contracts",
        """number title divisionCode purchaserName procurementMethod signedOn startsOn endsOn cycleYears
        amount standards evaluationRules renewalOfNumber status annualEvaluation division { code }
        contractor { creditCode } assignments { totalCount } visits { totalCount }
        beneficiaries(first: 200) { totalCount nodes { nameMasked name idNumber } }
        stations { totalCount nodes { divisionCode } }""",
    ),
    "around": (
        "Contract",
        "contracts",
        """number stations(first: 20) { totalCount nodes { divisionCode
          beneficiaries(first: 200) { totalCount nodes { nameMasked name idNumber
            visits(first: 10) { totalCount nodes { visitedOn contract { number contractor { creditCode } } } }
          } } } }""",
    ),
    "beneficiaries": (
        "Beneficiary",
        "beneficiaries",
        PERSON
        + """division { code } station { divisionCode operator { creditCode } }
        household { householdNumber members { totalCount nodes { nameMasked idNumber } } }
        memberships { totalCount nodes { category startsOn endsOn supportMode monthlyAmount
          certificateNumber } }
        assignments { totalCount nodes { startsOn endsOn contract { number } contractor { creditCode }
          station { divisionCode } worker { staffNumber name } } }
        contracts { totalCount nodes { number } }
        visits { totalCount nodes { visitedOn kind textRecord contract { number } } }""",
    ),
    "households": (
        "Household",
        "households",
        """householdNumber divisionCode address registeredMemberCount economicStatusCheckedOn
        division { code }
        members { totalCount nodes { nameMasked idNumber household { householdNumber } } }""",
    ),
    "assignments": (
        "Assignment",
        "assignments",
        """startsOn endsOn beneficiary { nameMasked name idNumber assignments { totalCount } }
        station { divisionCode } contract { number assignments { totalCount } } contractor { creditCode }
        worker { staffNumber employer { creditCode } }""",
    ),
    "visits": (
        "Visit",
        "visits",
        """visitedOn kind purpose hasPhotos hasRegisterForm textRecord
        beneficiary { nameMasked name idNumber visits { totalCount } } station { divisionCode }
        contract { number } contractor { creditCode } worker { staffNumber employer { creditCode } }""",
    ),
}
