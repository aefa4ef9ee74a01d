"""Marks in an answer, and what is read from them afterwards."""

from __future__ import annotations

from hub.audit.records import Shown, parted, people, person_key, shown

PERSON, OTHER = person_key("450305", 17), person_key("450305", 18)


def test_marks_leave_the_answer_as_it_is_shown() -> None:
    body = b'{"a":\x010:450305:17/\x01{"b":[\x011<0:99\x01{},\x011<0:98\x01{}]}}'
    assert parted(body) == (b'{"a":{"b":[{},{}]}}', "0:450305:17/ 1<0:99 1<0:98")
    assert parted(b"{}") == (b"{}", "")


def test_a_fact_inside_a_person_is_that_persons() -> None:
    """Also behind others that the same answer shows inside the person."""
    records = (
        "0:450305:17/ 1<0:99 2:450305:5 3:450305:18/ 1<3:97 1<0:98 0:450305:18/ 1<0:96 4:12 1:450305:95/17"
    )
    assert list(shown(records)) == [
        Shown(0, "450305:17", PERSON),
        Shown(1, "450305:99", PERSON),
        Shown(2, "450305:5", 0),
        Shown(3, "450305:18", OTHER),
        Shown(1, "450305:97", OTHER),
        Shown(1, "450305:98", PERSON),
        Shown(0, "450305:18", OTHER),
        Shown(1, "450305:96", OTHER),
        Shown(4, "12", 0),
        Shown(1, "450305:95", PERSON),
    ]
    assert people([records, None, "4:12"]) == [PERSON, OTHER]
