"""The table of refusals is complete, bilingual, and says nothing about anybody."""

import ast
import copy
import pickle
import re
from pathlib import Path

import pytest

import hub.domain
from hub.domain.refusal import REFUSALS, Refused

FILES = sorted(Path(hub.domain.__file__).parent.glob("*.py"))


def raised_codes(file: Path) -> set[str]:
    """Every text constant within the arguments of ``Refused(…)``."""
    calls = (
        node
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused"
    )
    constants = (c for call in calls for argument in call.args for c in ast.walk(argument))
    found = {c.value for c in constants if isinstance(c, ast.Constant) and isinstance(c.value, str)}
    return {text for text in found if re.fullmatch("[A-Z_]+", text)}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_code_raised_stands_in_the_table(file: Path) -> None:
    assert raised_codes(file) <= set(REFUSALS)


def test_the_scan_finds_the_codes_of_a_module_that_raises_many() -> None:
    module = next(f for f in FILES if f.name == "id_number.py")
    assert {"ID_CHECKSUM", "ID_LOST_DIGITS", "REQUIRED"} <= raised_codes(module)


@pytest.mark.parametrize("code", REFUSALS)
def test_sentences_are_in_both_languages(code: str) -> None:
    assert re.fullmatch("[A-Z][A-Z_]+", code)
    assert REFUSALS[code].en.endswith(".")
    assert re.search("[\u4e00-\u9fff]", REFUSALS[code].zh)


def test_a_refusal_carries_its_sentences() -> None:
    refused = Refused("ID_CHECKSUM")
    assert (refused.code, refused.expected, refused.expected_zh) == ("ID_CHECKSUM", *REFUSALS["ID_CHECKSUM"])
    assert str(refused) == f"ID_CHECKSUM: {refused.expected}"


def test_own_sentences_replace_those_of_the_table() -> None:
    refused = Refused("CODE_UNKNOWN", expected="One of HIGH, LOW.", expected_zh="应为高或低")
    assert (refused.expected, refused.expected_zh) == ("One of HIGH, LOW.", "应为高或低")


def test_a_code_outside_the_table_cannot_be_raised() -> None:
    with pytest.raises(KeyError):
        Refused("NO_SUCH_CODE")


@pytest.mark.parametrize("again", [copy.copy, lambda r: pickle.loads(pickle.dumps(r))])
def test_a_refusal_crosses_process_borders(again) -> None:  # type: ignore[no-untyped-def]
    refused = again(Refused("CODE_UNKNOWN", expected="One of HIGH, LOW.", expected_zh="应为高或低"))
    assert (refused.code, refused.expected, refused.expected_zh) == (
        "CODE_UNKNOWN",
        "One of HIGH, LOW.",
        "应为高或低",
    )
