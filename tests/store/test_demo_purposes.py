"""What the personas of the demo ask for."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import ECKey

from hub.demo_purposes import PURPOSES, grant_purposes, register_purposes
from hub.oauth.clients import find_client, register_client
from hub.oauth.purposes import find_purposes
from tests.support.postgres import fresh_database

KEY: Any = {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]}


async def test_purposes_are_registered_once_and_are_usual() -> None:
    async with fresh_database() as db:
        given: Any = {"role": "agency", "jwks": KEY, "division_code": "450305000000"}
        await register_client(db, "agency", name="x", purpose_needed=True, **given)
        for _ in range(2):
            await register_purposes(db)
            await grant_purposes(db, "agency", "agency")
        held = {purpose.code for purpose in await find_purposes(db)}
        assert held == {purpose.code for purpose in PURPOSES}
        found = await find_client(db, "agency")
        assert found is not None
        assert (found.granted("agency").usual, found.purpose_needed) == ("medical-assistance", True)
