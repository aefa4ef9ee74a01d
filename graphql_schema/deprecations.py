"""What of the schema is deprecated: the one place that says since when, until when, why, and what instead.

    Deprecation(
        of=("Beneficiary.abilityStandard",),
        days=Days(since=dt.date(2026, 12, 1), sunset=dt.date(2027, 7, 1)),
        en="It is part of the level",
        zh="该标准已并入等级",
        instead="Beneficiary.abilityLevel",
    )

``of`` names fields, arguments, input fields and enum values by their coordinates; a field that is also a
filter, an order or a key to group by is several of them. An entry leaves together with what it names.
"""

from __future__ import annotations

from typing import Final

from hub.governance.deprecation import Deprecation

DEPRECATIONS: Final[tuple[Deprecation, ...]] = ()
