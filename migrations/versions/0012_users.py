"""users who sign in at the hub: accounts, sessions, recovery codes, tries that failed

Revision: 0012, after 0011
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")


def column(name: str, kind: Any, comment: str, *args: Any, nullable: bool = False, **options: Any) -> Any:
    return sa.Column(name, kind, *args, nullable=nullable, comment=comment, **options)


def stamp(name: str, comment: str, **options: Any) -> Any:
    return column(name, sa.DateTime(timezone=True), comment, **options)


def now(name: str, comment: str) -> Any:
    return stamp(name, comment, server_default=sa.text("now()"))


def number() -> Any:
    return column("id", sa.BigInteger(), "编号", sa.Identity())


def of_user(table: str) -> tuple[SchemaItem, ...]:
    return (
        column("user_id", sa.BigInteger(), "用户"),
        sa.ForeignKeyConstraint(["user_id"], ["hub_user.id"], name=op.f(f"{table}_user_id_fkey")),
    )


def make(table: str, keys: tuple[str, ...], comment: str, *columns: SchemaItem) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=op.f(f"{table}_pkey"))
    op.create_table(table, *columns, primary, comment=comment)


def index(table: str, *names: str) -> None:
    for name in names:
        op.create_index(op.f(f"{table}_{name}_idx"), table, [name])


def upgrade() -> None:
    make(
        "hub_user",
        ("id",),
        "用户",
        number(),
        column("login", CODE, "登录名"),
        column("display_name", sa.String(), "显示名称"),
        column("role", CODE, "角色"),
        column("division_code", CODE, "区划", nullable=True),
        column("organisation_id", sa.BigInteger(), "承接机构", nullable=True),
        column("scopes", postgresql.ARRAY(sa.Text()), "授权范围", server_default="{}"),
        column("status", sa.String(), "状态", server_default="ACTIVE"),
        now("created_at", "登记时间"),
        column("password_hash", CODE, "口令摘要"),
        stamp("password_ends_at", "初始口令失效时间", nullable=True),
        column("totp_secret", sa.LargeBinary(), "动态口令密钥", nullable=True),
        stamp("totp_confirmed_at", "动态口令启用时间", nullable=True),
        column("totp_step", sa.BigInteger(), "动态口令时间步", nullable=True),
        sa.UniqueConstraint("login", name=op.f("hub_user_login_key")),
        sa.CheckConstraint("status in ('ACTIVE', 'SUSPENDED')", name=op.f("hub_user_status_check")),
        sa.ForeignKeyConstraint(
            ["division_code"], ["division.code"], name=op.f("hub_user_division_code_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["contractor.id"], name=op.f("hub_user_organisation_id_fkey")
        ),
    )
    index("hub_user", "division_code", "organisation_id")
    make(
        "user_session",
        ("id",),
        "用户会话",
        number(),
        column("cookie_hash", sa.LargeBinary(), "会话摘要"),
        *of_user("user_session"),
        column("browser", sa.String(), "浏览器"),
        now("created_at", "开始时间"),
        stamp("factor_at", "二次验证时间", nullable=True),
        column("totp_secret", sa.LargeBinary(), "待启用动态口令密钥", nullable=True),
        stamp("signed_in_at", "登录时间", nullable=True),
        now("seen_at", "最近使用"),
        stamp("expires_at", "失效时间"),
        sa.UniqueConstraint("cookie_hash", name=op.f("user_session_cookie_hash_key")),
    )
    index("user_session", "user_id", "expires_at")
    make(
        "recovery_code",
        ("user_id", "code_hash"),
        "恢复码",
        *of_user("recovery_code"),
        column("code_hash", sa.LargeBinary(), "恢复码摘要"),
    )
    make(
        "sign_in_try",
        ("tried_hash",),
        "登录尝试",
        column("tried_hash", sa.LargeBinary(), "尝试对象摘要"),
        column("failure_count", sa.Integer(), "连续失败次数"),
        now("tried_at", "最近尝试时间"),
        stamp("free_at", "解除时间"),
    )
    index("sign_in_try", "tried_at")


def downgrade() -> None:
    for table in ("sign_in_try", "recovery_code", "user_session", "hub_user"):
        op.drop_table(table)
