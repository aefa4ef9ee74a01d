"""The hub writes a value as the auditor's script does, which has Python's own library only."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hub.audit.chain import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=9
)


@given(VALUES)
def test_both_write_the_same(value: object) -> None:
    assert canonical(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
