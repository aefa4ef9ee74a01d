"""The hub through its own connector of rosters: the records as lists of 低保 in a folder."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Final

from benchmarks.sync.columns import NAMES
from benchmarks.sync.contenders.contender import Values
from benchmarks.sync.contenders.hub import Hub
from benchmarks.sync.people import COUNTY
from benchmarks.sync.source import Sampled, Source

_OF_MEMBERSHIP: Final = ("category", "starts_on", "ends_on", "monthly_amount")
_OF_PERSON: Final = (
    *("name", "id_number", "sex", "birth_on", "ethnicity_code", "division_code", "address", "phone"),
    "household_relation_code",
)
_PLACES: Final = {
    "file_number": "h.household_number",
    **{name: f"b.{name}" for name in _OF_PERSON},
    **{name: f"m.{name}" for name in _OF_MEMBERSHIP},
}
"""Where the list's columns go: each record is a household of one. The others nobody asks for."""


class Roster(Hub):
    """The list has a household's number in place of the person's, and no category: it is one."""

    name = "roster"
    tables = ("household", "beneficiary", "category_membership")
    suffix = "csv"
    query = f"""
        select {", ".join(_PLACES.get(name, "null") for name in NAMES)}
        from household h left join beneficiary b on b.county_code = h.county_code and b.household_id = h.id
            left join category_membership m on m.county_code = b.county_code and m.beneficiary_id = b.id
        where h.county_code = '{COUNTY}' and h.household_number = any($1::text[])"""

    def command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.sync.contenders.roster_app", self.suffix]

    def expected(self, sample: Mapping[str, Sampled]) -> Values:
        return {
            key: tuple(
                "DIBAO" if name == "category" else value if name in _PLACES else None
                for name, value in zip(NAMES, record.meant, strict=True)
            )
            for key, record in sample.items()
            if record.fault in (None, "CODE_UNKNOWN")
        }

    def faults(self, source: Source) -> Counter[str]:
        told = Counter(source.faults)
        del told["CODE_UNKNOWN"]
        return told


class RosterOfWorkbooks(Roster):
    name = "roster_xlsx"
    suffix = "xlsx"
