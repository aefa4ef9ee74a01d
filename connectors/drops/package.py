"""What is in a dropped file: its text, or the texts of a .zip, unfolded in memory and never onto a disk."""

from __future__ import annotations

import io
import stat
import zlib
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from connectors.roster.delimited import SUFFIXES
from connectors.roster.package import Unreadable

MOST_BYTES: Final = 24 << 20
"""Of a file, and of what a .zip unfolds to: some 250,000 rows (measured: 200,000 take 16 MB and, read,
some 260 MB of memory), more than a county has on such a list."""

MOST_PARTS: Final = 16
MOST_RATIO: Final = 200
"""Lists shrink to a tenth; what grows more than so many times was made to."""

_FREE: Final = 1 << 20
"""A small file may be as regular as it likes."""


def parts_of(name: str, data: bytes) -> list[tuple[str, bytes]]:
    """Texts by their name in the .zip, "" for a file that is none. Raises Unreadable."""
    if not data:
        raise Unreadable("A file that is not empty.", "文件不得为空")
    if not name.casefold().endswith(".zip"):
        return [("", data)]
    try:
        with ZipFile(io.BytesIO(data)) as package:
            return _unfold(package)
    except (BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise Unreadable("A complete .zip without a password.", "应为完整且未加密的zip文件") from error


def _unfold(package: ZipFile) -> list[tuple[str, bytes]]:
    parts = package.infolist()
    if not 1 <= len(parts) <= MOST_PARTS or len({part.filename for part in parts}) != len(parts):
        raise Unreadable(f"A .zip of 1 to {MOST_PARTS} different files.", f"zip内应有1至{MOST_PARTS}个文件")
    for part in parts:
        _check(part)
    if sum(part.file_size for part in parts) > MOST_BYTES:
        raise Unreadable("A .zip that unfolds to at most 24 MB.", "zip解压后不得超过24MB")
    # A part never yields more than it declares: what goes on behind that does not fit its checksum.
    return [(part.filename, package.read(part)) for part in sorted(parts, key=lambda part: part.filename)]


def _check(part: ZipInfo) -> None:
    name = part.filename
    if part.is_dir() or any(sign in name for sign in ("/", "\\", "\x00", "..")):
        raise Unreadable("A .zip without folders and paths.", "zip内不得有文件夹或路径")
    if stat.S_ISLNK(part.external_attr >> 16):
        raise Unreadable("A .zip without links.", "zip内不得有链接")
    if "." + name.rpartition(".")[2].casefold() not in SUFFIXES:
        raise Unreadable("A .zip of text files (csv).", "zip内应为文本表格（csv）")
    if part.file_size > max(_FREE, part.compress_size * MOST_RATIO):
        raise Unreadable(
            f"A .zip whose files unfold to at most {MOST_RATIO} times their size.",
            f"zip的解压比例不得超过{MOST_RATIO}倍",
        )
