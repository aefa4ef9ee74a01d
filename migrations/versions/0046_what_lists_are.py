"""what lists are: their columns and what changes, counts by list, cells dropped, and what stands of them

Revision: 0046, after 0045
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "source_column",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("list_kind", sa.String(), nullable=False, comment="名单类型"),
        sa.Column("name", sa.String(), nullable=False, comment="列名"),
        sa.Column("header", sa.String(), nullable=True, comment="对应列"),
        sa.Column("field_class", sa.String(), nullable=True, comment="信息类别"),
        sa.Column("form", sa.String(), nullable=True, comment="类型"),
        sa.Column("table_count", sa.Integer(), nullable=False, comment="所在表数"),
        sa.Column("lacking_count", sa.Integer(), nullable=False, comment="缺列表数"),
        sa.Column("dropped_count", sa.Integer(), nullable=False, comment="舍弃单元格数"),
        sa.Column("unknown_code_count", sa.Integer(), nullable=False, comment="未知代码行数"),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="首次出现时间"),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="最近出现时间"),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True, comment="消失时间"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("source_column_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("source_column_pkey")),
        sa.UniqueConstraint(
            "source_id", "list_kind", "name", name=op.f("source_column_source_id_list_kind_name_key")
        ),
        comment="来源列",
    )
    op.create_index(op.f("source_column_field_class_idx"), "source_column", ["field_class"])
    op.create_index(op.f("source_column_gone_at_idx"), "source_column", ["gone_at"])
    op.create_index(op.f("source_column_list_kind_idx"), "source_column", ["list_kind"])
    op.create_table(
        "source_drift",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("list_kind", sa.String(), nullable=False, comment="名单类型"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False, comment="发现时间"),
        sa.Column("kind", sa.String(), nullable=False, comment="变化类型"),
        sa.Column("name", sa.String(), nullable=False, comment="列名"),
        sa.Column("header", sa.String(), nullable=True, comment="对应列"),
        sa.Column("before", sa.String(), nullable=True, comment="变化前"),
        sa.Column("after", sa.String(), nullable=True, comment="变化后"),
        sa.Column("number", sa.Integer(), nullable=True, comment="数量"),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("source_drift_run_id_fkey")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("source_drift_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("source_drift_pkey")),
        comment="来源结构变化",
    )
    op.create_index(op.f("source_drift_found_at_idx"), "source_drift", ["found_at"])
    op.create_index(op.f("source_drift_kind_idx"), "source_drift", ["kind"])
    op.create_index(op.f("source_drift_run_id_idx"), "source_drift", ["run_id"])
    op.create_index(op.f("source_drift_source_id_found_at_idx"), "source_drift", ["source_id", "found_at"])
    op.create_table(
        "run_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("list_kind", sa.String(), nullable=False, comment="名单类型"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("read_count", sa.Integer(), nullable=False, comment="读取行数"),
        sa.Column("unchanged_count", sa.Integer(), nullable=False, comment="未变行数"),
        sa.Column("accepted_count", sa.Integer(), nullable=False, comment="接收行数"),
        sa.Column("quarantined_count", sa.Integer(), nullable=False, comment="隔离行数"),
        sa.Column("withdrawn_count", sa.Integer(), nullable=False, comment="撤回记录数"),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("run_list_run_id_fkey")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("run_list_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("run_list_pkey")),
        sa.UniqueConstraint("run_id", "list_kind", name=op.f("run_list_run_id_list_kind_key")),
        comment="运行名单",
    )
    op.create_index(op.f("run_list_list_kind_idx"), "run_list", ["list_kind"])
    op.create_index(op.f("run_list_source_id_idx"), "run_list", ["source_id"])
    op.create_table(
        "dropped_cells",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("list_kind", sa.String(), nullable=False, comment="名单类型"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("field_class", sa.String(), nullable=False, comment="信息类别"),
        sa.Column("cell_count", sa.Integer(), nullable=False, comment="舍弃单元格数"),
        sa.Column("names", postgresql.ARRAY(sa.Text()), nullable=False, comment="列名"),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("dropped_cells_run_id_fkey")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("dropped_cells_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("dropped_cells_pkey")),
        sa.UniqueConstraint(
            "run_id", "list_kind", "field_class", name=op.f("dropped_cells_run_id_list_kind_field_class_key")
        ),
        comment="舍弃单元格",
    )
    op.create_index(op.f("dropped_cells_field_class_idx"), "dropped_cells", ["field_class"])
    op.create_index(op.f("dropped_cells_source_id_idx"), "dropped_cells", ["source_id"])
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("list_kind", sa.String(), nullable=False, comment="名单类型"),
        sa.Column("day", sa.Date(), nullable=False, comment="日期"),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False, comment="核对时间"),
        sa.Column("entity", CODE, nullable=False, comment="记录种类"),
        sa.Column("division_code", CODE, nullable=False, comment="区划"),
        sa.Column("held_count", sa.Integer(), nullable=False, comment="在库记录数"),
        sa.Column("unsaid_count", sa.Integer(), nullable=True, comment="源端未再提及数"),
        sa.Column("about_count", sa.Integer(), nullable=False, comment="对应实体数"),
        sa.Column("digest_count", sa.Integer(), nullable=False, comment="摘要记录数"),
        sa.Column("digest", CODE, nullable=True, comment="摘要"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("reconciliation_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reconciliation_pkey")),
        sa.UniqueConstraint(
            "source_id",
            "day",
            "list_kind",
            "entity",
            "division_code",
            name=op.f("reconciliation_source_id_day_list_kind_entity_division_code_key"),
        ),
        comment="对账",
    )
    op.create_index(op.f("reconciliation_day_idx"), "reconciliation", ["day"])
    op.create_index(op.f("reconciliation_division_code_idx"), "reconciliation", ["division_code"])
    op.create_index(op.f("reconciliation_list_kind_idx"), "reconciliation", ["list_kind"])


def downgrade() -> None:
    for table in ("reconciliation", "dropped_cells", "run_list", "source_drift", "source_column"):
        op.drop_table(table)
