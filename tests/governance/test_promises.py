"""Deprecation with its days, and what is promised until then."""

from __future__ import annotations

import datetime as dt

import pytest
from graphql import GraphQLSchema, build_schema, print_schema

from hub.governance.changes import changes_between
from hub.governance.deprecation import NOTICE_DAYS, Days, Deprecation, days_of, deprecated, mark, missing
from hub.governance.promises import broken

RELEASED = dt.date(2026, 3, 1)
SUNSET = dt.date(2026, 12, 1)
DAYS = Days(RELEASED, SUNSET)
PLAIN = """
enum Risk { LOW HIGH }
input Where { risk: Risk must: Int! }
interface Named { name: String }
type Person implements Named { name: String age: Int years: Int risk(full: Boolean now: Int!): Risk }
type Query { person(where: Where): Person named: Named }
"""


def schema(*deprecations: Deprecation, text: str = PLAIN) -> GraphQLSchema:
    made = build_schema(text)
    mark(made, deprecations)
    return made


def old(*of: str, days: Days = DAYS, instead: str | None = None) -> Deprecation:
    return Deprecation(of, days, "It is counted elsewhere", "另行计算", instead)


def whys(before: GraphQLSchema, after: GraphQLSchema, today: dt.date = RELEASED) -> dict[str, str]:
    changes = changes_between(before, after)
    found = broken(before, after, changes, released_on=RELEASED, today=today)
    return {promise.coordinate: promise.why for promise in found}


def test_a_reason_names_days_and_replacement_in_both_languages() -> None:
    (reason,) = deprecated(schema(old("Person.age", instead="Person.years"))).values()
    assert reason == (
        "It is counted elsewhere; use Person.years. Deprecated 2026-03-01, sunset 2026-12-01."
        " — 另行计算，请改用 Person.years。2026-03-01 起弃用，2026-12-01 起可能移除"
    )
    assert days_of(reason) == DAYS


def test_a_replacement_that_a_client_does_not_see_is_not_named() -> None:
    (reason,) = deprecated(schema(old("Person.age", instead="Person.hidden"))).values()
    assert "hidden" not in reason


def test_whatever_can_be_left_out_can_be_deprecated_and_is_printed() -> None:
    of = "Person.age", "Person.risk(full:)", "Where.risk", "Risk.HIGH"
    made = schema(old(*of))
    assert sorted(deprecated(made)) == sorted(of)
    assert print_schema(made).count("@deprecated(reason: ") == 4
    assert sorted(deprecated(build_schema(print_schema(made)))) == sorted(of)


@pytest.mark.parametrize("of", ["Where.must", "Person.risk(now:)", "Person"])
def test_what_must_be_given_cannot(of: str) -> None:
    with pytest.raises(TypeError, match="may be left out"):
        schema(old(of))


def test_a_name_that_is_none_is_found_and_elsewhere_passed_over() -> None:
    wrong = old("Person.size", instead="Person.height")
    assert missing(build_schema(PLAIN), [wrong]) == ["Person.size", "Person.height"]
    assert deprecated(schema(wrong)) == {}


@pytest.mark.parametrize("reason", ["no longer", "Deprecated 2026-13-01, sunset 2026-12-01.", None])
def test_a_reason_without_days(reason: str | None) -> None:
    assert days_of(reason) is None


GONE = PLAIN.replace("age: Int ", "")


def test_nothing_is_removed_unannounced() -> None:
    assert whys(schema(), schema(text=GONE)) == {"Person.age": "It was not deprecated in the last release."}


def test_nothing_is_removed_before_its_sunset() -> None:
    before = schema(old("Person.age"))
    day = dt.timedelta(days=1)
    (why,) = whys(before, schema(text=GONE), SUNSET - day).values()
    assert why == "Its sunset is 2026-12-01, and today is 2026-11-30."
    assert whys(before, schema(text=GONE), SUNSET) == {}


def test_what_hangs_on_a_deprecated_field_may_change_with_it() -> None:
    text = PLAIN.replace("full: Boolean ", "full: Int! ")
    assert list(whys(schema(), schema(text=text), SUNSET)) == ["Person.risk(full:)"]
    assert whys(schema(old("Person.risk")), schema(text=text), SUNSET) == {}


def test_a_type_goes_with_the_fields_that_lead_to_it() -> None:
    shorter = PLAIN.replace("where: Where", "by: Int").replace("input Where { risk: Risk must: Int! }", "")
    assert list(whys(schema(), schema(text=shorter))) == ["Query.person(where:)"]


def test_a_type_that_an_interface_leads_to_does_not() -> None:
    text = PLAIN + "type Dog implements Named { name: String }"
    assert list(whys(schema(text=text), schema())) == ["Dog"]


def test_a_deprecation_without_days_is_none() -> None:
    text = PLAIN.replace("age: Int ", "age: Int @deprecated ")
    (why,) = whys(schema(), schema(text=text)).values()
    assert why == "Its deprecation names no days: deprecated 2026-01-31, sunset 2026-12-31."
    (why,) = whys(schema(text=text), schema(text=GONE)).values()
    assert why == "Its deprecation named no sunset."


def test_notice_is_given() -> None:
    short = Days(RELEASED, RELEASED + dt.timedelta(days=NOTICE_DAYS - 1))
    (why,) = whys(schema(), schema(old("Person.age", days=short))).values()
    assert why.endswith(f"are fewer than {NOTICE_DAYS} days.")
    enough = Days(RELEASED, RELEASED + dt.timedelta(days=NOTICE_DAYS))
    assert whys(schema(), schema(old("Person.age", days=enough))) == {}


def test_an_announcement_is_not_dated_back() -> None:
    early = Days(dt.date(2026, 1, 1), SUNSET)
    (why,) = whys(schema(), schema(old("Person.age", days=early))).values()
    assert why == "It says 2026-01-01, but the release of 2026-03-01 did not say so."
    assert whys(schema(old("Person.age", days=early)), schema(old("Person.age", days=early))) == {}


def test_a_sunset_is_not_moved_forward() -> None:
    later = old("Person.age", days=Days(RELEASED, dt.date(2027, 6, 1)))
    (why,) = whys(schema(later), schema(old("Person.age"))).values()
    assert why == "Its sunset was 2027-06-01 and is 2026-12-01 now."
    assert whys(schema(old("Person.age")), schema(later)) == {}
