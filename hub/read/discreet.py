"""What graphql-core says of a faulty request, without the values it repeats: they may be a person's."""

from __future__ import annotations

import re
from typing import Final

# Each pattern keeps what was expected and drops what was sent, to the end of the message: a value may
# hold anything, also what looks like the end of itself.
_CUTS: Final = (
    (re.compile(r"(.*?Value cannot represent an? \w+): .*", re.DOTALL), r"\1."),
    (re.compile(r"(.*?), (?:but encountered error|found: |found:$).*", re.DOTALL), r"\1."),
    (re.compile(r"(.*? cannot represent .*?value): .*", re.DOTALL), r"\1."),
    (
        re.compile(r"(.*?)Value .* does not exist in ('\w+') enum\..*", re.DOTALL),
        r"\1Expected a value of \2.",
    ),
    (re.compile(r"(Syntax Error: .*?\b(?:String|BlockString|Int|Float|Comment)) .*", re.DOTALL), r"\1."),
    (re.compile(r"(Syntax Error: Invalid number\b).*", re.DOTALL), r"\1."),
)
_UNKNOWN: Final = re.compile(r"unknown field '.*'", re.DOTALL)


def discreet(message: str) -> str:
    """``message`` without the values it repeats; names of the schema and of the document stay."""
    for pattern, kept in _CUTS:
        message = pattern.sub(kept, message, count=1)
    return _UNKNOWN.sub("unknown field", message)
