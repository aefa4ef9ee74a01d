"""A filter that is null is refused, not dropped: dropping it would answer with everything."""

from __future__ import annotations

from typing import Any

import pytest

from graphql_schema.schema import audience
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import make_viewer
from hub.errors import BadArgument
from hub.read.plan import Faulty
from hub.read.run import Engine

ENGINE: Any = Engine(None, None, audience)  # type: ignore[arg-type]  # nothing is run
VIEWER = make_viewer("test", "bureau", frozenset(DEFAULT_SCOPES["bureau"]), division_code="450305000000")
QUERY = "query($w: BeneficiaryWhere) { beneficiaries(where: $w) { totalCount } }"


@pytest.mark.parametrize(
    "given",
    [
        {"riskLevel": None},
        {"riskLevel": {"eq": None}},
        {"riskLevel": {"in": None}},
        {"and": None},
        {"not": None},
        {"or": [{"divisionCode": {"within": None}}]},
        {"station": None},
        {"visits": {"visitedOn": {"gte": None}}},
    ],
)
def test_a_null_condition_is_refused(given: dict[str, Any]) -> None:
    operation = ENGINE.operation(VIEWER, QUERY, None)
    plan = ENGINE.way(VIEWER, operation, operation.variables({"w": given})).compiled.plan
    assert plan.fields == (("beneficiaries", Faulty()),)
    assert [type(error) for error in plan.faults.values()] == [BadArgument]


@pytest.mark.parametrize("given", [{}, {"w": None}, {"w": {}}])
def test_no_condition_is_no_condition(given: dict[str, Any]) -> None:
    operation = ENGINE.operation(VIEWER, QUERY, None)
    assert ENGINE.way(VIEWER, operation, operation.variables(given)).compiled is not None
