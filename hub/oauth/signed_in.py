"""What the authorization endpoint asks of the login side: who, if anybody, sits in front of this browser."""

from __future__ import annotations

import datetime as dt
from typing import Final, Protocol

LOGIN_PATH: Final = "/login"
"""Takes ``next``, a path on this host to go on with."""
LONGEST_NEXT: Final = 4_096


class SignedIn(Protocol):
    """A user with a session, as the registry has them now. ``scopes`` are atoms."""

    @property
    def user_id(self) -> int: ...
    @property
    def display_name(self) -> str: ...
    @property
    def division_code(self) -> str | None: ...
    @property
    def organisation_id(self) -> int | None: ...
    @property
    def scopes(self) -> frozenset[str]: ...
    @property
    def provider(self) -> str | None: ...
    @property
    def signed_in_at(self) -> dt.datetime: ...
    @property
    def csrf(self) -> str: ...


class Sessions(Protocol):
    async def of(self, cookie: str | None) -> SignedIn | None: ...
