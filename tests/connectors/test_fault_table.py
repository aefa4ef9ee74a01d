"""Every fault of the catalogue has a test that counts it, and the README says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.emulators import catalogue
from connectors.emulators.catalogue import FAULTS, Fault
from tests.connectors.fault_table import APART, DONE, MENDS, OF, counted_by, page

README = Path(catalogue.__file__).with_name("README.md")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.system}:{fault.name}")
def test_it_is_counted(fault: Fault) -> None:
    assert fault.name == MENDS or counted_by(fault)


def test_the_readme_shows_it() -> None:
    assert page() in README.read_text("utf-8")


def test_nothing_is_apart_without_a_reason() -> None:
    systems = {system for named in OF.values() for system in named.split()}
    assert {(fault.system, fault.name) for fault in FAULTS} >= APART
    assert {system for system, _ in APART} <= systems
    assert not {(fault.system, fault.name) for _, fault in DONE} & APART
