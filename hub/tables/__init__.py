"""What is stored: every table, column, label and group."""

from hub.tables._columns import FACTS, GROUPS, Counts, Group, Kept, metadata
from hub.tables.administrator import (
    administrator,
)
from hub.tables.audit import (
    OF_PERSON,
    PERSON,
    access_batch,
    access_entry,
    access_shape,
    access_span,
    personal,
)
from hub.tables.beneficiary import (
    beneficiary,
    category_membership,
    household,
)
from hub.tables.caseload import (
    assessment,
    assignment,
    dossier,
    needs_record,
    risk_assessment,
    visit,
    visit_photo,
    visit_plan,
)
from hub.tables.contract import (
    catalogue_item,
    contract,
    contract_item,
    contract_station,
    deliverable,
    filing,
    procurement,
    purchase_plan,
)
from hub.tables.contractor import (
    contractor,
    disclosure,
    management_system,
    past_project,
)
from hub.tables.deletion import (
    deletion_certificate,
    deletion_duty,
    deletion_duty_person,
)
from hub.tables.division import (
    bureau,
    bureau_office,
    division,
    guidance_centre,
    township_office,
)
from hub.tables.document import (
    trusted_document,
)
from hub.tables.emergency import emergency_access
from hub.tables.fieldwork import (
    adoption_assessment,
    case_work,
    community_activity,
    group_session,
    group_work,
    hospital_escort,
    patrol,
    publicity_event,
    street_encounter,
    subsidy_check,
)
from hub.tables.handing import (
    referral,
    write_key,
)
from hub.tables.identity import (
    oauth_assertion,
    oauth_client,
    oauth_code,
    oauth_grant,
    oauth_proof,
    oauth_refresh,
    oauth_request,
    oauth_revoked,
)
from hub.tables.key import (
    field_key_use,
    settled_county,
)
from hub.tables.ledger import (
    change,
    character_reading,
    quarantined_row,
    source,
    sync_run,
)
from hub.tables.money import (
    budget_line,
    expenditure,
    fund_source,
    payment,
)
from hub.tables.outreach import (
    bulletin,
    media_article,
    volunteer_activity,
    volunteer_team,
)
from hub.tables.oversight import (
    archive_transfer,
    evaluation,
    incident,
    report,
    supervision,
)
from hub.tables.personnel import (
    handover,
    handover_item,
    personnel,
    staff_marking,
    vacancy,
)
from hub.tables.protection import (
    economic_status_check,
    guardian,
    guardianship_confirmation,
    intervention,
    protection_case,
)
from hub.tables.provider import (
    former_identity,
    oauth_provider,
    provider_visit,
    user_identity,
)
from hub.tables.purpose import (
    client_purpose,
    purpose,
)
from hub.tables.records import RECORDS, WINNER_ORDER, seen_row, withdrawn_record
from hub.tables.station import (
    station,
    station_equipment,
    station_institution,
    station_role,
    station_sign,
)
from hub.tables.tally import TALLIES
from hub.tables.training import (
    child_worker,
    credential,
    exam_entry,
    training_event,
    training_record,
)
from hub.tables.user import (
    hub_user,
    recovery_code,
    sign_in_try,
    user_session,
)

__all__ = [
    "FACTS",
    "GROUPS",
    "OF_PERSON",
    "PERSON",
    "RECORDS",
    "TALLIES",
    "WINNER_ORDER",
    "Counts",
    "Group",
    "Kept",
    "access_batch",
    "access_entry",
    "access_shape",
    "access_span",
    "administrator",
    "adoption_assessment",
    "archive_transfer",
    "assessment",
    "assignment",
    "beneficiary",
    "budget_line",
    "bulletin",
    "bureau",
    "bureau_office",
    "case_work",
    "catalogue_item",
    "category_membership",
    "change",
    "character_reading",
    "child_worker",
    "client_purpose",
    "community_activity",
    "contract",
    "contract_item",
    "contract_station",
    "contractor",
    "credential",
    "deletion_certificate",
    "deletion_duty",
    "deletion_duty_person",
    "deliverable",
    "disclosure",
    "division",
    "dossier",
    "economic_status_check",
    "emergency_access",
    "evaluation",
    "exam_entry",
    "expenditure",
    "field_key_use",
    "filing",
    "former_identity",
    "fund_source",
    "group_session",
    "group_work",
    "guardian",
    "guardianship_confirmation",
    "guidance_centre",
    "handover",
    "handover_item",
    "hospital_escort",
    "household",
    "hub_user",
    "incident",
    "intervention",
    "management_system",
    "media_article",
    "metadata",
    "needs_record",
    "oauth_assertion",
    "oauth_client",
    "oauth_code",
    "oauth_grant",
    "oauth_proof",
    "oauth_provider",
    "oauth_refresh",
    "oauth_request",
    "oauth_revoked",
    "past_project",
    "patrol",
    "payment",
    "personal",
    "personnel",
    "procurement",
    "protection_case",
    "provider_visit",
    "publicity_event",
    "purchase_plan",
    "purpose",
    "quarantined_row",
    "recovery_code",
    "referral",
    "report",
    "risk_assessment",
    "seen_row",
    "settled_county",
    "sign_in_try",
    "source",
    "staff_marking",
    "station",
    "station_equipment",
    "station_institution",
    "station_role",
    "station_sign",
    "street_encounter",
    "subsidy_check",
    "supervision",
    "sync_run",
    "township_office",
    "training_event",
    "training_record",
    "trusted_document",
    "user_identity",
    "user_session",
    "vacancy",
    "visit",
    "visit_photo",
    "visit_plan",
    "volunteer_activity",
    "volunteer_team",
    "withdrawn_record",
    "write_key",
]
