"""A receipt checked without the hub's code: what docs/receipts.md shows, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/receipts.md"


def shown(language: str) -> str:
    """The program of the page in this language."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(found) == 1, language
    return str(found[0])
