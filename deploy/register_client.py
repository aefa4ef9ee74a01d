"""Register a client in production, until the hub has a command for it; docs/operations.md shows how."""

import argparse
import asyncio
import json
import sys

from hub.errors import BadArgument, HubError
from hub.oauth.clients import register_client
from hub.settings import Settings
from hub.store.database import Database
from hub.store.roles import ROLES


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Register a client of the hub, or change its registration.")
    parser.add_argument("client_id", help="1 to 64 letters, digits and . _ ~ -")
    parser.add_argument("--name", required=True, help="name people know it by")
    parser.add_argument("--role", required=True, choices=ROLES)
    parser.add_argument("--division", help="12-digit code of the division it belongs to")
    parser.add_argument("--credit-code", help="credit code of the contractor it belongs to")
    parser.add_argument("--scopes", help="fewer scopes than the role's, separated by spaces")
    parser.add_argument("--jwks", required=True, help="the client's public keys, a JWK Set")
    return parser.parse_args()


async def organisation(database: Database, credit_code: str | None) -> int | None:
    if credit_code is None:
        return None
    found: int | None = await database.owner.fetchval(
        "select id from contractor where credit_code = $1", credit_code
    )
    if found is None:
        raise BadArgument("No source has brought a contractor with this credit code yet.")
    return found


async def register(given: argparse.Namespace) -> None:
    database = await Database.open(Settings())
    try:
        client = await register_client(
            database,
            given.client_id,
            name=given.name,
            role=given.role,
            division_code=given.division,
            organisation_id=await organisation(database, given.credit_code),
            scopes=given.scopes.split() if given.scopes else None,
            jwks=json.loads(given.jwks),
            replace=True,
        )
    finally:
        await database.close()
    print(f"{client.client_id} is registered as {client.role}.")


if __name__ == "__main__":
    try:
        asyncio.run(register(arguments()))
    except (HubError, json.JSONDecodeError) as error:
        sys.exit(str(error))
