"""What a test needs of the machine: absent, the test says so; where everything must be there, it fails."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def need(program: str) -> NoReturn:
    sentence = f"{program} is not installed; this test needs it"
    if os.environ.get("HUB_REQUIRE_ALL") or os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)
