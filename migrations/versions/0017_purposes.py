"""purposes are registered, with their legal basis, and granted to clients

What clients had until now (``oauth_client.purposes``, units by name) becomes purposes without a legal basis, for the
roles of those clients, that open nothing. The column stays for the version before; what that writes into it from
here on is not seen by the next.

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
MOVE = (
    """
    insert into purpose (code, label_zh, label_en, roles, valid_from)
    select p.code, p.code, p.code, array_agg(distinct c.role order by c.role), min(c.created_at)
    from oauth_client c, jsonb_object_keys(c.purposes) as p (code) group by p.code
    """,
    """
    insert into client_purpose (client_id, purpose, granted_at, cost_per_minute)
    select c.client_id, p.key, c.created_at, p.value::bigint
    from oauth_client c, jsonb_each_text(c.purposes) as p
    """,
)
MOVE_BACK = """
    update oauth_client c set purposes = coalesce(
        (select jsonb_object_agg(g.purpose, g.cost_per_minute) from client_purpose g
         where g.client_id = c.client_id and g.cost_per_minute is not null
            and (g.valid_until is null or g.valid_until > now())), '{}')
"""
KEEP = """
create function keep_purpose() returns trigger language plpgsql as $$
declare
    kept purpose := old;
begin
    if tg_op = 'UPDATE' then
        kept.valid_until := new.valid_until;
        if kept is not distinct from new
            and coalesce(new.valid_until, 'infinity') <= coalesce(old.valid_until, 'infinity') then
            return new;
        end if;
    end if;
    raise exception 'a purpose is never changed, only ended';
end $$
"""


def upgrade() -> None:
    needed = sa.Column(
        "purpose_needed", sa.Boolean(), server_default=sa.false(), nullable=False, comment="须声明用途"
    )
    op.add_column("oauth_client", needed)
    op.create_table(
        "purpose",
        sa.Column("code", CODE, nullable=False, comment="代码"),
        sa.Column("label_zh", sa.String(), nullable=False, comment="名称"),
        sa.Column("label_en", sa.String(), nullable=False, comment="英文名称"),
        sa.Column("legal_basis", sa.String(), nullable=True, comment="合法性基础"),
        sa.Column("citation", sa.String(), nullable=True, comment="法律依据"),
        sa.Column("roles", sa.ARRAY(CODE), nullable=False, comment="可授予角色"),
        sa.Column("opens", sa.ARRAY(CODE), server_default="{}", nullable=False, comment="开放字段组"),
        sa.Column("valid_from", STAMP, server_default=sa.func.now(), nullable=False, comment="生效时间"),
        sa.Column("valid_until", STAMP, nullable=True, comment="终止时间"),
        sa.CheckConstraint("code ~ '^[a-z][a-z0-9-]{0,39}$'", name=op.f("purpose_code_check")),
        sa.CheckConstraint(
            "legal_basis not in ('STATUTORY_DUTY', 'OTHER_LAW') or citation is not null",
            name=op.f("purpose_cited_check"),
        ),
        sa.CheckConstraint("opens = '{}' or legal_basis is not null", name=op.f("purpose_based_check")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("purpose_period_check")),
        sa.PrimaryKeyConstraint("code", name=op.f("purpose_pkey")),
        comment="用途",
    )
    op.create_table(
        "client_purpose",
        sa.Column("client_id", CODE, nullable=False, comment="客户端标识"),
        sa.Column("purpose", CODE, nullable=False, comment="用途"),
        sa.Column("granted_at", STAMP, server_default=sa.func.now(), nullable=False, comment="授予时间"),
        sa.Column("valid_until", STAMP, nullable=True, comment="有效期至"),
        sa.Column("is_default", sa.Boolean(), server_default=sa.false(), nullable=False, comment="缺省用途"),
        sa.Column("cost_per_minute", sa.BigInteger(), nullable=True, comment="每分钟开销额度"),
        sa.CheckConstraint("cost_per_minute > 0", name=op.f("client_purpose_cost_check")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.client_id"], name=op.f("client_purpose_client_id_fkey")
        ),
        sa.ForeignKeyConstraint(["purpose"], ["purpose.code"], name=op.f("client_purpose_purpose_fkey")),
        sa.PrimaryKeyConstraint("client_id", "purpose", name=op.f("client_purpose_pkey")),
        comment="客户端用途",
    )
    op.create_index(op.f("client_purpose_purpose_idx"), "client_purpose", ["purpose"])
    op.create_index(
        "client_purpose_default_key",
        "client_purpose",
        ["client_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    for statement in MOVE:
        op.execute(statement)
    op.execute(KEEP)
    op.execute(
        "create trigger keep before update or delete on purpose for each row execute function keep_purpose()"
    )
    # Streams end with the purpose they are for, as with the client (0008).
    op.execute(
        "create function tell_of_purpose() returns trigger language plpgsql as $$"
        " begin perform pg_notify('hub_access', 'purpose'); return null; end $$"
    )
    for table in ("purpose", "client_purpose"):
        op.execute(
            f"create trigger tell after insert or update or delete on {table}"
            " for each statement execute function tell_of_purpose()"
        )


def downgrade() -> None:
    op.execute(MOVE_BACK)
    op.drop_table("client_purpose")
    op.drop_table("purpose")
    op.execute("drop function tell_of_purpose()")
    op.execute("drop function keep_purpose()")
    op.drop_column("oauth_client", "purpose_needed")
