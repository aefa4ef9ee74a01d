"""用户: people who sign in at the hub during pilots, their sessions, and tries that failed.

Of session ids, recovery codes and logins that were tried only hashes are stored; the second factor's secret
is sealed. A dump of the database signs nobody in.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    Text,
    TypedColumns,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, internal, key, now, points_to, refer, sealed, table
from hub.tables.division import division as _division


class HubUserColumns(TypedColumns):
    id: Named[int] = key()
    login: Named[str] = internal("登录名", "Login, in lower case", CODE, unique=True)
    display_name: Named[str] = internal("显示名称", "Name shown to the user")
    role: Named[str] = internal("角色", "Role, one of those in the slices", CODE)
    division_code: Named[str | None] = internal("区划", "Division whose slice it has", CODE)
    organisation_id: Named[int | None] = points_to("承接机构", "Contractor it acts for", "contractor.id")
    scopes: Named[list[str]] = internal(
        "授权范围", "Scopes it may be granted", ARRAY(Text), server_default="{}"
    )
    status: Named[str] = internal("状态", "Status", vocabulary="ClientStatus", server_default="ACTIVE")
    created_at: Named[dt.datetime] = now("登记时间", "When it was registered")
    password_hash: Named[str | None] = internal(
        "口令摘要", "Password, hashed with argon2id; null for who signs in at a provider only", CODE
    )
    password_ends_at: Named[dt.datetime | None] = internal(
        "初始口令失效时间", "When the one-time initial password ends; null for the user's own", STAMP
    )
    totp_secret: Named[bytes | None] = sealed("动态口令密钥", "Secret of the second factor", "internal")
    totp_confirmed_at: Named[dt.datetime | None] = internal(
        "动态口令启用时间", "When the second factor was set up", STAMP
    )
    totp_step: Named[int | None] = internal(
        "动态口令时间步", "Time step of the last code used; it and those before are refused", BigInteger
    )


hub_user = table(
    "hub_user",
    "用户",
    "User",
    HubUserColumns,
    Index(None, "division_code"),
    Index(None, "organisation_id"),
    CheckConstraint("status in ('ACTIVE', 'SUSPENDED')", name="status"),
    refer(_division, "division_code"),
)


class UserSessionColumns(TypedColumns):
    """Until ``signed_in_at`` is set, it only carries somebody through the steps of signing in."""

    id: Named[int] = key()
    cookie_hash: Named[bytes] = internal("会话摘要", "SHA-256 of the cookie", LargeBinary, unique=True)
    user_id: Named[int] = internal("用户", "User", BigInteger, ForeignKey("hub_user.id"))
    provider: Named[str | None] = internal("身份提供方", "Provider the user signed in at", CODE)
    browser: Named[str] = internal("浏览器", "Kind of browser and system")
    created_at: Named[dt.datetime] = now("开始时间", "When the password was given")
    factor_at: Named[dt.datetime | None] = internal("二次验证时间", "When the second factor was given", STAMP)
    totp_secret: Named[bytes | None] = sealed(
        "待启用动态口令密钥", "Secret of a second factor that is being set up", "internal"
    )
    signed_in_at: Named[dt.datetime | None] = internal("登录时间", "When signing in was complete", STAMP)
    seen_at: Named[dt.datetime] = now("最近使用", "When it was last used, to the minute")
    expires_at: Named[dt.datetime] = internal("失效时间", "When it ends, used or not", STAMP)


user_session = table(
    "user_session",
    "用户会话",
    "Session of a user",
    UserSessionColumns,
    Index(None, "user_id"),
    Index(None, "expires_at"),
)


class RecoveryCodeColumns(TypedColumns):
    user_id: Named[int] = internal("用户", "User", BigInteger, ForeignKey("hub_user.id"), primary_key=True)
    code_hash: Named[bytes] = internal("恢复码摘要", "Keyed hash of the code", LargeBinary, primary_key=True)


recovery_code = table(
    "recovery_code",
    "恢复码",
    "Recovery code that was not used yet",
    RecoveryCodeColumns,
)


class SignInTryColumns(TypedColumns):
    tried_hash: Named[bytes] = internal(
        "尝试对象摘要", "Keyed hash of what was tried, known login or not", LargeBinary, primary_key=True
    )
    failure_count: Named[int] = internal("连续失败次数", "Tries since one succeeded", Integer)
    tried_at: Named[dt.datetime] = now("最近尝试时间", "When the last was")
    free_at: Named[dt.datetime] = internal("解除时间", "When the next is looked at", STAMP)


sign_in_try = table(
    "sign_in_try",
    "登录尝试",
    "Tries to sign in that have not succeeded",
    SignInTryColumns,
    Index(None, "tried_at"),
)
