"""What the documents name exists: links, paths, commands, options, settings, metrics, Python names."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from hub.cli import main
from hub.log import FIELDS
from hub.settings import Settings
from hub.web.metrics import Metrics

ROOT: Final = Path(__file__).resolve().parents[2]
PASSED_OVER: Final = {".venv", ".tools", "node_modules", "demo-data", "hub-data"}
PAGES: Final = sorted(
    path for path in ROOT.rglob("*.md") if not PASSED_OVER & set(path.relative_to(ROOT).parts)
)
TOP: Final = {path.name for path in ROOT.iterdir()} - PASSED_OVER

FENCE: Final = re.compile(r"(?ms)^```(\w*)[^\n]*\n(.*?)^```$")
SPAN: Final = re.compile(r"`([^`\n]+)`")
LINK: Final = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")
HUB: Final = re.compile(r"(?:^|[\s;&|]|bin/)hub ((?:[a-z]+(?:-[a-z]+)* ?)+)(.*)")
MADE: Final = {"deploy/hub.env", "deploy/tls"}
"""What a reader makes; git ignores it."""
FOREIGN_VARIABLES: Final = {"HUB_TEST_DATABASE_URL", "HUB_TEST_REBUILD", "HUB_REQUIRE_ALL"}
# Words of a workplace that is not the reader's.
FORBIDDEN: Final = re.compile(
    r"(?i)/work/|/tmp/brief|\bthis session\b|\banother session\b|(?<!user-)(?<!user )\bagents?\b"
    r"|\bclaude\b|\banthropic\b|\bopenai\b|\bchatgpt\b|\bcopilot\b|\blanguage model"
)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    return FENCE.sub("", text_of(page))


def blocks(page: Path, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text_of(page)) if kind == language]


def anchors(page: Path) -> set[str]:
    """As code hosts make them of headings: lower case, punctuation dropped, spaces to hyphens."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(page: Path) -> Iterator[str]:
    """Shell lines, continued lines joined, and code in the text that begins with ``hub``."""
    for block in blocks(page, "sh"):
        yield from re.sub(r"\\\n\s*", "", block).splitlines()
    yield from (span for span in SPAN.findall(prose(page)) if span.startswith("hub "))


@every_page
def test_a_page_has_a_title(page: Path) -> None:
    assert re.search(r"(?m)^(# |<h1)", prose(page))


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if re.match(r"(https?|mailto):", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert there.is_relative_to(ROOT)
        assert not anchor or anchor in anchors(there), target


@every_page
def test_paths_in_the_text_exist(page: Path) -> None:
    for span in SPAN.findall(prose(page)):
        first = span.split()[0].rstrip("/.")
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+", first) or first.split("/")[0] not in TOP:
            continue
        assert first in MADE or (ROOT / first).exists(), span


def options_needed(command: click.Command) -> list[click.Parameter]:
    return [each for each in command.params if isinstance(each, click.Option) and each.required]


@every_page
def test_commands_exist(page: Path) -> None:
    """With the options they name; and lines to be typed, not cut short by …, with those they need."""
    whole = {line for block in blocks(page, "sh") for line in re.sub(r"\\\n\s*", "", block).splitlines()}
    for line in commands(page):
        for found in HUB.finditer(line):
            command: click.Command = main
            context = click.Context(main)
            for word in found[1].split():
                if not isinstance(command, click.Group):
                    break
                assert word in command.commands, line
                command = command.commands[word]
            known = {option for param in command.get_params(context) for option in param.opts}
            own = re.sub(r"\$\(.*?\)", "", found[2])  # and not those of a command within it
            given = set(re.findall(r"(?<=\s)--?[a-z][\w-]*", f" {own}"))
            assert given <= known, line
            if line in whole and "…" not in line:
                assert all(given & {*param.opts} for param in options_needed(command)), line


@every_page
def test_files_named_in_shell_blocks_exist(page: Path) -> None:
    for block in blocks(page, "sh"):
        for path in re.findall(r"(?<![\w./-])(?:scripts|deploy|docs|\.ci)/[\w.-]+(?:/[\w.-]+)*", block):
            assert path in MADE or (ROOT / path).exists(), path


@every_page
def test_settings_exist(page: Path) -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields} | FOREIGN_VARIABLES
    assert set(re.findall(r"\bHUB_[A-Z_]+\b", text_of(page))) <= known


@every_page
def test_python_can_be_read_and_imports_what_exists(page: Path) -> None:
    for block in blocks(page, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(node.module or "")
                assert all(hasattr(module, alias.name) for alias in node.names)


@every_page
def test_no_page_speaks_of_how_it_was_made(page: Path) -> None:
    assert FORBIDDEN.findall(text_of(page)) == []


def test_the_decisions_are_all_listed() -> None:
    listed = LINK.findall(text_of(ROOT / "docs/adr/README.md"))
    there = [path.name for path in (ROOT / "docs/adr").glob("[0-9]*.md")]
    assert sorted(listed) == sorted(there)


def test_the_metrics_are_all_explained() -> None:
    families = {family.name for family in Metrics().registry.collect()}
    # A family's name leaves out the ending of its counter.
    named = {name.removesuffix("_total") for name in re.findall(r"(?m)^\| `(hub_\w+)`", operations())}
    assert named == families


def test_the_fields_of_a_log_line_that_are_explained_exist() -> None:
    table = operations().split("## Logs")[1].split("##")[0]
    named = {name for row in re.findall(r"(?m)^\| (`.+?) \|", table) for name in SPAN.findall(row)}
    assert named
    assert named <= FIELDS


def operations() -> str:
    return text_of(ROOT / "docs/operations.md")
