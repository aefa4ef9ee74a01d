"""Prices of documents under statistics that a test makes up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from graphql_schema.schema import audience
from hub.access.live import NONE
from hub.access.viewer import Viewer
from hub.read.leaves import Request, viewer_values
from hub.read.planner import arguments_of
from hub.read.pricing import Price
from hub.read.run import Engine
from hub.read.statistics import WHOLE, Column, Part, Statistics
from hub.store.vault import Vault
from tests.support.county import TODAY
from tests.support.reading import BUREAU

VAULT: Final = Vault(bytes(range(32)))
ENGINE: Final[Any] = Engine(None, VAULT, audience)  # type: ignore[arg-type]  # nothing is run

COUNTED: Final = {"beneficiary_tally": 300_000, "visit_tally": 900_000}
"""As if no two were of one kind."""

COUNTRY: Final = Statistics(
    {"division": 40_000, "station": 1_000, "contractor": 50, "beneficiary": 300_000, "visit": 900_000}
    | COUNTED,
    {
        ("beneficiary_tally", "risk_level"): Column(3, 100_000),
        ("beneficiary", "station_id"): Column(1_000, 300),
        ("beneficiary", "risk_level"): Column(3, 100_000),
        ("visit", "beneficiary_id"): Column(300_000, 12),
        ("station", "operator_id"): Column(50, 40),
    },
)
"""A station has at most 300 people, a person 12 visits, a contractor 40 stations."""


def asked(document: str, viewer: Viewer = BUREAU, **variables: Any) -> tuple[Price, Sequence[Any]]:
    """The price of a document, and the parameters of this request."""
    operation = ENGINE.operation(viewer, document, None)
    values = operation.variables(variables)
    compiled = ENGINE.way(viewer, operation, values).compiled
    theirs = viewer_values(viewer, NONE, TODAY)
    request = Request(arguments_of(compiled.plan, values), theirs, VAULT, "", TODAY)
    return compiled.price, compiled.read(request)


def price(
    document: str,
    viewer: Viewer = BUREAU,
    statistics: Statistics = COUNTRY,
    part: Part = WHOLE,
    **variables: Any,
) -> float:
    found, given = asked(document, viewer, **variables)
    return found.of(statistics, given, part)
