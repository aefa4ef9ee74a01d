"""``hub schema check`` and ``hub schema release``, on the hub's own schema."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from graphql import GraphQLSchema, build_schema, print_schema

from graphql_schema.deprecations import DEPRECATIONS
from graphql_schema.schema import audience, whole
from hub import printed, released
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Capability, make_viewer
from hub.cli import main
from hub.errors import BadArgument, NotFound
from hub.governance.changelog import Schemas, entries, plain
from hub.governance.deprecation import Days, Deprecation, mark, missing
from hub.governance.documents import Document
from hub.released import Release
from hub.schema_check import check, registered
from hub.schema_report import as_json, sentences
from tests.governance.test_promises import SUNSET

DAY = dt.date(2026, 3, 1)
DEPRECATION = Deprecation(
    ("Beneficiary.riskLevel", "BeneficiaryWhere.riskLevel", "RiskLevel.LEVEL_1"),
    Days(DAY, SUNSET),
    "Old",
    "旧",
)
CASELOAD = """query Caseload($where: BeneficiaryWhere) {
  beneficiaries(where: $where) {
    nodes { ...Case }
  }
}
fragment Case on Beneficiary { nameMasked riskLevel }
"""
STATIONS = "query Stations { stations { nodes { name } } }"
TOWNSHIP = make_viewer("x", "township", frozenset(DEFAULT_SCOPES["township"])).capability


def before(role: str | None) -> str:
    """The schema of now with two fields more, one of them for the staff of bureaus."""
    text = printed.sdl(role)
    text = text.replace("\n  riskLevel: RiskLevel\n", "\n  riskLevel: RiskLevel\n  grade: Int\n")
    schema = build_schema(text)
    mark(schema, [DEPRECATION])
    return print_schema(schema) + "\n"


@pytest.fixture(scope="module")
def now() -> Schemas:
    return released.current(printed.sdl)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release."""
    folder = tmp_path_factory.mktemp("released")
    released.release("1.0.0", DAY, before, folder)
    return folder


@pytest.fixture(scope="module")
def last(first: Path) -> Release:
    """The release, read once."""
    return released.last(first)


@pytest.fixture
def folder(first: Path, tmp_path: Path) -> Path:
    """The same, to add to."""
    return shutil.copytree(first, tmp_path / "released")


@dataclass(frozen=True)
class Held:
    client_id: str
    name: str
    source: str
    capability: Capability = TOWNSHIP


def documents(text: str = CASELOAD) -> Iterator[Document]:
    return registered([Held("portal", "caseload", text), Held("map", "stations", STATIONS)])


def test_the_committed_schema_keeps_its_promises(now: Schemas) -> None:
    report = check(released.last(), now, [], dt.date.today())
    assert report.passes, "\n".join(sentences(report))


def test_what_is_deprecated_exists() -> None:
    assert missing(whole()._schema, DEPRECATIONS) == []


def test_a_removed_field_names_its_audiences_and_who_breaks(last: Release, now: Schemas) -> None:
    text = CASELOAD.replace("nameMasked", "grade")
    report = check(last, now, documents(text), DAY)
    (finding,) = [f for f in report.findings if f.change.coordinate == "Beneficiary.grade"]
    assert finding.audiences == ("bureau", "township", "contractor")
    assert finding.promise == "It was not deprecated in the last release."
    (hit,) = finding.breaks
    assert (hit.place.client, hit.place.document, hit.place.operation) == ("portal", "caseload", "Caseload")
    assert (hit.place.path, hit.place.line, hit.place.column) == ("...Case.grade", 6, 32)
    assert not report.passes
    said = "\n".join(sentences(report))
    assert "Promise not kept. It was not deprecated in the last release." in said
    assert (
        "Breaks document caseload of portal, operation Caseload, ...Case.grade (line 6, column 32)." in said
    )
    assert "Field Query.schemaChanges was added" not in said
    assert said.endswith("The schema does not keep its promises.")


def test_who_relies_on_what_is_deprecated_is_told(last: Release) -> None:
    held = [Document("portal", "caseload", "township", last.schemas["township"], CASELOAD)]
    report = check(last, last.schemas, held, DAY)
    found = {(r.coordinate, r.place.path, r.place.certain) for r in report.reliances}
    assert found == {
        ("Beneficiary.riskLevel", "...Case.riskLevel", True),
        ("BeneficiaryWhere.riskLevel", "", False),
        ("RiskLevel.LEVEL_1", "", False),
    }
    assert report.passes
    said = "\n".join(sentences(report))
    assert "...Case.riskLevel (line 6, column 43): uses Beneficiary.riskLevel, sunset 2026-12-01." in said
    assert "its variables decide whether it uses RiskLevel.LEVEL_1" in said
    data = as_json(report)
    assert data["passes"]
    assert {row["sunset"] for row in data["deprecatedInUse"]} == {"2026-12-01"}


def test_a_document_that_never_fitted_is_told(now: Schemas) -> None:
    report = check(released.last(), now, documents("{ nothing }"), DAY)
    (refused,) = report.refused
    assert (refused.place.client, refused.place.line) == ("portal", 1)
    assert not report.passes
    assert "document caseload of portal (line 1, column 3): Cannot query field" in "\n".join(
        sentences(report)
    )


def test_a_deprecation_without_days_is_told_without_a_change(last: Release) -> None:
    """Released as it is, so that nothing changed; the promise is not kept all the same."""
    bare = {name: without_days(schema) for name, schema in last.schemas.items()}
    kept = Release("1.0.0", DAY, Path())
    kept.__dict__["schemas"] = bare
    held = [Document("portal", "caseload", "township", bare["township"], CASELOAD)]
    report = check(kept, bare, [*held, Document("map", "broken", "whole", bare["whole"], "{")], DAY)
    assert report.findings == ()
    said = "\n".join(sentences(report))
    assert "  Beneficiary.riskLevel: Its deprecation names no days" in said
    assert "uses Beneficiary.riskLevel, no sunset." in said
    assert "document broken of map (line 1, column 2): Syntax Error" in said


def without_days(schema: GraphQLSchema) -> GraphQLSchema:
    return build_schema(print_schema(schema).replace("sunset", "until"))


def hub(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def test_the_command_reads_a_folder(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(released, "FOLDER", folder)
    there = tmp_path / "documents/township/portal"
    there.mkdir(parents=True)
    (there / "caseload.graphql").write_text(CASELOAD.replace("nameMasked", "grade"))
    (tmp_path / "documents/stations.graphql").write_text(STATIONS)
    given = "schema", "check", "--documents", str(tmp_path / "documents")
    found = hub(*given, "--json", "--on", "2026-03-02")
    assert found.exit_code == 1
    data = json.loads(found.output)
    (change,) = [c for c in data["changes"] if c["coordinate"] == "Beneficiary.grade"]
    assert (change["kind"], change["severity"], change["what"]) == ("REMOVED", "breaking", "FIELD_REMOVED")
    (hit,) = change["breaks"]
    assert hit["client"] == "portal"
    assert hit["path"] == "...Case.grade"
    assert data["documents"] == 2
    assert (data["version"], data["releasedOn"], data["passes"]) == ("1.0.0", "2026-03-01", False)
    assert "Breaks document caseload of portal" in hub(*given).output


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    found = hub("schema", "check", "--documents", str(tmp_path))
    assert found.exit_code == 1
    assert "[NOT_FOUND]" in found.output


def test_the_command_passes_on_the_committed_schema() -> None:
    found = hub("schema", "check")
    assert (found.exit_code, found.output.splitlines()[-1]) == (0, "The schema keeps what was promised.")


def test_releases_follow_each_other(folder: Path) -> None:
    released.release("1.1.0", DAY, printed.sdl, folder)
    assert [r.version for r in released.releases(folder)] == ["1.0.0", "1.1.0"]
    for version, day in (("1.1.0", DAY), ("1.0.9", DAY), ("1.2.0", dt.date(2026, 2, 28)), ("new", DAY)):
        with pytest.raises(BadArgument):
            released.release(version, day, printed.sdl, folder)


def test_without_a_release_there_is_nothing_to_compare(tmp_path: Path) -> None:
    assert released.changelog(printed.sdl, tmp_path) == []
    with pytest.raises(NotFound):
        released.last(tmp_path)


def test_the_release_command_keeps_and_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Any] = []

    def release(version: str, date: dt.date, sdl: Any) -> Release:
        done.append((version, date))
        return Release(version, date, Path())

    monkeypatch.setattr(released, "release", release)
    monkeypatch.setattr(printed, "write_all", lambda: done.append("written"))
    found = hub("schema", "release", "0.2.0", "--on", "2027-01-01")
    assert found.output == "Released 0.2.0 of 2027-01-01.\n"
    assert done == [("0.2.0", dt.date(2027, 1, 1)), "written"]


def test_what_breaks_a_promise_is_not_released(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(released, "FOLDER", folder)
    found = hub("schema", "release", "2.0.0", "--on", "2026-03-02")
    assert found.exit_code == 1
    assert "Beneficiary.grade" in found.output
    assert [r.version for r in released.releases(folder)] == ["1.0.0"]


def test_the_changelog_tells_each_step(folder: Path) -> None:
    released.release("1.1.0", dt.date(2026, 4, 1), printed.sdl, folder)
    found = {(e.coordinate, e.kind): e for e in released.changelog(printed.sdl, folder)}
    gone = found["Beneficiary.grade", "REMOVED"]
    assert (gone.version, gone.date, gone.breaking) == ("1.1.0", dt.date(2026, 4, 1), True)
    assert gone.audiences == ("bureau", "contractor", "township")
    assert (gone.en, gone.zh) == ("Field Beneficiary.grade was removed.", "移除 Beneficiary.grade")
    assert found["Beneficiary.riskLevel", "CHANGED"].en == "Beneficiary.riskLevel is not deprecated any more."
    assert {e.version for e in found.values()} == {"1.1.0"}


def test_the_changelog_says_what_in_both_languages() -> None:
    one = build_schema('type Query { "Age — 年龄" a: Int b: Int! c: Int }')
    two = build_schema(
        'type Query { "Age — 年龄" a: Int b: Int c: Int @deprecated(reason: "Old. Deprecated 2026-03-01, '
        'sunset 2026-12-01. — 旧") "Size — 身高" d: Int }'
    )
    found = plain(entries({"agency": one}, {"agency": two}, "1.0.0", DAY))
    assert [(e["coordinate"], e["kind"], e["en"], e["zh"], e["sunset"]) for e in found] == [
        (
            "Query.b",
            "CHANGED",
            "Field Query.b changed type from Int! to Int.",
            "变更 Query.b：由 Int! 变为 Int",
            None,
        ),
        (
            "Query.c",
            "DEPRECATED",
            "Query.c is deprecated: Old. Deprecated 2026-03-01, sunset 2026-12-01.",
            "弃用 Query.c：旧",
            "2026-12-01",
        ),
        ("Query.d", "ADDED", "Field Query.d was added: Size", "新增 Query.d：身高", None),
    ]


def test_the_changelog_names_no_replacement_that_an_audience_does_not_see() -> None:
    old = build_schema("type Query { a: Int b: Int }")
    less = build_schema("type Query { a: Int }")
    change = Deprecation(("Query.a",), Days(DAY, SUNSET), "Old", "旧", "Query.b")
    new = {
        "bureau": build_schema("type Query { a: Int b: Int }"),
        "agency": build_schema("type Query { a: Int }"),
    }
    for schema in new.values():
        mark(schema, [change])
    found = {e.audiences: e.en + e.zh for e in entries({"bureau": old, "agency": less}, new, "1.0.0", DAY)}
    assert found.keys() == {("bureau",), ("agency",)}
    assert "Query.b" in found["bureau",]
    assert "Query.b" not in found["agency",]


def test_a_registered_document_is_held_against_what_its_client_sees() -> None:
    (document, _) = documents()
    assert document.schema is audience(TOWNSHIP)
    assert document.audience == "township"
