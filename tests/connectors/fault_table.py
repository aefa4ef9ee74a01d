"""Which tests count which fault: ``test_every_fault`` those of running systems, and the others.

``python -m tests.connectors.fault_table`` prints the table that ``connectors/emulators/README.md`` shows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from connectors.emulators.catalogue import FAULTS, Fault

HERE: Final = Path(__file__).parent
OF: Final = {
    "social-assistance-640104": "exchange",
    "relief-640104": "relief",
    "child-welfare-350203": "gateway children",
    "disability-subsidies-640324": "drop",
    "low-income-640324": "platform",
}
"""Systems of the demo whose faults are done in place, and whose they are."""

APART: Final = frozenset(
    {
        *(("relief", name) for name in ("x01-answers-late", "x02-answers-twice", "x12-inbox-lost")),
        *(("relief", name) for name in ("x12-inbox-taken", "x16-refuses", "x13-named-back")),
        *(("platform", name) for name in ("x04-shifted", "x16-event", "x32-other")),
        *(("drop", name) for name in ("x01-late", "x16-standard", "x31-gbk")),
        ("exchange", "x13-named-back"),
        ("gateway", "x04-swap"),
    }
)
"""Faults of those that need more than a system which runs: a message, a second page, another service."""

MODULES: Final = {
    "web": ("test_web",),
    "platform": ("test_platform", "test_low_income", "test_deaths", "test_marriages", "test_organisations"),
    "gateway": ("test_child_welfare",),
    "children": ("test_child_welfare",),
    "soap": ("test_assistance_soap",),
    "exchange": ("test_social_assistance",),
    "relief": ("test_relief", "test_relief_entries"),
    "drop": ("test_disability_subsidies", "test_elderly_care"),
    "push": ("test_pushed",),
    "notices": ("test_contracts",),
    "register": ("test_organisations",),
}
"""Whose tests are where; those of rosters, which have a table of their own, are in ``tests/e2e``."""

ROSTERS: Final = "e2e/test_faults"
EVERY: Final = "test_every_fault"
MENDS: Final = "x13-named-back"
"""No fault, but the end of one."""

DONE: Final[list[tuple[str, Fault]]] = [
    (source, fault)
    for source, systems in OF.items()
    for fault in FAULTS
    if fault.system in systems.split() and (fault.system, fault.name) not in APART
]


@cache
def counting(module: str) -> frozenset[str]:
    """Names of faults that tests of the module name, in themselves or as what they are given, and count."""
    text = (HERE / f"{module}.py").read_text("utf-8")
    tests = [node for node in ast.parse(text).body if isinstance(node, ast.AsyncFunctionDef)]
    return frozenset(
        name for test in tests for name in _named(module, test) if ".count(" in ast.unparse(test)
    )


def _named(module: str, test: ast.AsyncFunctionDef) -> Iterator[str]:
    """Also those of a list of the module that the test is given one by one."""
    known = {fault.name for fault in FAULTS}
    for node in ast.walk(test):
        if isinstance(node, ast.Constant) and node.value in known:
            yield str(node.value)
    for name in (
        node for each in test.decorator_list for node in ast.walk(each) if isinstance(node, ast.Name)
    ):
        listed = getattr(import_module(f"tests.connectors.{module}"), name.id, None)
        yield from listed if isinstance(listed, list) else ()


def counted_by(fault: Fault) -> list[str]:
    """Modules with tests that count it."""
    if fault.system == "roster":
        return [ROSTERS]
    every = [EVERY] if any(fault is done for _, done in DONE) else []
    return every + [module for module in MODULES[fault.system] if fault.name in counting(module)]


def page() -> str:
    lines = ["| fault | switches | tests |", "|---|---|---|"]
    for number in range(1, 36):
        faults = [fault for fault in FAULTS if fault.number == f"X{number}"]
        systems = dict.fromkeys(fault.system for fault in faults)
        switches = (
            f"{system}: {', '.join(f'`{f.name[4:]}`' for f in faults if f.system == system)}"
            for system in systems
        )
        tests = dict.fromkeys(f"`{test}`" for fault in faults for test in counted_by(fault))
        lines.append(f"| X{number} | {'; '.join(switches)} | {', '.join(tests)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(page(), end="")
