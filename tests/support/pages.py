"""Programs that pages of the documentation show, to be run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def programs(page: str, language: str) -> list[str]:
    """Those of ``docs/<page>.md`` in this language."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)
