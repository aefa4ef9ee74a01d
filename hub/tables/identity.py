"""客户端: the systems that may ask, and the assertions they have used. No person has an account."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    Index,
    Named,
    Text,
    TypedColumns,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.tables._columns import CODE, internal, now, points_to, refer, table
from hub.tables.division import division as _division

STAMP = DateTime(timezone=True)


class OauthClientColumns(TypedColumns):
    client_id: Named[str] = internal("客户端标识", "Client identifier", CODE, primary_key=True)
    name: Named[str] = internal("名称", "Name")
    role: Named[str] = internal("角色", "Role, one of those in the slices", CODE)
    division_code: Named[str | None] = internal("区划", "Division whose slice it has", CODE)
    organisation_id: Named[int | None] = points_to("承接机构", "Contractor it acts for", "contractor.id")
    scopes: Named[list[str]] = internal(
        "授权范围", "Scopes it may be granted", ARRAY(Text), server_default="{}"
    )
    jwks: Named[dict[str, Any]] = internal("公钥", "Its public keys, RFC 7517", JSONB)
    status: Named[str] = internal("状态", "Status", vocabulary="ClientStatus", server_default="ACTIVE")
    documents_only: Named[bool] = internal(
        "仅限可信文档",
        "Whether it may ask nothing but its trusted documents",
        Boolean,
        server_default=false(),
    )
    created_at: Named[dt.datetime] = now("登记时间", "When it was registered")
    expires_at: Named[dt.datetime | None] = internal("有效期至", "When its registration ends", STAMP)
    cost_per_request: Named[int | None] = internal("单次开销上限", "Units one request may cost", BigInteger)
    cost_per_minute: Named[int | None] = internal(
        "每分钟开销额度", "Units it may spend in a minute", BigInteger
    )
    purposes: Named[dict[str, Any]] = internal(
        "用途额度", "Units a minute for each purpose it may name", JSONB, server_default="{}"
    )


oauth_client = table(
    "oauth_client",
    "客户端",
    "Registered client",
    OauthClientColumns,
    Index(None, "division_code"),
    Index(None, "organisation_id"),
    CheckConstraint("status in ('ACTIVE', 'SUSPENDED')", name="status"),
    CheckConstraint("cost_per_request > 0 and cost_per_minute > 0", name="costs"),
    refer(_division, "division_code"),
)


class OauthAssertionColumns(TypedColumns):
    client_id: Named[str] = internal("客户端标识", "Client identifier", CODE, primary_key=True)
    jti: Named[str] = internal("断言标识", "jti of the assertion, RFC 7523", CODE, primary_key=True)
    expires_at: Named[dt.datetime] = internal("失效时间", "When it may be forgotten", STAMP)


oauth_assertion = table(
    "oauth_assertion",
    "已用断言",
    "Assertion that must not be used again",
    OauthAssertionColumns,
    Index(None, "expires_at"),
)
