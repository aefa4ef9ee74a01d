"""casework is shown and written: dossiers, assessments, guardians, cases and their sessions, pictures of visits

What of it is about a person carries where the person lives and from when the person is shown. No process wrote
these tables before.

Revision: 0050, after 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
KNOWN = (
    "dossier", "risk_assessment", "needs_record", "assessment", "guardian", "protection_case", "case_work",
    "hospital_escort",
)  # fmt: skip
MADE = ("guardianship_confirmation", "case_session", "visit_photo")
PLACE = {"division_code": (CODE, "居住区划"), "shown_from_on": (sa.Date(), "公开起始日")}
DIFFERS = " or ".join(f"old.{name} is distinct from new.{name}" for name in PLACE)
MISSING = " or ".join(f"new.{name} is null" for name in PLACE)
INDEXES = {
    "dossier": ("kind", "opened_on", "updated_on"),
    "risk_assessment": ("assessed_on",),
    "needs_record": ("kind", "status"),
    "assessment": ("kind", "assessed_on"),
    "protection_case": ("step", "opened_on"),
    "case_work": ("opened_on", "closed_on"),
    "hospital_escort": ("starts_on",),
}
SETS = ", ".join(f"{name} = new.{name}" for name in PLACE)
EACH = f"set {SETS} where county_code = new.county_code and beneficiary_id = new.id"
MOVES = f"""
create function move_casework_with_person() returns trigger {CALLED} as $$
begin
    {"; ".join(f"update {table} {EACH}" for table in (*KNOWN, *MADE))};
    return null;
end $$
"""


def keys() -> list[sa.Column[object]]:
    return [
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
    ]


def place() -> list[sa.Column[object]]:
    return [sa.Column(name, kind, nullable=True, comment=zh) for name, (kind, zh) in PLACE.items()]


def belongs(table: str, column: str, whole: str, *, ends: bool = False) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county_code", column],
        [f"{whole}.county_code", f"{whole}.id"],
        name=op.f(f"{table}_county_code_{column}_fkey"),
        ondelete="CASCADE" if ends else None,
    )


def index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"{table}_{'_'.join(columns)}_idx"), table, list(columns))


def make(name: str, zh: str, column: str, whole: str, *own: sa.schema.SchemaItem, ends: bool = True) -> None:
    op.create_table(
        name,
        *keys(),
        sa.Column("beneficiary_id", sa.BigInteger(), nullable=False, comment="服务对象"),
        *place(),
        *own,
        belongs(name, "beneficiary_id", "beneficiary"),
        belongs(name, column, whole, ends=ends),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f(f"{name}_pkey")),
        comment=zh,
    )
    index(name, "county_code", "beneficiary_id")
    index(name, "county_code", column)


def upgrade() -> None:
    op.drop_table("guardianship_confirmation")
    op.drop_table("visit_photo")
    for table in KNOWN:
        for column in place():
            op.add_column(table, column)
        op.execute(
            f"update {table} f set {', '.join(f'{name} = b.{name}' for name in PLACE)} from beneficiary b"  # noqa: S608
            " where b.county_code = f.county_code and b.id = f.beneficiary_id"
        )
    for table, names in INDEXES.items():
        for name in names:
            index(table, name, "county_code", "id")
    make(
        "guardianship_confirmation",
        "委托监护确认书",
        "guardian_id",
        "guardian",
        sa.Column("source_id", sa.SmallInteger(), nullable=False, comment="来源"),
        sa.Column("record_key", CODE, nullable=False, comment="来源记录号"),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False, comment="内容摘要"),
        sa.Column("observed_at", STAMP, nullable=False, comment="来源时间"),
        sa.Column("received_at", STAMP, nullable=False, comment="接收时间"),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="同步运行"),
        sa.Column("list_kind", CODE, nullable=True, comment="名单类型"),
        sa.Column("guardian_id", sa.BigInteger(), nullable=False, comment="监护人"),
        sa.Column("confirmed_on", sa.Date(), nullable=False, comment="确认日期"),
        sa.Column("document", sa.String(), nullable=True, comment="确认书"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("guardianship_confirmation_source_id_fkey")
        ),
        sa.UniqueConstraint(
            "county_code",
            "source_id",
            "record_key",
            name=op.f("guardianship_confirmation_county_code_source_id_record_key_key"),
        ),
        ends=False,
    )
    make(
        "case_session",
        "个案服务",
        "case_work_id",
        "case_work",
        sa.Column("case_work_id", sa.BigInteger(), nullable=False, comment="个案"),
        sa.Column("held_on", sa.Date(), nullable=False, comment="服务日期"),
        sa.Column("hours", sa.Numeric(6, 1), nullable=False, comment="工时"),
        sa.Column("record", sa.String(), nullable=True, comment="服务记录"),
    )
    make(
        "visit_photo",
        "探访图片",
        "visit_id",
        "visit",
        sa.Column("visit_id", sa.BigInteger(), nullable=False, comment="探访"),
        sa.Column("kind", sa.String(), nullable=False, comment="图片格式"),
        sa.Column("byte_count", sa.Integer(), nullable=False, comment="文件大小（字节）"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="图片"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="文件摘要"),
        sa.Column("taken_at", STAMP, nullable=True, comment="拍摄时间"),
        sa.Column("caption", sa.String(), nullable=True, comment="说明"),
    )
    for table in (*KNOWN, *MADE):
        for event, when in (("insert", f"when ({MISSING})"), ("update of county_code, beneficiary_id", "")):
            op.execute(
                f"create trigger place_of_fact_{event.split()[0]} before {event} on {table} for each row {when}"
                " execute function keep_place_of_fact()"
            )
    # Who may note something of a person may not change the person, whose row the function holds.
    op.execute("alter function keep_place_of_fact() security definer")
    op.execute(MOVES)
    op.execute(
        f"create trigger casework_moves after update of {', '.join(PLACE)}, birth_on on beneficiary"
        f" for each row when ({DIFFERS}) execute function move_casework_with_person()"
    )


def downgrade() -> None:
    op.execute("drop trigger casework_moves on beneficiary")
    op.execute("alter function keep_place_of_fact() security invoker")
    op.execute("drop function move_casework_with_person()")
    for table in MADE:
        op.drop_table(table)
    for table, names in INDEXES.items():
        for name in names:
            op.drop_index(op.f(f"{table}_{name}_county_code_id_idx"), table_name=table)
    for table in KNOWN:
        for event in ("insert", "update"):
            op.execute(f"drop trigger place_of_fact_{event} on {table}")
        for name in PLACE:
            # With the policies that name it, which an older `hub migrate` makes anew.
            op.execute(f"alter table {table} drop column {name} cascade")
    before(
        "guardianship_confirmation",
        "委托监护确认书",
        "guardian",
        sa.Column("confirmed_on", sa.Date(), nullable=False, comment="确认日期"),
        sa.Column("document", sa.String(), nullable=True, comment="确认书"),
    )
    before(
        "visit_photo",
        "探访图片",
        "visit",
        sa.Column("location", sa.String(), nullable=False, comment="存放位置"),
        sa.Column("digest", sa.LargeBinary(), nullable=True, comment="文件摘要"),
        sa.Column("taken_at", STAMP, nullable=True, comment="拍摄时间"),
        sa.Column("caption", sa.String(), nullable=True, comment="说明"),
    )


def before(name: str, zh: str, whole: str, *own: sa.schema.SchemaItem) -> None:
    """A part as it was, without a person of its own."""
    column = f"{whole}_id"
    op.create_table(
        name,
        *keys(),
        sa.Column(column, sa.BigInteger(), nullable=False, comment=op.f(zh)),
        *own,
        belongs(name, column, whole, ends=True),
        sa.PrimaryKeyConstraint("county_code", "id", name=op.f(f"{name}_pkey")),
        comment=zh,
    )
    index(name, "county_code", column)
