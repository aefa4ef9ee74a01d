"""The sealer of the access log as the settings have it."""

from __future__ import annotations

from functools import partial

from hub.audit.seal import Sealer
from hub.oauth.metadata import Issuer
from hub.settings import Settings
from hub.store.database import Database
from hub.store.keys import load_signing_keys


def sealer(settings: Settings, database: Database) -> Sealer:
    issuer = Issuer.of(settings.base_url).url
    return Sealer(database, issuer, partial(load_signing_keys, settings), settings.audit_hash)
