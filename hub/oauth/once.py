"""What is good once: an assertion of a client, a proof of a key.

The primary key of a table decides: of ten copies that arrive at once, one inserts its row.
"""

from __future__ import annotations

import re
from typing import Final

from hub.oauth.purge import purge

JTI: Final = re.compile(r"[\x21-\x7e]{1,128}")


def use_up(table: str, owner: str) -> str:
    """The statement that uses up a ``jti`` ($2) of its ``owner`` ($1) and remembers it until a second ($3).

    A row comes back where it was not used before.
    """
    return f"""
    with forgotten as ({purge(table)})
    insert into {table} ({owner}, jti, expires_at) values ($1, $2, to_timestamp($3::float8))
    on conflict do nothing returning true"""  # noqa: S608 - of the caller's names


ASSERTION: Final = use_up("oauth_assertion", "client_id")
PROOF: Final = use_up("oauth_proof", "jkt")
