"""What rules ask of the contractor of a contract: what it may do, has done, is rated, and how it is run."""

from __future__ import annotations

from typing import Final

from hub.compliance.contracts import OF, SIGNED, contract_state
from hub.compliance.measure import Measures, State
from hub.domain.norms.met import ORDERS

_OWN: Final = "array['contractor:' || r.id]"
_RESULTS: Final = f"array{list(ORDERS['RESULT'])}"


def _of(value: str, applies: str = "true", made_of: str = _OWN) -> State:
    return contract_state(f"""
        select k.id, {value} as value, {SIGNED} and {applies} as applies, {made_of} as inputs
        from contract k join contractor r on r.id = k.contractor_id where {OF}""")


_EARLIER: Final = """
    past_project p where p.contractor_id = r.id and coalesce(p.ends_on, p.starts_on, '-infinity') <= $3"""
_KEPT: Final = """
    management_system m where m.contractor_id = r.id and coalesce(m.adopted_on, '-infinity') <= $3"""

MEASURES: Final[Measures] = {
    "contractor.scope": _of("r.business_scope"),
    "contractor.earlier_result": _of(
        f"({_RESULTS})[(select max(array_position({_RESULTS}, p.audit_rating)) from {_EARLIER})]",
        made_of=f"array(select 'past_project:' || p.id from {_EARLIER} order by p.id desc)",
    ),
    # Whoever has a Party organisation has the preference without a grade (A27).
    "contractor.rating": _of("r.grade", "r.has_party_organisation is not true"),
    "contractor.institutions": _of(
        f"array(select distinct m.kind from {_KEPT})",
        made_of=f"array(select 'management_system:' || m.id from {_KEPT} order by m.id desc)",
    ),
}
