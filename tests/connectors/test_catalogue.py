"""The catalogue: nothing of X1 to X35 is missing, and it says what the emulators do, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from connectors.emulators import catalogue
from connectors.emulators.catalogue import FAULTS, OUTCOMES, SYSTEMS
from connectors.emulators.drop_faults import FAULTS as DROPPED
from connectors.emulators.exchange_faults import FAULTS as STRUCK
from connectors.emulators.relief_faults import FAULTS as OF_STAYS
from hub.domain.refusal import REFUSALS

HERE: Final = Path(catalogue.__file__).parent
TOLD: Final = {"catalogue.py", "fault_words.py"}
"""What tells of faults and has none."""

NAMED: Final = re.compile(r'"(x[0-9]{2}-[a-z0-9-]+)"|strikes\("([^"]+)"\)|_count\("([^"]+)"\)')


def test_every_fault_of_upstream_systems_can_be_turned_on() -> None:
    assert {fault.number for fault in FAULTS} - {""} == {f"X{n}" for n in range(1, 36)}


def test_it_lists_what_the_emulators_do() -> None:
    """Names stand in their code as words; those of the rosters are partly put together."""
    done = {
        name
        for path in HERE.glob("*.py")
        if path.name not in TOLD
        for found in NAMED.finditer(path.read_text("utf-8"))
        for name in filter(None, found.groups())
    }
    listed = {fault.name for fault in FAULTS}
    assert done <= listed
    assert {fault.name for fault in FAULTS if fault.system != "roster"} <= done


@pytest.mark.parametrize(("system", "done"), [("exchange", STRUCK), ("drop", DROPPED), ("relief", OF_STAYS)])
def test_a_system_has_its_faults(system: str, done: dict[str, object]) -> None:
    assert {fault.name for fault in FAULTS if fault.system == system} >= done.keys()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.system}:{fault.name}")
def test_each_is_told_in_words_and_ends_somehow(fault: catalogue.Fault) -> None:
    word, _, code = fault.outcome.partition(" ")
    assert fault.system in SYSTEMS
    assert word in OUTCOMES
    assert bool(code) == (word in ("quarantined", "stopped"))
    assert word != "quarantined" or code in REFUSALS
    assert all(text and text == text.strip(" .。") for text in fault.words)


def test_the_readme_shows_it() -> None:
    assert (HERE / "README.md").read_text("utf-8").endswith(catalogue.page())


def test_names_are_unique_within_a_system() -> None:
    names = [(fault.system, fault.name) for fault in FAULTS]
    assert len(set(names)) == len(names)
