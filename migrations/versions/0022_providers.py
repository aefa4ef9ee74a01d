"""OpenID providers whose users sign in at the hub

Revision: 0022, after 0021
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
CHECKS = {
    "status": "status in ('ACTIVE', 'SUSPENDED')",
    "auth_method": "auth_method in ('private_key_jwt', 'client_secret_basic', 'client_secret_post')"
    " and (auth_method = 'private_key_jwt') = (client_secret is null)",
}


def column(name: str, kind: Any, comment: str, *, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, comment=comment, **options)


def codes(name: str, comment: str, **options: Any) -> sa.Column[Any]:
    return column(name, postgresql.ARRAY(CODE), comment, **options)


def now(name: str, comment: str) -> sa.Column[Any]:
    return column(name, sa.DateTime(timezone=True), comment, server_default=sa.text("now()"))


def values(name: str, comment: str) -> sa.Column[Any]:
    return column(name, postgresql.JSONB(), comment, server_default="{}")


def of_provider(table: str) -> tuple[SchemaItem, ...]:
    return (
        column("provider", CODE, "身份提供方"),
        sa.ForeignKeyConstraint(["provider"], ["oauth_provider.name"], name=op.f(f"{table}_provider_fkey")),
    )


def make(table: str, keys: tuple[str, ...], comment: str, *columns: SchemaItem) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=op.f(f"{table}_pkey"))
    op.create_table(table, *columns, primary, comment=comment)


def index(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def upgrade() -> None:
    make(
        "oauth_provider",
        ("name",),
        "身份提供方",
        column("name", CODE, "标识"),
        column("title_zh", sa.String(), "中文名称"),
        column("title_en", sa.String(), "英文名称"),
        column("issuer", CODE, "签发者"),
        column("registered_as", CODE, "登记标识"),
        column("auth_method", CODE, "认证方式"),
        column("client_secret", sa.LargeBinary(), "客户端密钥", nullable=True),
        codes("algorithms", "签名算法"),
        codes("hosts", "其他主机", server_default="{}"),
        codes("asked_scopes", "请求范围"),
        codes("acr_values", "认证级别", server_default="{}"),
        column("division_code", CODE, "区划"),
        column("scopes", postgresql.ARRAY(sa.Text()), "授权范围", server_default="{}"),
        column("name_claim", CODE, "姓名声明", nullable=True),
        column("role_claim", CODE, "角色声明", nullable=True),
        values("role_values", "角色对照"),
        column("division_claim", CODE, "区划声明", nullable=True),
        values("division_values", "区划对照"),
        column("status", sa.String(), "状态", server_default="ACTIVE"),
        now("created_at", "登记时间"),
        sa.UniqueConstraint("issuer", name=op.f("oauth_provider_issuer_key")),
        *(
            sa.CheckConstraint(rule, name=op.f(f"oauth_provider_{name}_check"))
            for name, rule in CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["division_code"], ["division.code"], name=op.f("oauth_provider_division_code_fkey")
        ),
    )
    index("oauth_provider", "division_code")
    make(
        "user_identity",
        ("provider", "subject"),
        "外部身份",
        *of_provider("user_identity"),
        column("subject", CODE, "主体标识"),
        column("user_id", sa.BigInteger(), "用户"),
        column("is_made", sa.Boolean(), "是否自动建立"),
        now("created_at", "关联时间"),
        sa.ForeignKeyConstraint(["user_id"], ["hub_user.id"], name=op.f("user_identity_user_id_fkey")),
    )
    index("user_identity", "user_id")
    make(
        "provider_visit",
        ("visit_hash",),
        "外部登录往返",
        column("visit_hash", sa.LargeBinary(), "往返摘要"),
        *of_provider("provider_visit"),
        column("next", CODE, "后续地址"),
        column("is_fresh", sa.Boolean(), "是否重新认证"),
        now("created_at", "开始时间"),
        column("expires_at", sa.DateTime(timezone=True), "失效时间"),
    )
    index("provider_visit", "provider", "expires_at")
    op.alter_column("hub_user", "password_hash", nullable=True)
    for table in ("user_session", "oauth_grant"):
        op.add_column(table, column("provider", CODE, "身份提供方", nullable=True))
    for table, key, secret in (
        ("oauth_provider", "name", "client_secret"),
        ("user_identity", "provider,user_id", "subject"),
    ):
        op.execute(
            f"create trigger note_row after insert or update or delete on {table}"
            f" for each row execute function note_row('{key}', '{secret}')"
        )


def downgrade() -> None:
    # What came through a provider ends with it.
    op.execute("delete from user_session where provider is not null")
    op.execute("update oauth_grant set revoked_at = now() where provider is not null and revoked_at is null")
    for table in ("user_session", "oauth_grant"):
        op.drop_column(table, "provider")
    op.execute("update hub_user set password_hash = '!' where password_hash is null")
    op.alter_column("hub_user", "password_hash", nullable=False)
    for table in ("provider_visit", "user_identity", "oauth_provider"):
        op.drop_table(table)
