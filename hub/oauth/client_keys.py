"""A client's public keys: read from what it sends, and changed without a moment in which none is good.

A stored key may have ``exp`` (seconds since 1970, as in OpenID Federation): from then on it is none.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from sqlalchemy import update

from hub.errors import BadArgument, NotFound
from hub.oauth.clients import CLIENT_ROW, NEXT_SERIES
from hub.oauth.flows import PUBLIC
from hub.oauth.jose import MAX_CLIENT_KEYS, ends_at, public_jwks
from hub.store.database import Database
from hub.tables.identity import oauth_client

MOST_OVERLAP: Final = dt.timedelta(days=90)
NO_KEYS: Final = "The file holds a public key in PEM, a JWK, or a JWK Set."


def read_keys(content: bytes) -> dict[str, Any]:
    """The JWK Set a file holds, as a JWK Set, one JWK, or PEM; BadArgument for anything else."""
    if content.lstrip().startswith(b"-----"):
        return {"keys": [_of_pem(content)]}
    try:
        found = orjson.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadArgument(NO_KEYS)
    return found if "keys" in found else {"keys": [found]}


def _of_pem(content: bytes) -> Mapping[str, Any]:
    for kind in (ECKey, OKPKey, RSAKey):
        try:
            return kind.import_key(content).as_dict()
        except (JoseError, ValueError, TypeError):
            continue
    raise BadArgument(NO_KEYS)


def new_key() -> ECKey:
    """A key pair for a client that brings none: P-256, which every library knows."""
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


async def rotate_keys(
    db: Database, client_id: str, jwks: Mapping[str, Any], overlap: dt.timedelta
) -> dict[str, Any]:
    """Take these keys at once, and those there are for ``overlap`` longer; the JWK Set that is stored.

    Without an overlap the tokens that are out end with the keys, within two seconds.
    BadArgument for keys the hub does not take, NotFound for no such client.
    """
    if not dt.timedelta() <= overlap <= MOST_OVERLAP:
        raise BadArgument(f"Old keys are good for 0 to {MOST_OVERLAP.days} days more.")
    fresh = public_jwks(jwks)["keys"]
    async with db.engine.begin() as connection:
        row = (
            (await connection.execute(CLIENT_ROW.with_for_update(), {"name": client_id}))
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise NotFound("No client has this name.")
        if row["auth_method"] == PUBLIC:
            raise BadArgument("A public client has no keys.")
        kept = [*fresh, *_still(row["jwks"]["keys"], fresh, time.time() + overlap.total_seconds())]
        if len(kept) > MAX_CLIENT_KEYS:
            raise BadArgument(f"A client has {MAX_CLIENT_KEYS} keys at most; let old ones end sooner.")
        changed = update(oauth_client).where(oauth_client.c.client_id == client_id)
        ended = {} if overlap else {"token_series": NEXT_SERIES}
        await connection.execute(changed.values(jwks={"keys": kept}, **ended))
    return {"keys": kept}


def _still(held: list[dict[str, Any]], fresh: list[dict[str, Any]], until: float) -> list[dict[str, Any]]:
    """Old keys with their end, which is never put off; without those that have ended or come again."""
    again = {key["kid"] for key in fresh}
    ending = ({**key, "exp": int(min(ends_at(key), until))} for key in held if key["kid"] not in again)
    return [key for key in ending if ends_at(key) > time.time()]
