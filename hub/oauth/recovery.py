"""Recovery codes: for who lost the telephone. Ten, each good once, stored as keyed hashes."""

from __future__ import annotations

import re
import secrets
from typing import Final

from hub.oauth.passwords import grouped
from hub.store.database import Database
from hub.store.vault import Vault

CODES: Final = 10
CODE_BYTES: Final = 10
"""80 bits: nobody tries them all, with a dump of the database and its key neither."""
CODE: Final = re.compile(r"[a-z2-7]{16}", re.ASCII)

_REPLACE: Final = """
    with gone as (delete from recovery_code where user_id = $1 and code_hash <> all($2::bytea[]))
    insert into recovery_code (user_id, code_hash) select $1, unnest($2::bytea[])
"""
_USE: Final = "delete from recovery_code where user_id = $1 and code_hash = $2 returning code_hash"
_LEFT: Final = "select count(*) from recovery_code where user_id = $1"


class RecoveryCodes:
    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault

    async def renew(self, user_id: int) -> list[str]:
        """New ones, to be shown once; the old ones are gone."""
        codes = [grouped(secrets.token_bytes(CODE_BYTES)) for _ in range(CODES)]
        await self._db.fetch(_REPLACE, user_id, [self._hash(user_id, plain(code)) for code in codes])
        return codes

    async def use(self, user_id: int, code: str) -> bool:
        """Whether it was one; it is none any more."""
        return bool(await self._db.fetch(_USE, user_id, self._hash(user_id, plain(code))))

    async def left(self, user_id: int) -> int:
        return int((await self._db.fetch(_LEFT, user_id))[0][0])

    def _hash(self, user_id: int, code: str) -> bytes:
        return self._vault.blind(f"recovery {user_id} {code}")


def plain(text: str) -> str:
    """Without the marks and spaces that people put between groups."""
    return re.sub(r"[\s-]", "", text).lower()
