"""Forms of reports: they ask for what there is, and every number has a word to stand by."""

from __future__ import annotations

from typing import Any, cast

import pytest
from graphql import GraphQLObjectType, get_named_type

from graphql_schema.access import NAMES
from hub.compliance.forms import EVIDENCE, FORMS, UNITS, Evidence
from hub.domain.norms import RULES
from tests.support.reading import BUREAU, schema

WORDS = {"DATE", "DEGREE", "GRADE", "LEVEL", "RATING", "RESULT", "SHARE"}
"""Units of what is no number to be measured in something."""


def test_each_report_that_is_drafted_is_asked_for_by_a_rule() -> None:
    asked = {bound.quantity for rule in RULES for bound in rule.bounds}
    for kind, form in FORMS.items():
        assert any(quantity.startswith(form.quantity) for quantity in asked), kind


@pytest.mark.parametrize("each", EVIDENCE.values(), ids=EVIDENCE)
def test_each_column_of_a_list_is_a_field(each: Evidence) -> None:
    made = schema(BUREAU)
    assert made.query_type is not None
    assert each.root in made.query_type.fields
    record = cast(GraphQLObjectType, made.type_map[NAMES[each.table]])
    assert each.day in record.fields
    for column in each.columns:
        at: Any = record
        for name in column.path:
            at = get_named_type(at.fields[name].type)


def test_every_list_stands_in_a_form_and_every_form_has_its_lists() -> None:
    used = {name for form in FORMS.values() for section in form.sections for name in section.evidence}
    assert used == EVIDENCE.keys()
    titles = [section.zh for form in FORMS.values() for section in form.sections]
    assert all(len({*names}) == len(names) for names in [[s.zh for s in f.sections] for f in FORMS.values()])
    assert titles


def test_every_unit_has_a_word() -> None:
    units = {bound.unit for rule in RULES for bound in rule.bounds if bound.unit}
    assert units - UNITS.keys() == WORDS
