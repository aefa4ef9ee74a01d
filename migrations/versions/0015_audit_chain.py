"""the access log says which records and fields were shown, and is chained

Entries get the keys of the records they showed and the hash of their fields; batches of them are sealed within
seconds, each with the hash of the one before. Who seals must know that no entry comes later with a position from
before: the trigger has every writer, of the version before too, share a lock (``hub.audit.seal``). An entry is never changed, and deleted only by who says that he
prunes (``hub.audit.prune``); the trigger is against mistakes, the chain against the owner.

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
ADDED = [
    sa.Column("user_id", sa.BigInteger(), nullable=True, comment="用户"),
    sa.Column("shape", sa.LargeBinary(), nullable=True, comment="内容结构"),
    sa.Column("records", CODE, nullable=True, comment="记录"),
    sa.Column("asked", sa.ARRAY(CODE), nullable=True, comment="所询证件"),
]
KEPT = """
create function keep_access_log() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        perform pg_advisory_xact_lock_shared(4714014);
        return null;
    end if;
    if tg_op = 'DELETE' and current_setting('hub.prunes', true) = 'on' then
        return null;
    end if;
    raise exception 'the access log is only added to';
end $$
"""


def upgrade() -> None:
    for column in ADDED:
        op.add_column("access_entry", column)
    op.create_table(
        "access_shape",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="摘要"),
        sa.Column("content", sa.String(), nullable=False, comment="内容"),
        sa.PrimaryKeyConstraint("digest", name="access_shape_pkey"),
        comment="访问内容结构",
    )
    op.create_table(
        "access_batch",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False, comment="批次"),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False, comment="首条序号"),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False, comment="末条序号"),
        sa.Column("entry_count", sa.Integer(), nullable=False, comment="条数"),
        sa.Column("algorithm", CODE, nullable=False, comment="摘要算法"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="内容摘要"),
        sa.Column("previous", sa.LargeBinary(), nullable=False, comment="前一摘要"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="摘要"),
        sa.Column("sealed_at", STAMP, nullable=False, comment="封存时间"),
        sa.Column("head", sa.String(), nullable=False, comment="签名链头"),
        sa.Column("people", sa.ARRAY(sa.BigInteger()), nullable=False, comment="涉及人员"),
        sa.Column("asked", sa.ARRAY(CODE), nullable=False, comment="所询证件"),
        sa.Column("pruned_at", STAMP, nullable=True, comment="清除时间"),
        sa.PrimaryKeyConstraint("number", name="access_batch_pkey"),
        comment="访问记录批次",
    )
    for column in ("people", "asked"):
        op.create_index(f"access_batch_{column}_idx", "access_batch", [column], postgresql_using="gin")
    op.execute(KEPT)
    op.execute(
        "create trigger keep_access_log before insert or update or delete or truncate on access_entry"
        " for each statement execute function keep_access_log()"
    )


def downgrade() -> None:
    op.execute("drop trigger keep_access_log on access_entry")
    op.execute("drop function keep_access_log()")
    op.drop_table("access_batch")
    op.drop_table("access_shape")
    for column in reversed(ADDED):
        op.drop_column("access_entry", column.name)
