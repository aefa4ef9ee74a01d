"""How ``hub client`` prints a registration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from hub.access.purposes import Purpose
from hub.access.scopes import compact
from hub.command import end_of
from hub.domain.dates import CHINA, china_now
from hub.oauth.clients import Client
from hub.oauth.jose import ends_at
from hub.oauth.metadata import Issuer


def tell(client: Client, contractor: str | None) -> None:
    own = client.allowance
    facts = {
        "client": client.client_id,
        "name": client.name,
        "role": client.role,
        "division": client.division_code,
        "contractor": contractor,
        "status": client.status,
        "expires": client.expires_at and f"{client.expires_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
        "scopes": compact(client.scopes),
        "grant types": " ".join(client.grant_types),
        "redirect URIs": " ".join(client.redirect_uris),
        "authenticates with": client.auth_method,
        "profile": client.profile,
        "queries": "trusted documents only" if client.documents_only else "any",
        "requests per minute": own.requests_per_minute,
        "questions per minute": own.questions_per_minute,
        "questions per day": own.questions_per_day,
        "questions barred": client.questions_barred_at
        and f"since {client.questions_barred_at.astimezone(CHINA):%Y-%m-%d %H:%M}: hub client watch",
        "cost per request": own.cost_per_request,
        "cost per minute": own.cost_per_minute,
        "states a purpose": "in every request" if client.purpose_needed else "if it likes",
    }
    for name, value in facts.items():
        if value not in (None, ""):
            click.echo(f"{name + ':':20} {value}")
    for purpose in client.purposes:
        click.echo(f"{'purpose:':20} {of_grant(purpose)}")
    tell_keys(client.jwks["keys"])


def of_grant(purpose: Purpose) -> str:
    parts = [f"{purpose.code}  {purpose.label_zh}"]
    if purpose.usual:
        parts.append("where it names none")
    if purpose.until is not None:
        parts.append(end_of(dt.datetime.fromtimestamp(purpose.until, CHINA)))
    if purpose.units is not None:
        parts.append(f"{purpose.units} units a minute")
    if purpose.questions_per_minute is not None:
        parts.append(f"{purpose.questions_per_minute} persons a minute, {purpose.questions_per_day} a day")
    return "  ".join(parts)


def tell_keys(keys: Iterable[dict[str, Any]]) -> None:
    now = china_now()
    for key in keys:
        if ends_at(key) > now.timestamp():
            end = f"  {end_of(dt.datetime.fromtimestamp(key['exp'], CHINA))}" if "exp" in key else ""
            click.echo(f"{'key:':20} {key['kid']}  {key['kty']}{end}")


def tell_how(base_url: str, private_file: Path | None) -> None:
    """What its developers need to know."""
    issuer = Issuer.of(base_url)
    click.echo(f"{'audience:':20} {issuer.url}")
    click.echo(f"{'token endpoint:':20} {issuer.token_url}")
    if private_file is not None:
        click.echo(f"{'private key:':20} {private_file}")
