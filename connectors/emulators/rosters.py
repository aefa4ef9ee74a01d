"""Publishes a world as the lists of six county bureaus: ``FOLDER/<county>/城乡低保对象名单.xlsx`` …

The lists have no fault that loses data; ``faults`` adds those. A folder published before with the
same world is left as it is.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import orjson

from connectors.emulators.dialects import DIALECTS, Dialect
from connectors.emulators.files import ListFiles
from connectors.emulators.lists import FORMS, RowMaker
from connectors.emulators.model import County, Membership, Person
from connectors.emulators.truth import Truth
from connectors.emulators.world import World
from hub.domain.money import to_capital
from hub.errors import ConfigurationError

Elsewhere = Callable[[Person, Membership], bool]
"""Whether another system tells of the membership, so that the list does not."""

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""

OWNER_ONLY: Final = 0o700
"""Mode of the folders; files lack the right to be entered."""

MARKER: Final = "published.json"
FORM: Final = 3
"""Raised when the same arguments make another world or other files, so that old folders are written again."""

_EVERY: Final = 500


@dataclass(frozen=True, slots=True)
class PublishReport:
    """``rows``: by county and list kind, body rows only. ``skipped``: the folder held this world already."""

    folder: Path
    files: int
    rows: dict[str, dict[str, int]]
    seconds: float
    skipped: bool = False

    @property
    def row_count(self) -> int:
        return sum(sum(kinds.values()) for kinds in self.rows.values())


def publish(
    world: World,
    folder: Path,
    progress: Progress | None = None,
    elsewhere: Mapping[str, Mapping[str, Elsewhere]] | None = None,
) -> PublishReport:
    """Writes beside ``folder`` and renames, so that a half-written folder is never seen.

    ``elsewhere``: by county the systems that tell what its lists leave out, by name.

    Raises ``ConfigurationError`` where ``folder`` holds something that was not published by this.
    """
    told = {county: sorted(systems) for county, systems in sorted((elsewhere or {}).items())}
    wanted = {"form": FORM, "seed": world.seed, "people": world.size, "today": world.today.isoformat()}
    wanted |= {"elsewhere": told}
    found = _marker(folder)
    if found and all(found.get(name) == value for name, value in wanted.items()):
        return PublishReport(folder, found["files"], found["rows"], found["seconds"], skipped=True)
    if found is None and folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(
            "An empty or a published folder is expected.", zh="应为空文件夹或已发布的文件夹"
        )
    started = perf_counter()
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=OWNER_ONLY)
    rows, files = _write(world, partial, progress or _silent, elsewhere or {})
    report = PublishReport(folder, files, rows, round(perf_counter() - started, 3))
    marker = wanted | {"files": files, "rows": rows, "seconds": report.seconds}
    (partial / MARKER).write_bytes(orjson.dumps(marker, option=orjson.OPT_INDENT_2))
    for path in partial.rglob("*"):
        # Lists of people, if only of invented ones: what is shown here is copied.
        path.chmod(OWNER_ONLY if path.is_dir() else OWNER_ONLY & 0o600)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return report


def truth(world: World, county: str) -> Truth:
    """Of each person on a list: the list has no key but the number or the file number."""
    found = Truth()
    for person in world.people(county):
        for membership in person.memberships:
            record = person.id_number or person.file_number or ""
            found.tell(membership.list_kind, record, person, str(membership.category))
    return found


def source_folders(folder: Path) -> dict[str, Path]:
    """The published folder of each county, by its six digits."""
    return {path.name: path for path in sorted(folder.iterdir()) if path.is_dir()}


def _marker(folder: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = orjson.loads((folder / MARKER).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found


def _silent(label: str, done: int, total: int) -> None:
    pass


def _write(
    world: World, folder: Path, progress: Progress, elsewhere: Mapping[str, Mapping[str, Elsewhere]]
) -> tuple[dict[str, dict[str, int]], int]:
    rows, files, done = {}, 0, 0
    for county in world.counties:
        rules = elsewhere.get(county.county_code, {}).values()
        county_rows, county_files = _County(world, county, folder, progress, done, tuple(rules)).write()
        rows[county.county_code] = county_rows
        files += county_files
        done += county.people
    return rows, files


class _County:
    """All lists of one county, open side by side while its people pass once."""

    def __init__(
        self,
        world: World,
        county: County,
        folder: Path,
        progress: Progress,
        done: int,
        elsewhere: Sequence[Elsewhere],
    ) -> None:
        self._world, self._county, self._progress, self._done = world, county, progress, done
        self._elsewhere = elsewhere
        own = folder / county.county_code
        own.mkdir(mode=OWNER_ONLY)
        dialect: Dialect = DIALECTS[county.county_code]
        self._make = RowMaker(dialect)
        self._lists = {
            kind: ListFiles(own, kind, form, county, dialect, world.today) for kind, form in FORMS.items()
        }

    def write(self) -> tuple[dict[str, int], int]:
        self._registers()
        self._people()
        rows: Counter[str] = Counter()
        for kind, one in self._lists.items():
            one.close()
            rows[kind] = one.rows
        return dict(rows), sum(len(one.paths) for one in self._lists.values())

    def _registers(self) -> None:
        code, make, lists = self._county.code, self._make, self._lists
        for contractor in self._world.contractors_of(code):
            lists["contractor"].add(make.contractor(contractor))
        for station in self._world.stations(code):
            lists["station"].add(make.station(station))
        for contract in self._world.contracts_of(code):
            lists["contract"].add(make.contract(contract, to_capital(contract.amount)))
        for worker in self._world.personnel(code):
            lists["personnel"].add(make.worker(worker))

    def _people(self) -> None:
        lists, total = self._lists, self._world.size
        for number, person in enumerate(self._world.people(self._county.code), 1):
            for kind, row in self._make.of_person(self._listed(person)):
                lists[kind].add(row)
            if number % _EVERY == 0:
                self._progress(self._county.name, self._done + number, total)
        self._progress(self._county.name, self._done + self._county.people, total)

    def _listed(self, person: Person) -> Person:
        """Without what is told elsewhere; of who is on no list then and has no number, nothing is left: the
        other system has a number of its own for them."""
        kept = [m for m in person.memberships if not any(rule(person, m) for rule in self._elsewhere)]
        if len(kept) == len(person.memberships):
            return person
        if not kept and person.id_number is None:
            return replace(person, memberships=[], assignments=(), visits=())
        return replace(person, memberships=kept)
