"""客户端与授权: the systems that may ask, and what people have let them do in their name.

Of codes, refresh tokens and addresses of requests only the sha256 is stored: they are random, and a dump
of the database opens nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    Text,
    TypedColumns,
    Uuid,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.tables._columns import CODE, STAMP, internal, now, points_to, refer, table
from hub.tables.division import division as _division


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
        "用途额度",
        "What the hub before the registry of purposes reads, and no other",
        JSONB,
        server_default="{}",
    )
    purpose_needed: Named[bool] = internal(
        "须声明用途", "Whether every request of it must have a purpose", Boolean, server_default=false()
    )
    requests_per_minute: Named[int | None] = internal(
        "每分钟请求上限", "Requests it may make in a minute", BigInteger
    )
    questions_per_minute: Named[int | None] = internal(
        "每分钟可查询人数", "Persons it may ask about in a minute", BigInteger
    )
    questions_per_day: Named[int | None] = internal(
        "每日可查询人数", "Persons it may ask about in a day", BigInteger
    )
    questions_barred_at: Named[dt.datetime | None] = internal(
        "停止查询时间", "Since when it may ask about nobody, until somebody decides", STAMP
    )
    grant_types: Named[list[str]] = internal(
        "授权方式",
        "How it may get tokens, RFC 6749",
        ARRAY(CODE),
        server_default="{client_credentials}",
    )
    redirect_uris: Named[list[str]] = internal(
        "回调地址", "Where users may be sent back to", ARRAY(CODE), server_default="{}"
    )
    auth_method: Named[str] = internal(
        "认证方式", "How it proves who it is", CODE, server_default="private_key_jwt"
    )
    profile: Named[str] = internal("安全规格", "Rules it is held to", CODE, server_default="BASELINE")
    person_key: Named[int] = internal(
        "人员令牌密钥序号",
        "Number of the key it makes tokens of persons with; 0: none",
        Integer,
        server_default="0",
    )
    person_key_before_until: Named[dt.datetime | None] = internal(
        "旧人员令牌密钥有效期至", "Until when the key before is taken as well", STAMP
    )
    token_series: Named[int] = internal(
        "令牌批次", "How often all its access tokens were ended", BigInteger, server_default="0"
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
    CheckConstraint("requests_per_minute > 0", name="requests"),
    CheckConstraint("questions_per_minute > 0 and questions_per_day > 0", name="questions"),
    CheckConstraint("auth_method in ('private_key_jwt', 'none')", name="auth_method"),
    CheckConstraint("profile in ('BASELINE', 'FAPI2')", name="profile"),
    CheckConstraint("profile = 'BASELINE' or auth_method = 'private_key_jwt'", name="fapi2"),
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


class OauthProofColumns(TypedColumns):
    jkt: Named[str] = internal("密钥指纹", "Thumbprint of the key, RFC 7638", CODE, primary_key=True)
    jti: Named[str] = internal("证明标识", "jti of the proof, RFC 9449", CODE, primary_key=True)
    expires_at: Named[dt.datetime] = internal("失效时间", "When it may be forgotten", STAMP)


oauth_proof = table(
    "oauth_proof",
    "已用证明",
    "Proof of a key that must not be used again",
    OauthProofColumns,
    Index(None, "expires_at"),
)


class OauthRevokedColumns(TypedColumns):
    jti: Named[str] = internal("令牌标识", "jti of the token, RFC 9068", CODE, primary_key=True)
    expires_at: Named[dt.datetime] = internal("失效时间", "When it may be forgotten", STAMP)


oauth_revoked = table(
    "oauth_revoked",
    "已撤销令牌",
    "Access token that was taken back before its end",
    OauthRevokedColumns,
    Index(None, "expires_at"),
)


def _of_client() -> Any:
    return internal("客户端标识", "Client identifier", CODE, ForeignKey("oauth_client.client_id"))


def _of_grant() -> Any:
    return internal("授权", "Grant it belongs to", Uuid(as_uuid=False), ForeignKey("oauth_grant.id"))


class OauthRequestColumns(TypedColumns):
    request_hash: Named[bytes] = internal("请求摘要", "SHA-256 of its name", LargeBinary, primary_key=True)
    client_id: Named[str] = _of_client()
    parameters: Named[dict[str, Any]] = internal("参数", "What was asked for, checked", JSONB)
    created_at: Named[dt.datetime] = now("创建时间", "When it came")
    expires_at: Named[dt.datetime] = internal("失效时间", "When it ends", STAMP)


oauth_request = table(
    "oauth_request",
    "授权请求",
    "Authorization request that waits for the user",
    OauthRequestColumns,
    Index(None, "client_id"),
    Index(None, "expires_at"),
)


class OauthGrantColumns(TypedColumns):
    id: Named[str] = internal(
        "编号", "Number", Uuid(as_uuid=False), primary_key=True, server_default=func.gen_random_uuid()
    )
    client_id: Named[str] = _of_client()
    user_id: Named[int] = internal("用户", "User who consented", BigInteger)
    scopes: Named[list[str]] = internal("授权范围", "Scopes consented to", ARRAY(Text))
    created_at: Named[dt.datetime] = now("同意时间", "When the user consented")
    used_at: Named[dt.datetime] = now("最近使用", "When it last gave a token")
    expires_at: Named[dt.datetime] = internal("有效期至", "When it ends", STAMP)
    revoked_at: Named[dt.datetime | None] = internal("撤销时间", "When it was taken back", STAMP)
    dpop_jkt: Named[str | None] = internal("绑定密钥", "Thumbprint of the key that refreshing takes", CODE)
    provider: Named[str | None] = internal("身份提供方", "Provider the user had signed in at", CODE)


oauth_grant = table(
    "oauth_grant",
    "用户授权",
    "What a user lets a client do",
    OauthGrantColumns,
    Index(None, "client_id"),
    Index(None, "user_id"),
)


class OauthCodeColumns(TypedColumns):
    code_hash: Named[bytes] = internal("授权码摘要", "SHA-256 of the code", LargeBinary, primary_key=True)
    grant_id: Named[str] = _of_grant()
    redirect_uri: Named[str] = internal("回调地址", "Where it was sent", CODE)
    code_challenge: Named[str] = internal("校验值", "S256 challenge, RFC 7636", CODE)
    dpop_jkt: Named[str | None] = internal("绑定密钥", "Thumbprint of the one key it is for", CODE)
    expires_at: Named[dt.datetime] = internal("失效时间", "When it ends", STAMP)
    used_at: Named[dt.datetime | None] = internal("使用时间", "When it was used, once", STAMP)


oauth_code = table(
    "oauth_code",
    "授权码",
    "Authorization code",
    OauthCodeColumns,
    Index(None, "grant_id"),
    Index(None, "expires_at"),
)


class OauthRefreshColumns(TypedColumns):
    family_hash: Named[bytes] = internal(
        "令牌族摘要", "SHA-256 of the part that all tokens of a grant share", LargeBinary, primary_key=True
    )
    grant_id: Named[str] = _of_grant()
    token_hash: Named[bytes] = internal("令牌摘要", "SHA-256 of the token that is good now", LargeBinary)
    replaced_hash: Named[bytes | None] = internal("前一令牌摘要", "SHA-256 of the one before it", LargeBinary)
    replaced_at: Named[dt.datetime | None] = internal("替换时间", "When that was replaced", STAMP)
    replaced_by: Named[bytes | None] = internal(
        "替换请求摘要", "SHA-256 of what the request asked that replaced it", LargeBinary
    )
    sealed: Named[bytes | None] = internal(
        "密封令牌", "The token that is good now, sealed with a key made from the one before it", LargeBinary
    )


oauth_refresh = table(
    "oauth_refresh",
    "刷新令牌",
    "Refresh token",
    OauthRefreshColumns,
    Index(None, "grant_id"),
    Index(None, "replaced_at", postgresql_where=text("sealed is not null")),
)
