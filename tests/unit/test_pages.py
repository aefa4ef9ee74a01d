"""Pages as they are written: what a browser forgives is not left to it."""

from __future__ import annotations

import re

import pytest

from hub.web.login_words import WORDS
from hub.web.rendered import rendered


@pytest.mark.parametrize("field", ["", "login", "password"])
@pytest.mark.parametrize("given", ["", "zhou.ming"])
def test_a_blank_stands_between_attributes(field: str, given: str) -> None:
    page = rendered(
        "login",
        "zh",
        title=WORDS["zh"]["login"],
        field=field,
        error="?",
        given=given,
        providers=[],
        at={"login": "/login"},
    )
    text = bytes(page.body).decode()
    assert ("aria-describedby" in text) == bool(field)
    for tag in re.findall("<[a-z][^>]*>", text):
        assert not re.search('"[a-z]', re.sub('="[^"]*"', '=""', tag)), tag
