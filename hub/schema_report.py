"""What ``hub schema check`` found, in sentences and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.governance.changes import Severity
from hub.governance.documents import Break, Place
from hub.schema_check import Finding, Report


def sentences(report: Report) -> Iterator[str]:
    count = {s: sum(f.change.severity is s for f in report.findings) for s in Severity}
    yield (
        f"Since {report.version} of {report.released_on}: {count[Severity.BREAKING]} breaking changes, "
        f"{count[Severity.DANGEROUS]} dangerous ones, {count[Severity.SAFE]} others; "
        f"{report.documents} documents read."
    )
    for severity in Severity:
        of_it = [f for f in report.findings if f.change.severity is severity]
        if of_it:
            yield f"\n{severity.value.capitalize()}:"
        for finding in of_it:
            yield from _finding(finding)
    if report.promises:
        yield "\nPromises that are not kept:"
        yield from (f"  {p.coordinate}: {p.why}" for p in report.promises)
    if report.refused:
        yield "\nDocuments that do not fit the schema, and no change above explains it:"
        yield from (f"  {where(b.place)}: {b.why}" for b in report.refused)
    if report.reliances:
        yield "\nDocuments that rely on what is deprecated; tell their owners:"
        for found in report.reliances:
            days = f"sunset {found.days.sunset}" if found.days else "no sunset"
            yield f"  {where(found.place)}: {_may(found.place)}uses {found.coordinate}, {days}."
    yield (
        "\nThe schema keeps what was promised."
        if report.passes
        else "\nThe schema does not keep its promises."
    )


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {finding.change.coordinate}: {finding.change.en} Seen by {', '.join(finding.audiences)}."
    if finding.promise:
        yield f"    Promise not kept. {finding.promise}"
    for met in finding.breaks:
        yield f"    {_verb(met)} {where(met.place)}."


def _verb(met: Break) -> str:
    if met.severity is Severity.DANGEROUS:
        return "May surprise"
    return "Breaks" if met.place.certain else "May break, as its variables decide,"


def _may(place: Place) -> str:
    return "" if place.certain else "its variables decide whether it "


def where(place: Place) -> str:
    operation = f", operation {place.operation}" if place.operation else ""
    path = f", {place.path}" if place.path else ""
    return (
        f"document {place.document} of {place.client}{operation}{path} "
        f"(line {place.line}, column {place.column})"
    )


def as_json(report: Report) -> dict[str, Any]:
    return {
        "version": report.version,
        "releasedOn": report.released_on.isoformat(),
        "passes": report.passes,
        "documents": report.documents,
        "changes": [
            {
                "coordinate": f.change.coordinate,
                "kind": f.change.kind.value,
                "severity": f.change.severity.value,
                "what": f.change.what,
                "description": f.change.en,
                "audiences": list(f.audiences),
                "promiseBroken": f.promise,
                "breaks": [_place(b.place) for b in f.breaks],
            }
            for f in report.findings
        ],
        "promisesBroken": [{"coordinate": p.coordinate, "why": p.why} for p in report.promises],
        "refused": [{**_place(b.place), "why": b.why} for b in report.refused],
        "deprecatedInUse": [
            {**_place(r.place), "coordinate": r.coordinate, "sunset": r.days and r.days.sunset.isoformat()}
            for r in report.reliances
        ],
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "client": place.client,
        "document": place.document,
        "operation": place.operation or None,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "certain": place.certain,
    }
