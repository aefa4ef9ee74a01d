"""what users let clients do: requests, grants, codes and refresh tokens; how a client may get tokens

Revision: 0013, after 0012
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
CHECKS = {
    "auth_method": "auth_method in ('private_key_jwt', 'none')",
    "profile": "profile in ('BASELINE', 'FAPI2')",
    "fapi2": "profile = 'BASELINE' or auth_method = 'private_key_jwt'",
}
ADDED = (
    ("grant_types", postgresql.ARRAY(CODE), "{client_credentials}", "授权方式"),
    ("redirect_uris", postgresql.ARRAY(CODE), "{}", "回调地址"),
    ("auth_method", CODE, "private_key_jwt", "认证方式"),
    ("profile", CODE, "BASELINE", "安全规格"),
)


def column(name: str, kind: Any, comment: str, *, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, comment=comment, **options)


def stamp(name: str, comment: str, **options: Any) -> sa.Column[Any]:
    return column(name, sa.DateTime(timezone=True), comment, **options)


def now(name: str, comment: str) -> sa.Column[Any]:
    return stamp(name, comment, server_default=sa.text("now()"))


def of_client(table: str) -> tuple[SchemaItem, ...]:
    return (
        column("client_id", CODE, "客户端标识"),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.client_id"], name=op.f(f"{table}_client_id_fkey")
        ),
    )


def of_grant(table: str) -> tuple[SchemaItem, ...]:
    return (
        column("grant_id", sa.Uuid(), "授权"),
        sa.ForeignKeyConstraint(["grant_id"], ["oauth_grant.id"], name=op.f(f"{table}_grant_id_fkey")),
    )


def make(table: str, key: str, comment: str, *columns: SchemaItem) -> None:
    primary = sa.PrimaryKeyConstraint(key, name=op.f(f"{table}_pkey"))
    op.create_table(table, *columns, primary, comment=comment)


def index(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def upgrade() -> None:
    for name, kind, given, comment in ADDED:
        op.add_column("oauth_client", column(name, kind, comment, server_default=given))
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"oauth_client_{name}_check"), "oauth_client", rule)
    make(
        "oauth_request",
        "request_hash",
        "授权请求",
        column("request_hash", sa.LargeBinary(), "请求摘要"),
        *of_client("oauth_request"),
        column("parameters", postgresql.JSONB(), "参数"),
        now("created_at", "创建时间"),
        stamp("expires_at", "失效时间"),
    )
    index("oauth_request", "client_id", "expires_at")
    make(
        "oauth_grant",
        "id",
        "用户授权",
        column("id", sa.Uuid(), "编号", server_default=sa.text("gen_random_uuid()")),
        *of_client("oauth_grant"),
        column("user_id", sa.BigInteger(), "用户"),
        column("scopes", postgresql.ARRAY(sa.Text()), "授权范围"),
        now("created_at", "同意时间"),
        now("used_at", "最近使用"),
        stamp("expires_at", "有效期至"),
        stamp("revoked_at", "撤销时间", nullable=True),
        column("dpop_jkt", CODE, "绑定密钥", nullable=True),
    )
    index("oauth_grant", "client_id", "user_id")
    make(
        "oauth_code",
        "code_hash",
        "授权码",
        column("code_hash", sa.LargeBinary(), "授权码摘要"),
        *of_grant("oauth_code"),
        column("redirect_uri", CODE, "回调地址"),
        column("code_challenge", CODE, "校验值"),
        column("dpop_jkt", CODE, "绑定密钥", nullable=True),
        stamp("expires_at", "失效时间"),
        stamp("used_at", "使用时间", nullable=True),
    )
    index("oauth_code", "grant_id", "expires_at")
    make(
        "oauth_refresh",
        "family_hash",
        "刷新令牌",
        column("family_hash", sa.LargeBinary(), "令牌族摘要"),
        *of_grant("oauth_refresh"),
        column("token_hash", sa.LargeBinary(), "令牌摘要"),
        column("replaced_hash", sa.LargeBinary(), "前一令牌摘要", nullable=True),
        stamp("replaced_at", "替换时间", nullable=True),
        column("replaced_by", sa.LargeBinary(), "替换请求摘要", nullable=True),
        column("sealed", sa.LargeBinary(), "密封令牌", nullable=True),
    )
    index("oauth_refresh", "grant_id")


def downgrade() -> None:
    for table in ("oauth_refresh", "oauth_code", "oauth_grant", "oauth_request"):
        op.drop_table(table)
    for name in reversed(CHECKS):
        op.drop_constraint(op.f(f"oauth_client_{name}_check"), "oauth_client")
    for name, *_ in reversed(ADDED):
        op.drop_column("oauth_client", name)
