"""All measures, by what they measure. ``quantity@CASE`` is for one case of a bound (``Bound.when``) or for
rules on one subject."""

from __future__ import annotations

from typing import Final

from hub.compliance import contractors, contracts, divisions, people, projects, reports, staff, stations
from hub.compliance.measure import Measures

MEASURES: Final[Measures] = {
    **stations.MEASURES,
    **staff.MEASURES,
    **people.MEASURES,
    **contracts.MEASURES,
    **contractors.MEASURES,
    **projects.MEASURES,
    **reports.MEASURES,
    **divisions.MEASURES,
}
