"""encounters on the street are reported to the relief system, and led to stays there

Revision: 0043, after 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLE = "street_encounter"
CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
DEFINED = CALLED.replace("plpgsql", "plpgsql security definer")
DUE = """array_remove(array[
    case when is_minor and not 'CALL_110' = any (actions) then 'CALL_110' end,
    case when condition in ('CRITICAL', 'MENTAL', 'INFECTIOUS') and not 'CALL_120' = any (actions)
        then 'CALL_120' end,
    case when is_willing and condition = 'NORMAL_CAPACITY' and not coalesce(is_minor, false)
        and not 'TO_RELIEF_STATION' = any (actions) then 'TO_RELIEF_STATION' end], null)"""
COLUMNS = (
    ("shown_from_on", sa.Date(), "公开起始日"),
    ("said_name", sa.String(), "自述姓名"),
    ("sex", sa.String(), "性别"),
    ("estimated_age", sa.SmallInteger(), "估计年龄"),
    ("features", sa.String(), "体貌特征"),
    ("report_state", sa.String(), "上报状态"),
    ("reported_at", sa.DateTime(timezone=True), "上报时间"),
    ("report_refusal", sa.String(), "退回原因"),
    ("relief_episode_id", sa.BigInteger(), "救助记录"),
)
INDEXES = (
    ("county_code", "national_system_number"),
    ("county_code", "relief_episode_id"),
    ("encountered_at", "county_code", "id"),
    ("report_state", "county_code", "id"),
)
STAY = f"{TABLE}_county_code_relief_episode_id_fkey"

# Who may be a child is shown as one, and a child is shown as the person is.
SHOWN = f"""
create function keep_encounter_shown() returns trigger {DEFINED} as $$
begin
    new.shown_from_on := case when coalesce(new.is_minor, true) then 'infinity' else coalesce((
        select b.shown_from_on from beneficiary b
        where b.county_code = new.county_code and b.id = new.beneficiary_id), '-infinity') end::date;
    return new;
end $$
"""  # noqa: S608 — of the names above
# The number of a stay is the receipt of the encounter that led to it, and whose the stay is the encounter is.
LED = f"""
create function keep_encounters_of_stay() returns trigger {CALLED} as $$
begin
    update {TABLE} e set relief_episode_id = new.id, beneficiary_id = new.beneficiary_id
    where e.county_code = new.county_code and e.national_system_number = new.number
        and (e.relief_episode_id, e.beneficiary_id) is distinct from (new.id, new.beneficiary_id);
    return null;
end $$
"""  # noqa: S608 — of the names above
ANSWERED = f"""
create function keep_stay_of_encounter() returns trigger {CALLED} as $$
declare
    stay record;
begin
    select r.id, r.beneficiary_id into stay from relief_episode r
    where r.county_code = new.county_code and r.number = new.national_system_number order by r.id limit 1;
    if found then
        new.relief_episode_id := stay.id;
        new.beneficiary_id := stay.beneficiary_id;
    end if;
    return new;
end $$
"""  # noqa: S608
FOLLOWS = f"""
create or replace function move_relief_with_person() returns trigger {CALLED} as $$
begin
    update relief_episode set division_code = new.division_code, shown_from_on = new.shown_from_on
    where county_code = new.county_code and beneficiary_id = new.id;
    {{}}return null;
end $$
"""  # noqa: S608
ENCOUNTERS = f"""update {TABLE} set is_minor = is_minor
    where county_code = new.county_code and beneficiary_id = new.id;
    """  # noqa: S608


def upgrade() -> None:
    for name, kind, label in COLUMNS:
        op.add_column(TABLE, sa.Column(name, kind, nullable=True, comment=label))
    due = sa.Column(
        "due_actions",
        sa.ARRAY(sa.Text()),
        sa.Computed(DUE, persisted=True),
        nullable=False,
        comment="应办措施",
    )
    op.add_column(TABLE, due)
    for columns in INDEXES:
        op.create_index(op.f(f"{TABLE}_{'_'.join(columns)}_idx"), TABLE, list(columns))
    op.create_foreign_key(
        op.f(STAY),
        TABLE,
        "relief_episode",
        ["county_code", "relief_episode_id"],
        ["county_code", "id"],
        ondelete="SET NULL (relief_episode_id)",
    )
    op.create_table(
        "outgoing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("name", sa.Text(collation="C"), nullable=False, comment="消息标识"),
        sa.Column("entity", sa.Text(collation="C"), nullable=False, comment="实体"),
        sa.Column("county_code", sa.Text(collation="C"), nullable=False, comment="县级区划代码"),
        sa.Column("entity_id", sa.BigInteger(), nullable=False, comment="编号"),
        sa.Column("source_id", sa.SmallInteger(), nullable=True, comment="来源"),
        *(
            sa.Column(
                name,
                sa.DateTime(timezone=True),
                server_default=sa.text("now()"),
                nullable=False,
                comment=label,
            )
            for name, label in (("made_at", "时间"), ("next_at", "下次尝试时间"))
        ),
        sa.Column("attempt_count", sa.Integer(), server_default="0", nullable=False, comment="尝试次数"),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True, comment="办结时间"),
        sa.Column("error", sa.Text(collation="C"), nullable=True, comment="错误"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("outgoing_source_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_pkey")),
        sa.UniqueConstraint("name", name=op.f("outgoing_name_key")),
        comment="待发消息",
    )
    of_row = ["county_code", "entity", "entity_id"]
    op.create_index(op.f("outgoing_county_code_entity_entity_id_idx"), "outgoing", of_row)
    still_open = sa.text("settled_at is null")
    op.create_index("outgoing_open_idx", "outgoing", ["county_code", "next_at"], postgresql_where=still_open)
    for function in (SHOWN, LED, ANSWERED, FOLLOWS.format(ENCOUNTERS)):
        op.execute(function)
    op.execute(
        f"create trigger shown before insert or update of is_minor, beneficiary_id, national_system_number"
        f" on {TABLE} for each row execute function keep_encounter_shown()"
    )
    op.execute(
        f"create trigger answered before insert or update of national_system_number on {TABLE}"
        " for each row when (new.national_system_number is not null)"
        " execute function keep_stay_of_encounter()"
    )
    op.execute(
        "create trigger encounters after insert or update of number, beneficiary_id on relief_episode"
        " for each row execute function keep_encounters_of_stay()"
    )
    op.execute(f"update {TABLE} set is_minor = is_minor")  # noqa: S608


def downgrade() -> None:
    op.execute("drop trigger encounters on relief_episode")
    op.execute(f"drop trigger answered on {TABLE}")
    op.execute(f"drop trigger shown on {TABLE}")
    op.execute(FOLLOWS.format(""))
    for name in ("keep_encounters_of_stay", "keep_stay_of_encounter", "keep_encounter_shown"):
        op.execute(f"drop function {name}()")
    op.drop_table("outgoing")
    op.drop_constraint(STAY, TABLE)
    for columns in INDEXES:
        op.drop_index(op.f(f"{TABLE}_{'_'.join(columns)}_idx"), table_name=TABLE)
    for name in ("due_actions", *(name for name, _, _ in COLUMNS)):
        # With the policies that name it, which an older `hub migrate` makes anew.
        op.execute(f"alter table {TABLE} drop column {name} cascade")
