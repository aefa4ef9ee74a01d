"""外部身份提供方: OpenID providers whose users sign in at the hub, and what they may grant at most.

Of a sign-in that is under way only a hash is stored, made from what the provider and what the browser holds.
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
    LargeBinary,
    Named,
    Text,
    TypedColumns,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.tables._columns import CODE, STAMP, internal, now, refer, sealed, table
from hub.tables.division import division as _division


class OauthProviderColumns(TypedColumns):
    name: Named[str] = internal("标识", "Name within the hub", CODE, primary_key=True)
    title_zh: Named[str] = internal("中文名称", "Name shown in Chinese")
    title_en: Named[str] = internal("英文名称", "Name shown in English")
    issuer: Named[str] = internal("签发者", "Issuer of its tokens, exactly", CODE, unique=True)
    registered_as: Named[str] = internal("登记标识", "What it calls the hub: a client_id", CODE)
    auth_method: Named[str] = internal("认证方式", "How the hub proves who it is", CODE)
    client_secret: Named[bytes | None] = sealed("客户端密钥", "Secret shared with it", "internal")
    algorithms: Named[list[str]] = internal("签名算法", "Signatures taken of it, RFC 7518", ARRAY(CODE))
    hosts: Named[list[str]] = internal(
        "其他主机", "Hosts besides the issuer's that it may name", ARRAY(CODE), server_default="{}"
    )
    asked_scopes: Named[list[str]] = internal("请求范围", "Scopes asked of it", ARRAY(CODE))
    acr_values: Named[list[str]] = internal(
        "认证级别", "Ways of signing in there that are enough; empty: any", ARRAY(CODE), server_default="{}"
    )
    division_code: Named[str] = internal("区划", "Division all its users are inside of", CODE)
    scopes: Named[list[str]] = internal(
        "授权范围", "Scopes a user made at the first sign-in may have", ARRAY(Text), server_default="{}"
    )
    name_claim: Named[str | None] = internal("姓名声明", "Claim that has the name shown", CODE)
    role_claim: Named[str | None] = internal("角色声明", "Claim that names the role", CODE)
    role_values: Named[dict[str, Any]] = internal(
        "角色对照", "Role by value of its claim", JSONB, server_default="{}"
    )
    division_claim: Named[str | None] = internal("区划声明", "Claim that names the division", CODE)
    division_values: Named[dict[str, Any]] = internal(
        "区划对照", "Division by value of its claim", JSONB, server_default="{}"
    )
    status: Named[str] = internal("状态", "Status", vocabulary="ClientStatus", server_default="ACTIVE")
    created_at: Named[dt.datetime] = now("登记时间", "When it was registered")


oauth_provider = table(
    "oauth_provider",
    "身份提供方",
    "OpenID provider whose users sign in",
    OauthProviderColumns,
    Index(None, "division_code"),
    CheckConstraint("status in ('ACTIVE', 'SUSPENDED')", name="status"),
    CheckConstraint(
        "auth_method in ('private_key_jwt', 'client_secret_basic', 'client_secret_post')"
        " and (auth_method = 'private_key_jwt') = (client_secret is null)",
        name="auth_method",
    ),
    refer(_division, "division_code"),
)


def _of_provider() -> Any:
    return internal("身份提供方", "Provider", CODE, ForeignKey("oauth_provider.name"))


class UserIdentityColumns(TypedColumns):
    provider: Named[str] = internal(
        "身份提供方", "Provider", CODE, ForeignKey("oauth_provider.name"), primary_key=True
    )
    subject: Named[str] = internal("主体标识", "What it calls the user", CODE, primary_key=True)
    user_id: Named[int] = internal("用户", "User", BigInteger, ForeignKey("hub_user.id"))
    is_made: Named[bool] = internal(
        "是否自动建立", "Whether the user was made at the first sign-in, and follows the claims", Boolean
    )
    created_at: Named[dt.datetime] = now("关联时间", "When it was linked")


user_identity = table(
    "user_identity",
    "外部身份",
    "Who a user is at a provider",
    UserIdentityColumns,
    Index(None, "user_id"),
)


class FormerIdentityColumns(TypedColumns):
    """Outlives its provider, so that who was locked is so too when the issuer is registered again."""

    issuer: Named[str] = internal("签发者", "Issuer of the provider", CODE, primary_key=True)
    subject: Named[str] = internal("主体标识", "What it called the user", CODE, primary_key=True)
    user_id: Named[int] = internal("用户", "User", BigInteger, ForeignKey("hub_user.id"))
    is_made: Named[bool] = internal("是否自动建立", "Whether the user was made at a sign-in there", Boolean)
    is_locked: Named[bool] = internal(
        "是否单独锁定", "Whether the user is locked, and not only with the provider", Boolean
    )
    created_at: Named[dt.datetime] = now("解除时间", "When it was forgotten")


former_identity = table(
    "former_identity",
    "曾用外部身份",
    "Who a user was at a provider that was removed, or before being unlinked",
    FormerIdentityColumns,
    Index(None, "user_id"),
)


class ProviderVisitColumns(TypedColumns):
    visit_hash: Named[bytes] = internal(
        "往返摘要", "SHA-256 of the state and the browser's cookie", LargeBinary, primary_key=True
    )
    provider: Named[str] = _of_provider()
    next: Named[str] = internal("后续地址", "Where the browser goes on", CODE)
    is_fresh: Named[bool] = internal("是否重新认证", "Whether the user has to sign in anew", Boolean)
    created_at: Named[dt.datetime] = now("开始时间", "When the browser was sent there")
    expires_at: Named[dt.datetime] = internal("失效时间", "When it ends", STAMP)


provider_visit = table(
    "provider_visit",
    "外部登录往返",
    "Sign-in at a provider that is under way",
    ProviderVisitColumns,
    Index(None, "provider"),
    Index(None, "expires_at"),
)
