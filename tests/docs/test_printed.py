"""The committed pages and schemas are what the code prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.printed import PAGES, ROOT, write_all
from hub.released import FOLDER


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_printed(name: str) -> None:
    path = ROOT / name
    assert path.exists(), "run `hub schema --write`"
    assert path.read_text(encoding="utf-8") == PAGES[name](), "run `hub schema --write`"


def test_nothing_is_printed_that_is_not_there_any_more() -> None:
    printed = {ROOT / name for name in PAGES}
    there = set((ROOT / "graphql_schema").rglob("*.graphql"))
    assert there - set(FOLDER.rglob("*.graphql")) <= printed


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    assert sorted(write_all(tmp_path)) == sorted(PAGES)
    assert write_all(tmp_path) == []
    (tmp_path / "docs/errors.md").write_text("old", encoding="utf-8")
    assert write_all(tmp_path) == ["docs/errors.md"]
