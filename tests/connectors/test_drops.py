"""Where drops lie, and what is in them: a real SFTP server, archives made to harm, files of other kinds."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from hashlib import md5
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncssh
import pytest

from connectors.disability_subsidies import DISABILITY_SUBSIDIES
from connectors.drops import folder as folders
from connectors.drops.folder import NotThere, WrongHostKey, opened
from connectors.drops.package import MOST_BYTES, parts_of
from connectors.emulators.drop import ACCOUNT, FOLDER, PASSWORD, Drops, Served, served
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.roster.package import Unreadable
from hub.errors import ConfigurationError, SourceError
from hub.sync.connector import Batch, Place
from tests.connectors.dropping import COUNTY, NOW, dropping, everybody
from tests.connectors.hub_of import CODE

DAY = dt.date(2026, 3, 1)
CONNECTOR = replace(DISABILITY_SUBSIDIES, now=lambda: NOW)


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return everybody()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path / "root") as there:
        yield there


@pytest.fixture
def drops(tmp_path: Path, people: list[Person]) -> Drops:
    target = tmp_path / "root" / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    return Drops(target, COUNTY, people, Switches(tmp_path / "switches"))


def at(location: str | Path, **secrets: str) -> Place:
    return Place(str(location), COUNTY, secrets)


async def read(place: Place, checkpoint: Mapping[str, Any] | None = None) -> list[Batch]:
    return [batch async for batch in CONNECTOR.extract(place, checkpoint)]


def rows(batches: Sequence[Batch]) -> list[Mapping[str, Any]]:
    return [row.values for batch in batches for row in batch.rows]


# --- where ---------------------------------------------------------------------------------------


async def test_a_list_comes_over_sftp_as_it_comes_from_a_folder(server: Served, drops: Drops) -> None:
    drops.publish("两项补贴", DAY, zipped=True)
    there = await read(at(server.location, host_key=server.host_key, password=PASSWORD))
    here = await read(at(drops.folder))
    assert rows(there) == rows(here)
    assert len(rows(there)) == len(drops.rows("两项补贴"))
    assert all(row.raw == row.values for batch in there for row in batch.rows)
    assert [batch.ends for batch in there] == [False, True, False]
    files = sorted(path.name for path in drops.folder.iterdir())
    assert len(files) == 3, "nothing is written there"


async def test_the_hub_reads_over_sftp_with_sealed_secrets(
    server: Served, drops: Drops, people: list[Person]
) -> None:
    secrets = {"host_key": server.host_key, "private_key": server.private_key}
    async with dropping("disability-subsidies", drops.folder, people, server.location, **secrets) as there:
        drops.publish("两项补贴", DAY)
        there.drops.truth = drops.truth
        await there.hub.sync()
        assert await there.standing() == there.truth()
        sealed = await there.hub.one("select secrets from source where code = $1", CODE)
        assert server.private_key.encode() not in sealed
        (drops.folder / "两项补贴_450305_20260301.csv").unlink()
        assert (await there.hub.sync()).read == 0


async def test_another_host_key_ends_it_before_anything_is_shown(server: Served, drops: Drops) -> None:
    drops.publish("两项补贴", DAY)
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(WrongHostKey) as told:
        await read(at(server.location, host_key=other, password=PASSWORD))
    assert told.value.code == "HOST_KEY_WRONG"
    both = f"{other}\n{server.host_key}"
    assert rows(await read(at(server.location, host_key=both, password=PASSWORD)))


async def test_what_does_not_open_the_server_is_a_sentence(server: Served) -> None:
    right = {"host_key": server.host_key, "password": PASSWORD}
    with pytest.raises(SourceError, match=r"did not deliver \(PermissionDenied\)") as told:
        await read(at(server.location, **{**right, "password": "another"}))
    assert ACCOUNT not in str(told.value)
    with pytest.raises(SourceError, match="did not deliver"):
        await read(at(server.location.replace(FOLDER, "nowhere"), **right))
    port = server.location.split(":")[-1].split("/")[0]
    with pytest.raises(SourceError, match="did not deliver"):
        await read(at(server.location.replace(port, "9"), **right))


@pytest.mark.parametrize(
    ("location", "secrets", "said"),
    [
        ("sftp://reader@127.0.0.1:1/x", {}, "a secret named host_key"),
        ("sftp://reader@127.0.0.1:1/x", {"host_key": "AAAA"}, "holds no key"),
        ("sftp://reader@127.0.0.1:1/x", {"host_key": "ssh-ed25519 AAAA"}, "holds no key"),
        ("sftp://127.0.0.1/x", {}, "sftp://account@host"),
        ("sftp://reader@127.0.0.1:1/x", {"host_key": "OK"}, "a secret named password"),
        ("sftp://reader@127.0.0.1:1/x", {"host_key": "OK", "private_key": "x"}, "is no private key"),
    ],
)
async def test_a_registration_that_lacks_something(location: str, secrets: dict[str, str], said: str) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    secrets = {name: key if value == "OK" else value for name, value in secrets.items()}
    with pytest.raises(ConfigurationError, match=said):
        await read(at(location, **secrets))


async def test_names_in_gb18030_links_and_folders(server: Served, drops: Drops) -> None:
    for path in drops.folder.glob(drops.publish("两项补贴", DAY).name + "*"):
        path.rename(drops.folder / os.fsdecode(path.name.encode("gb18030")))
    (drops.folder / "两项补贴_450305_20260302.csv").symlink_to("/etc/passwd")
    (drops.folder / "两项补贴_450305_20260303.csv").mkdir()
    for place in (
        at(server.location, host_key=server.host_key, password=PASSWORD),
        at(drops.folder),
    ):
        assert len(rows(await read(place))) == len(drops.rows("两项补贴"))
        async with opened(place) as folder:
            entries = await folder.entries()
            assert len(entries) == 3
            with pytest.raises(NotThere):
                await folder.read(replace(entries[0], path=entries[0].path + b"x"), 10)


async def test_a_file_that_became_something_else_is_not_opened(drops: Drops) -> None:
    path = drops.publish("两项补贴", DAY)
    async with opened(at(drops.folder)) as folder:
        entry = next(one for one in await folder.entries() if one.name == path.name)
        path.unlink()
        path.symlink_to("/etc/passwd")
        with pytest.raises(NotThere):
            await folder.read(entry, 10)
        path.unlink()
        os.mkfifo(path)
        with pytest.raises(NotThere):
            await folder.read(entry, 10)


async def test_a_folder_that_is_not_there_and_one_that_is_too_full(
    server: Served, drops: Drops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SourceError, match=r"cannot be read \(FileNotFoundError\)"):
        await read(at(tmp_path / "nowhere"))
    drops.publish("两项补贴", DAY)
    monkeypatch.setattr(folders, "MOST_FILES", 2)
    for place in (at(drops.folder), at(server.location, host_key=server.host_key, password=PASSWORD)):
        with pytest.raises(SourceError, match="more than 2 files"):
            await read(place)


# --- what ----------------------------------------------------------------------------------------


async def test_markers_without_the_suffix_and_without_a_size(drops: Drops) -> None:
    path = drops.publish("两项补贴", DAY)
    for suffix in (".ok", ".md5"):
        beside = path.with_name(path.name + suffix)
        beside.rename(path.with_suffix(suffix))
    path.with_suffix(".ok").write_bytes(b"")
    assert rows(await read(at(drops.folder)))
    path.with_suffix(".ok").write_bytes(b"12")
    assert not rows(await read(at(drops.folder)))


async def test_a_file_that_is_too_large_is_not_read(drops: Drops) -> None:
    path = drops.publish("两项补贴", DAY)
    with path.open("r+b") as file:
        file.truncate(MOST_BYTES + 1)
    batches = await read(at(drops.folder))
    assert [wrong[0].code for batch in batches for _, wrong in batch.refused] == ["UNREADABLE_FILE"]
    assert "24 MB" in batches[0].refused[0][1][0].expected


async def test_a_first_row_that_is_no_header_is_told_without_it(drops: Drops) -> None:
    drops.switches.turn_on("x13-no-header")
    drops.publish("两项补贴", DAY)
    (batch, _) = await read(at(drops.folder))
    (refusal,) = batch.refused[0][1]
    assert refusal.code == "HEADER_MISSING"
    assert drops.rows("两项补贴")[0]["姓名"] not in refusal.expected + refusal.expected_zh


async def test_a_huge_cell_costs_its_row_alone(drops: Drops) -> None:
    told = drops.rows("两项补贴")
    told[0] = {**told[0], "姓名": "长" * 40_000, "区划代码": ""}
    drops.publish("两项补贴", DAY, told)
    batches = await read(at(drops.folder))
    assert [wrong[0].code for batch in batches for _, wrong in batch.refused] == ["CELL_TOO_LONG"]
    assert len(rows(batches)) == len(told) - 1


async def test_columns_that_are_not_there_say_nothing(drops: Drops) -> None:
    told = [{k: v for k, v in row.items() if k != "联系电话"} for row in drops.rows("两项补贴")]
    drops.publish("两项补贴", DAY, told)
    assert (await read(at(drops.folder)))[0].absent == ["联系电话"]


async def test_what_was_read_is_in_the_checkpoint_until_a_whole_list_takes_its_place(drops: Drops) -> None:
    first = drops.rows("两项补贴")[0]
    drops.publish("两项补贴", DAY)
    drops.change("两项补贴", DAY + dt.timedelta(days=1), [("U", first)])
    checkpoint = (await read(at(drops.folder)))[-1].checkpoint
    assert checkpoint is not None
    assert len(checkpoint["files"]) == 2
    drops.publish("两项补贴", DAY + dt.timedelta(days=30))
    checkpoint = (await read(at(drops.folder), checkpoint))[-1].checkpoint
    assert checkpoint is not None
    assert list(checkpoint["files"]) == ["两项补贴_450305_20260331.csv"]
    assert first["身份证号"] not in str(checkpoint)


def archive(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return out.getvalue()


def test_an_archive_of_several_texts_in_order() -> None:
    packed = archive(**{"b.csv": b"2", "a.txt": b"1"})
    assert parts_of("x.ZIP", packed) == [("a.txt", b"1"), ("b.csv", b"2")]


@pytest.mark.parametrize(
    "packed",
    [
        archive(),
        archive(**{"a/b.csv": b"1"}),
        archive(**{"..csv": b"1"}),
        archive(**{"a.xlsx": b"1"}),
        archive(**{f"{n}.csv": bytes(MOST_BYTES // 3) for n in range(4)}),
        b"PK\x03\x04 and no more",
    ],
)
def test_archives_that_are_refused(packed: bytes) -> None:
    with pytest.raises(Unreadable):
        parts_of("x.zip", packed)


async def test_whole_lists_and_changes_in_one_archive(drops: Drops) -> None:
    path = drops.publish("两项补贴", DAY)
    whole = path.read_bytes()
    changes = drops.change("两项补贴", DAY, [("I", drops.rows("两项补贴")[0])]).read_bytes()
    (batch, _) = await read(at(_alone(drops, archive(**{"1.csv": whole, "2.csv": changes}))))
    assert "A .zip of changes, or of whole lists." in batch.refused[0][1][0].expected


def _alone(drops: Drops, packed: bytes) -> Path:
    folder = drops.folder.parent / "alone"
    folder.mkdir()
    name = "两项补贴_450305_20260301.zip"
    (folder / name).write_bytes(packed)
    (folder / f"{name}.md5").write_text(md5(packed, usedforsecurity=False).hexdigest())
    (folder / f"{name}.ok").touch()
    return folder
