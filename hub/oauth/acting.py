"""Who asks where nobody does: a client for which the hub does something later, with its rights of then."""

from __future__ import annotations

from collections.abc import Iterable

from hub.access.scopes import atoms
from hub.access.viewer import Viewer
from hub.errors import Unauthenticated, UnknownPurpose
from hub.oauth.bearer import viewer_with
from hub.oauth.clients import find_client
from hub.store.database import Database


class Suspended(Unauthenticated):
    """The client is not active."""

    zh = "客户端已停用"


class NoClient(Unauthenticated):
    """The client is not registered any more."""

    zh = "客户端登记已终止"


async def acting_for(
    database: Database, client_id: str, purpose: str | None = None, scopes: Iterable[str] | None = None
) -> Viewer:
    """The viewer a request of the client would have now, for ``purpose``, or for its usual one.

    ``scopes``: those it began with; without them all that are granted. Suspended where the client is,
    NoClient where it has expired or is gone; NoPurpose, UnknownPurpose or PurposeEnded as for a request.
    """
    client = await find_client(database, client_id)
    if client is None or client.has_expired():
        raise NoClient
    if not client.is_active():
        raise Suspended
    held = client.scopes if scopes is None else client.scopes & atoms(scopes)
    viewer = viewer_with(
        client.client_id,
        client.role,
        held,
        client.division_code,
        client.organisation_id,
        client.documents_only,
        client.allowance,
        client.granted(client.role),
        None,
        client.person_keys(),
        client.questions_barred_at is not None,
    )
    return viewer.asking_for(purpose)


async def has_purpose(database: Database, client_id: str, purpose: str) -> bool:
    """Whether a client, active or not, might ask for it."""
    client = await find_client(database, client_id)
    try:
        return client is not None and client.granted(client.role).stated(purpose) is not None
    except UnknownPurpose:
        return False
