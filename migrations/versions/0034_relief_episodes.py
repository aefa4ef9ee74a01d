"""stays of people from the street with the relief system

Revision: 0034, after 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0035"
branch_labels = None
depends_on = None

TABLE = "relief_episode"
KEPT = "CASE WHEN left_on IS NULL OR left_on > admitted_on + 10 THEN admitted_on + 11 END"
COLUMNS = (
    ("number", sa.Text(collation="C"), False, "救助编号"),
    ("noted_name", sa.String(), True, "登记姓名"),
    ("noted_age_from", sa.SmallInteger(), True, "登记年龄下限"),
    ("noted_age_to", sa.SmallInteger(), True, "登记年龄上限"),
    ("is_age_estimated", sa.Boolean(), True, "年龄为估计"),
    ("height_cm", sa.SmallInteger(), True, "身高（厘米）"),
    ("features", sa.String(), True, "体貌特征"),
    ("clothing", sa.String(), True, "衣着"),
    ("health", sa.String(), True, "健康状况"),
    ("found_on", sa.Date(), True, "发现日期"),
    ("found_at", sa.DateTime(timezone=True), True, "发现时间"),
    ("found_place", sa.String(), True, "发现地点"),
    ("relief_station", sa.String(), True, "救助管理站"),
    ("admitted_on", sa.Date(), False, "入站日期"),
    ("left_on", sa.Date(), True, "离站日期"),
    ("departure", sa.String(), True, "离站方式"),
    ("escorted_to", sa.String(), True, "护送去向"),
)
FOLLOWS = f"""
create function move_relief_with_person() returns trigger
language plpgsql set search_path = pg_catalog, public, pg_temp as $$
begin
    update {TABLE} set division_code = new.division_code, shown_from_on = new.shown_from_on
    where county_code = new.county_code and beneficiary_id = new.id;
    return null;
end $$
"""  # noqa: S608


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("record_key", sa.Text(collation="C"), nullable=False, comment="来源记录号"),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="内容摘要"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="来源时间"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, comment="接收时间"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("list_kind", sa.Text(collation="C"), nullable=True, comment="名单类型"),
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
        sa.Column("division_code", sa.Text(collation="C"), nullable=True, comment="居住区划"),
        sa.Column("shown_from_on", sa.Date(), nullable=True, comment="公开起始日"),
        *(sa.Column(name, type_, nullable=empty, comment=zh) for name, type_, empty, zh in COLUMNS),
        sa.Column(
            "detained_from_on",
            sa.Date(),
            sa.Computed(KEPT, persisted=True),
            nullable=True,
            comment="滞留起始日",
        ),
        sa.ForeignKeyConstraint(
            ["county_code", "beneficiary_id"],
            ["beneficiary.county_code", "beneficiary.id"],
            name=op.f(f"{TABLE}_county_code_beneficiary_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f(f"{TABLE}_source_id_fkey")),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f(f"{TABLE}_pkey")),
        sa.UniqueConstraint(
            "county_code",
            "source_id",
            "record_key",
            name=op.f(f"{TABLE}_county_code_source_id_record_key_key"),
        ),
        comment="救助记录",
    )
    for columns in (
        ("county_code", "beneficiary_id"),
        ("county_code", "number"),
        ("admitted_on", "county_code", "id"),
        ("detained_from_on", "county_code", "id"),
    ):
        op.create_index(op.f(f"{TABLE}_{'_'.join(columns)}_idx"), TABLE, list(columns))
    op.execute(
        f"create trigger place_of_fact before insert or update of county_code, beneficiary_id on {TABLE}"
        " for each row execute function keep_place_of_fact()"
    )
    op.execute(FOLLOWS)
    # The day follows from the day of birth by a trigger, which no list of columns knows of.
    op.execute(
        "create trigger relief_moves after update of division_code, shown_from_on, birth_on on beneficiary"
        " for each row when (old.division_code is distinct from new.division_code"
        " or old.shown_from_on is distinct from new.shown_from_on)"
        " execute function move_relief_with_person()"
    )


def downgrade() -> None:
    op.execute("drop trigger relief_moves on beneficiary")
    op.drop_table(TABLE)
    op.execute("drop function move_relief_with_person()")
