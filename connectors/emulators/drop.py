"""Files that systems of the field drop: a real SFTP server on loopback, and what they put there.

``publish`` writes a whole list as the system sees the people of the world, ``change`` what is done to
single records. Each file has a marker and a digest beside it. Faults strike by name (``drop_faults``), and
are counted.
``truth`` says who stands on a list; no reader of the folder sees it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import asyncssh

from connectors.emulators.drop_faults import FAULTS, Paper
from connectors.emulators.model import Membership, Person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Told, Truth
from hub.domain.vocabulary import AbilityLevel, AbilityStandard, Category

Kind = Literal["两项补贴", "能力评估", "养老补贴"]
Cells = dict[str, str]

ACCOUNT: Final = "reader"
PASSWORD: Final = "drops-reader"  # noqa: S105 - of a server that lives as long as a test or a demo
FOLDER: Final = "上报"
SUBSIDY: Final = {Category.DISABLED: ("01", "80"), Category.SEVERE_DISABLED: ("02", "100")}
ELDER_SUBSIDY: Final = {
    Category.ADVANCED_AGE_ELDER: ("01", "100"),
    Category.DISABLED_DEMENTIA_ELDER: ("02", "200"),
    Category.POOR_ELDER: ("03", "150"),
}
STANDARD: Final = {AbilityStandard.MZ_T_039_2013: "MZ/T 039-2013", AbilityStandard.GB_T_42195_2022: "2"}
LEVELS: Final = tuple(AbilityLevel)


# --- what the systems see ------------------------------------------------------------------------


def subsidies(person: Person) -> Iterable[Cells]:
    for membership in person.memberships:
        if person.disability_certificate and membership.category in SUBSIDY:
            yield {
                **_person(person),
                "残疾人证号": person.disability_certificate,
                **_months(membership, *SUBSIDY[membership.category]),
                "停发原因": "" if membership.ends_on is None else "01" if person.deceased_on else "03",
            }


def assessments(person: Person) -> Iterable[Cells]:
    if person.ability_level and person.ability_standard and person.dossier_opened_on:
        yield {
            **_person(person),
            "住址": person.address or "",
            "评估编号": number_of(person),
            "评估日期": person.dossier_opened_on.isoformat(),
            "评估标准": STANDARD[person.ability_standard],
            "评估等级": str(LEVELS.index(person.ability_level)),
            "评估机构": "市养老服务指导中心",
        }


def elder_subsidies(person: Person) -> Iterable[Cells]:
    for membership in person.memberships:
        if membership.category in ELDER_SUBSIDY:
            yield {
                **_person(person),
                "住址": person.address or "",
                **_months(membership, *ELDER_SUBSIDY[membership.category]),
            }


def _person(person: Person) -> Cells:
    return {
        "姓名": person.name,
        "身份证号": person.id_number or "",
        "区划代码": person.division_code,
        "联系电话": person.phone or "",
    }


def _months(membership: Membership, code: str, amount: str) -> Cells:
    return {
        "补贴类别": code,
        "月补贴标准": amount,
        "享受起始月": f"{membership.starts_on:%Y%m}",
        "享受终止月": f"{membership.ends_on:%Y%m}" if membership.ends_on else "",
    }


def number_of(person: Person) -> str:
    """The system's own, which tells nothing of the person."""
    return "NP" + md5((person.id_number or "").encode(), usedforsecurity=False).hexdigest()[:10].upper()


SEEN: Final[Mapping[Kind, Callable[[Person], Iterable[Cells]]]] = {
    "两项补贴": subsidies,
    "能力评估": assessments,
    "养老补贴": elder_subsidies,
}


# --- what they put there ---------------------------------------------------------------------------


@dataclass(slots=True)
class Drops:
    """``people``: of one county. ``truth`` tells the code or level of each record."""

    folder: Path
    county: str
    people: Sequence[Person]
    switches: Switches
    truth: Truth = field(default_factory=Truth)
    late: list[Path] = field(default_factory=list)

    def rows(self, kind: Kind, people: Iterable[Person] | None = None) -> list[Cells]:
        return [row for person in (self.people if people is None else people) for row in SEEN[kind](person)]

    def publish(self, kind: Kind, day: dt.date, rows: Sequence[Cells] | None = None, **form: Any) -> Path:
        """The whole list of a day; ``form``: fields of Paper."""
        told = self.rows(kind) if rows is None else rows
        self.truth.clear(kind)
        self._tell(kind, told)
        return self._put(Paper(f"{kind}_{self.county}_{day:%Y%m%d}", list(told[0]), told, **form))

    def change(
        self, kind: Kind, day: dt.date, changes: Sequence[tuple[str, Cells]], suffix: str = "INC"
    ) -> Path:
        """What is done (I, U, D) to single records."""
        rows = [{"操作类型": operation, **row} for operation, row in changes]
        return self._put(Paper(f"{kind}_{self.county}_{day:%Y%m%d}_{suffix}", list(rows[0]), rows))

    def resend(self, path: Path) -> None:
        """The same file once more (X2)."""
        self._count("x02-resent")
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data)

    def deliver(self) -> None:
        """What was late arrives (X1)."""
        for path in self.late:
            shutil.move(path, self.folder / path.name)
        self.late.clear()

    def complete(self, path: Path) -> None:
        """The rest of a file arrives whose marker came first (X9)."""
        rest = path.with_name(f".{path.name}.rest")
        shutil.move(rest, path)

    def _tell(self, kind: Kind, rows: Sequence[Cells]) -> None:
        code = "评估等级" if kind == "能力评估" else "补贴类别"
        people = {person.id_number: person.key for person in self.people}
        for row in rows:
            number = row["身份证号"]
            record = row.get("评估编号") or row.get("残疾人证号") or number
            self.truth.add(Told(kind, record, number, "", row["姓名"], row[code], people.get(number, "")))

    def _count(self, fault: str) -> None:
        self.switches.turn_on(fault)
        self.switches.strikes(fault)

    def _put(self, paper: Paper) -> Path:
        """Content first, marker last, unless a fault strikes."""
        paper = Paper(paper.stem, list(paper.columns), [dict(row) for row in paper.rows], **paper.form())
        struck = [name for name in FAULTS if self.switches.strikes(name)]
        for name in struck:
            FAULTS[name].on_paper(paper)
        text = _text(paper)
        name, data = f"{paper.stem}.csv", text.encode(paper.encoding, "replace")
        if paper.zipped:
            name, data = f"{paper.stem}.zip", _zipped({name: data})
        files: dict[str, bytes | Path] = {
            name: data,
            f"{name}.md5": f"{md5(data, usedforsecurity=False).hexdigest()}  {name}\n".encode(),
            f"{name}.ok": str(len(data)).encode(),
        }
        for fault in struck:
            files = FAULTS[fault].on_files(name, files)
        target = self.folder
        if self.switches.strikes("x01-late"):
            target = self.folder.parent / "late"
            target.mkdir(exist_ok=True)
            self.late += [target / each for each in files]
        if (target / name).exists():
            self._count("x09-replaced")
        for each, content in files.items():
            (target / each).unlink(missing_ok=True)
            if isinstance(content, Path):
                (target / each).symlink_to(content)
            else:
                (target / each).write_bytes(content)
        return target / next(iter(files))


def _text(paper: Paper) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=paper.delimiter)
    writer.writerow(paper.columns)
    writer.writerows([row.get(column, "") for column in paper.columns] for row in paper.rows)
    return out.getvalue()


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


# --- where ---------------------------------------------------------------------------------------


class Served(NamedTuple):
    """``host_key``: as ``ssh-keyscan`` would print it. ``private_key`` opens it as well as the password."""

    location: str
    host_key: str
    private_key: str
    folder: Path


class _Door(asyncssh.SSHServer):
    def __init__(self, key: asyncssh.SSHKey) -> None:
        self._key = key

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (ACCOUNT, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == ACCOUNT and key.public_data == self._key.public_data


@asynccontextmanager
async def served(root: Path) -> AsyncIterator[Served]:
    """An SFTP server that shows ``root`` and nothing above it."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    host, reader = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: _Door(reader),
        server_host_keys=[host],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(root).encode()),
        config=None,
    )
    try:
        yield Served(
            f"sftp://{ACCOUNT}@127.0.0.1:{server.get_port()}/{FOLDER}",
            f"127.0.0.1 {host.export_public_key().decode()}",
            reader.export_private_key().decode(),
            folder,
        )
    finally:
        server.close()
        await server.wait_closed()
