"""How dropped files go wrong, by name: the paper before it is written, or the files before they are put.

``expected``: what a connector must do; a code of ``hub.domain.refusal`` where a row or the file is refused.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from typing import Any, Final, Literal
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Files = dict[str, bytes | Path]
"""Contents by name, that of the list first; a path is a link to there."""

Expected = Literal["read", "waits"] | str


@dataclass(slots=True)
class Paper:
    """A list before it is written."""

    stem: str
    columns: list[str]
    rows: Sequence[dict[str, str]]
    encoding: str = "gb18030"
    delimiter: str = ","
    zipped: bool = False

    def form(self) -> dict[str, Any]:
        return {"encoding": self.encoding, "delimiter": self.delimiter, "zipped": self.zipped}


def _same(paper: Paper) -> None:
    pass


def _as_they_are(name: str, files: Files) -> Files:
    return files


@dataclass(frozen=True, slots=True)
class Fault:
    expected: Expected
    on_paper: Callable[[Paper], None] = _same
    on_files: Callable[[str, Files], Files] = field(default=_as_they_are)


# --- papers --------------------------------------------------------------------------------------


def _set(**form: Any) -> Callable[[Paper], None]:
    def change(paper: Paper) -> None:
        for name, value in form.items():
            setattr(paper, name, value)

    return change


def _cell(column: str, value: Callable[[str], str]) -> Callable[[Paper], None]:
    """A cell of the first row."""

    def change(paper: Paper) -> None:
        paper.rows[0][column] = value(paper.rows[0][column])

    return change


def _rename(column: str, other: str) -> Callable[[Paper], None]:
    def change(paper: Paper) -> None:
        paper.columns[paper.columns.index(column)] = other
        for row in paper.rows:
            row[other] = row.pop(column)

    return change


def _lose(column: str) -> Callable[[Paper], None]:
    return lambda paper: paper.columns.remove(column)


def _add(**cells: str) -> Callable[[Paper], None]:
    def change(paper: Paper) -> None:
        paper.columns += cells
        for row in paper.rows:
            row.update(cells)

    return change


def _lose_people(paper: Paper) -> None:
    paper.rows = paper.rows[: len(paper.rows) * 6 // 10]


def _total(paper: Paper) -> None:
    paper.rows = [*paper.rows, {"姓名": "合计", "月补贴标准": str(80 * len(paper.rows))}]


def _foreign(paper: Paper) -> None:
    other = next(row for row in paper.rows if row["身份证号"] != paper.rows[0]["身份证号"])
    paper.rows[0]["残疾人证号"] = other["残疾人证号"]


def _other_grade(certificate: str) -> str:
    return certificate[:19] + {"1": "2", "2": "1", "3": "4", "4": "3"}[certificate[19]]


# --- files ---------------------------------------------------------------------------------------


def _without(suffix: str) -> Callable[[str, Files], Files]:
    return lambda name, files: {each: data for each, data in files.items() if not each.endswith(suffix)}


def _early(name: str, files: Files) -> Files:
    """Half of the content stands there when the marker does; the rest lies hidden beside it."""
    whole = files[name]
    assert isinstance(whole, bytes)
    return {**files, name: whole[: len(whole) // 2], f".{name}.rest": whole}


def _as_whole(data: bytes) -> Files:
    return {"": data, ".md5": md5(data, usedforsecurity=False).hexdigest().encode(), ".ok": b""}


def _instead(content: Callable[[str, bytes], bytes], suffix: str = "") -> Callable[[str, Files], Files]:
    """Another content, with a marker and a digest that fit it."""

    def change(name: str, files: Files) -> Files:
        whole = files[name]
        assert isinstance(whole, bytes)
        named = name.removesuffix(".csv") + suffix if suffix else name
        return {named + end: data for end, data in _as_whole(content(name, whole)).items()}

    return change


def _zip(*parts: tuple[str | ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as package:
        for part, data in parts:
            package.writestr(part, data)
    return out.getvalue()


def _link_in_zip(name: str, data: bytes) -> bytes:
    link = ZipInfo(name)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return _zip((link, b"/etc/passwd"))


def _link(name: str, files: Files) -> Files:
    return {**files, name: Path("/etc/passwd")}


ZIP: Final = ".zip"
FAULTS: Final[dict[str, Fault]] = {
    "x09-no-marker": Fault("waits", on_files=_without(".ok")),
    "x09-no-digest": Fault("waits", on_files=_without(".md5")),
    "x09-marker-early": Fault("waits", on_files=_early),
    "x09-zero-bytes": Fault("UNREADABLE_FILE", on_files=_instead(lambda name, data: b"")),
    "x09-no-row": Fault("UNREADABLE_FILE", _set(rows=[])),
    "x09-bomb": Fault(
        "UNREADABLE_FILE", on_files=_instead(lambda name, data: _zip((name, b"0" * (16 << 20))), ZIP)
    ),
    "x09-traversal": Fault(
        "UNREADABLE_FILE", on_files=_instead(lambda name, data: _zip((f"../../{name}", data)), ZIP)
    ),
    "x09-many-parts": Fault(
        "UNREADABLE_FILE",
        on_files=_instead(lambda name, data: _zip(*((f"{n}{name}", data) for n in range(40))), ZIP),
    ),
    "x09-cut-zip": Fault(
        "UNREADABLE_FILE", on_files=_instead(lambda name, data: _zip((name, data))[:-30], ZIP)
    ),
    "x09-other-in-zip": Fault(
        "UNREADABLE_FILE", on_files=_instead(lambda name, data: _zip(("setup.exe", data)), ZIP)
    ),
    "x09-link-in-zip": Fault("UNREADABLE_FILE", on_files=_instead(_link_in_zip, ZIP)),
    "x09-link": Fault("nothing", on_files=_link),
    "x10-missing": Fault("MASS_DELETE_STOPPED", _lose_people),
    "x13-renamed": Fault("read", _rename("身份证号", "公民身份号码")),
    "x13-reordered": Fault("read", lambda paper: paper.columns.reverse()),
    "x13-added": Fault("read", _add(备注="新增列")),
    "x13-missing": Fault("HEADER_MISSING", _lose("享受终止月")),
    "x13-no-header": Fault("HEADER_MISSING", lambda paper: _set(columns=list(paper.rows[0].values()))(paper)),
    "x16-code": Fault("CODE_UNKNOWN", _cell("补贴类别", lambda code: "09")),
    "x16-standard": Fault("CODE_UNKNOWN", _cell("评估标准", lambda code: "3")),
    "x26-grade": Fault("read", _cell("残疾人证号", _other_grade)),
    "x26-foreign": Fault("CONTRADICTION", _foreign),
    "x28-chinese": Fault("read", _cell("享受起始月", lambda month: f"{month[:4]}年{int(month[4:])}月")),
    "x28-dash": Fault("read", _cell("享受起始月", lambda month: f"{month[:4]}-{month[4:]}")),
    "x28-open": Fault("read", _cell("享受终止月", lambda month: month or "3000-01")),
    "x28-ambiguous": Fault("DATE_AMBIGUOUS", _cell("享受起始月", lambda month: "2023.1")),
    "x28-lunar": Fault("DATE_LUNAR", _cell("享受起始月", lambda month: "二〇二三年腊月初八")),
    "x29-unit": Fault("read", _cell("月补贴标准", lambda amount: f"{amount}.00元")),
    "x29-fen": Fault("read", _cell("月补贴标准", lambda amount: f"{amount}00分")),
    "x29-masked": Fault("MONEY_MASKED", _cell("月补贴标准", lambda amount: "1**")),
    "x29-total": Fault("read", _total),
    "x31-gbk": Fault("read", _set(encoding="gbk")),
    "x31-utf-8": Fault("read", _set(encoding="utf-8")),
    "x31-utf-8-sig": Fault("read", _set(encoding="utf-8-sig")),
    "x31-semicolon": Fault("read", _set(delimiter=";")),
    "x31-tab": Fault("read", _set(delimiter="\t")),
    "x31-quoted-newline": Fault("read", _add(备注="第一行\n第二行")),
    "x31-zip": Fault("read", _set(zipped=True)),
    "x34-formula": Fault("NAME_NOT_A_NAME", _cell("姓名", lambda name: "=cmd|'/C calc'!A0")),
    "x34-huge-cell": Fault("CELL_TOO_LONG", _cell("姓名", lambda name: "长" * 40_000)),
    "x35-more": Fault("read", _add(开户银行="农村信用社", 银行账号="6200000000000000", DNA编号="D000001")),
}
