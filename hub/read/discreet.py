"""What graphql-core says of a faulty request, without the values it repeats: they may be a person's."""

from __future__ import annotations

import re
from typing import Final

MOST: Final = 300
"""Characters of a message; a name in it may have any length."""

# Where the first value begins. Nothing here may look back from there, or try again from every character:
# messages are as long as requests.
_FOUND: Final = re.compile(
    r", (?:but encountered error|found: )"
    r"|(?P<scalar> cannot represent [\w -]{1,60}): "
    r"|(?P<enum>\bValue ')"
    r"|(?P<field> unknown field) '"
)
_ENUM: Final = re.compile(r"' does not exist in ('\w{1,100}') enum\.$")
_TOKEN: Final = re.compile(
    r"Syntax Error: (?:Invalid number|[^'\"]{0,100}\b(?:String|BlockString|Int|Float|Comment)\b)"
)


def discreet(message: str) -> str:
    """``message`` up to the first value it repeats; names of the schema and of the document stay."""
    token, found = _TOKEN.match(message), _FOUND.search(message)
    if token:
        message = f"{token.group()}."
    elif found and found["enum"]:
        enum = _ENUM.search(message, max(found.end(), len(message) - 150))
        message = message[: found.start()] + f"Expected a value of {enum[1] if enum else 'an enum'}."
    elif found:
        message = message[: found.start()] + (found["scalar"] or found["field"] or "") + "."
    return message if len(message) <= MOST else message[:MOST] + "…"
