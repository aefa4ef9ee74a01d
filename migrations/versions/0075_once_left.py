"""who had seen a row is told by what it was before the transaction

The first change of a row that slices are cut by notes what it was; whatever changed before, and whichever way it
went. A row that was made in this very transaction was seen by nobody, however often it is changed. Rows know
when they were made: ``xmin`` is of the last change, and of a savepoint.

A run takes apart what is linked and puts it together again. What it was before is noted at the first of these steps,
too, and forgotten where it is the same in the end.

Revision: 0075, after 0074
"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

CUT = {
    "beneficiary": ("division_code",),
    "category_membership": ("beneficiary_id",),
    "assignment": ("beneficiary_id", "contract_id", "starts_on", "ends_on"),
    "visit": ("beneficiary_id", "contract_id"),
}
"""By what slices are cut, beside the day from which a person is shown."""
DAY = "shown_from_on"
# The day follows from the day of birth by a trigger, which no list of columns knows of.
DAYS = {
    "beneficiary": f"{DAY}, birth_on",
    **dict.fromkeys(("category_membership", "assignment", "visit"), DAY),
}
OLDER = "old.made_at <> now()"

CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
TODAY = "(now() at time zone 'Asia/Shanghai')::date"
UNDER = (
    f"case when old.starts_on <= {TODAY} and (old.ends_on is null or old.ends_on >= {TODAY})"
    " then array[old.contract_id] else '{}' end"
)
LIVES_IN = """(select p.division_code from beneficiary p
            where p.county_code = old.county_code and p.id = old.beneficiary_id)"""


def note_left_assignment(of_person: str) -> str:
    return f"""
create or replace function note_left_assignment() returns trigger {CALLED} as $$ begin
        insert into change (entity, county_code, entity_id, operation, was_division_code, was_served_ids,
            was_shown_from_on)
        values ('assignment', old.county_code, old.id, 'L', {LIVES_IN}, {UNDER}, old.shown_from_on)
        on conflict do nothing;
        {of_person} perform pg_notify('hub_change', 'left'); return null; end $$"""  # noqa: S608


OF_PERSON = f"""insert into change (entity, county_code, entity_id, operation, was_of, was_served_ids,
            was_shown_from_on, was_contract_id, was_starts_on, was_ends_on)
        values ('beneficiary', old.county_code, old.beneficiary_id, 'L', old.id, {UNDER},
            old.shown_from_on, old.contract_id, old.starts_on, old.ends_on)
        on conflict do nothing;"""  # noqa: S608
FIRST_ALONE = f"if found then {OF_PERSON} end if;"
"""Later in the transaction it is of a person, and under a contract, that nobody was shown."""

MINE = "c.xact = pg_current_xact_id()::text::bigint and c.operation = 'L' and c.county_code = f.county_code"


WAS_SERVED = """
                union all select unnest(l.was_served_ids) from change l
                where l.xact = pg_current_xact_id()::text::bigint and l.entity = 'beneficiary'
                    and l.entity_id = {row}.beneficiary_id and l.county_code = {row}.county_code
                    and l.operation = 'L' and l.was_of <> 0"""


def served(row: str, was: str = WAS_SERVED) -> str:
    """Contracts under which the person of a fact is looked after, or was when the transaction began."""
    return f"""coalesce((
            select array_agg(distinct s.contract_id) from (
                select a.contract_id from assignment a
                where a.county_code = {row}.county_code and a.beneficiary_id = {row}.beneficiary_id
                    and a.starts_on <= {TODAY} and (a.ends_on is null or a.ends_on >= {TODAY})
                {was.format(row=row)}) s), '{{}}')"""  # noqa: S608


def note_left_fact(table: str, was: str) -> str:
    contract = ("was_contract_id, ", "old.contract_id, ") if table == "visit" else ("", "")
    return f"""
create or replace function note_left_{table}() returns trigger {CALLED} as $$ begin
        insert into change (entity, county_code, entity_id, operation, was_division_code, {contract[0]}was_served_ids,
            was_shown_from_on)
        values ('{table}', old.county_code, old.id, 'L', {LIVES_IN}, {contract[1]}{served("old", was)},
            old.shown_from_on)
        on conflict do nothing; perform pg_notify('hub_change', 'left'); return null; end $$"""  # noqa: S608


def same(entity: str, **was: str) -> str:
    return f"""
    delete from change c using {entity} f where {MINE} and c.entity = '{entity}' and c.entity_id = f.id
        and c.was_of = 0 and ({", ".join(f"c.was_{name}" for name in was)})
            is not distinct from ({", ".join(was.values())});"""  # noqa: S608


PLACE = {"division_code": "f.division_code", DAY: f"f.{DAY}"}
FORGET = f"""
create function forget_who_came_back() returns void language sql
set search_path = pg_catalog, public, pg_temp as $$
    with back as (
        delete from change c using assignment f where {MINE} and c.entity = 'beneficiary' and c.was_of = f.id
            and (c.entity_id, c.was_contract_id, c.was_starts_on, c.was_ends_on, c.was_shown_from_on)
                is not distinct from (f.beneficiary_id, f.contract_id, f.starts_on, f.ends_on, f.shown_from_on)
        returning f.county_code, f.id)
    delete from change c using back f where {MINE} and c.entity = 'assignment' and c.entity_id = f.id;
    {same("beneficiary", **PLACE)}
    {same("category_membership", **PLACE, served_ids=served("f"))}
    {same("visit", **PLACE, served_ids=served("f"), contract_id="f.contract_id")}
$$
"""  # noqa: S608


def trigger(name: str, table: str, event: str, when: str) -> None:
    op.execute(
        f"create trigger {name} after {event} on {table} for each row{when} execute function note_left_{table}()"
    )


def differs(columns: tuple[str, ...]) -> str:
    return " or ".join(f"old.{name} is distinct from new.{name}" for name in columns)


def made() -> "sa.Column[object]":
    return sa.Column(
        "made_at",
        sa.DateTime(timezone=True),
        server_default=sa.func.now(),
        nullable=False,
        comment="建立时间",
    )


def upgrade() -> None:
    for table, columns in CUT.items():
        op.add_column(table, made())
        for name in ("note_left_on_hiding", "note_left_on_update", "note_left_on_delete"):
            op.execute(f"drop trigger {name} on {table}")
        update = f"update of {', '.join(columns)}, {DAYS[table]}"
        trigger("note_left_on_update", table, update, f" when ({OLDER} and ({differs((*columns, DAY))}))")
        trigger("note_left_on_delete", table, "delete", f" when ({OLDER})")
    op.execute(note_left_assignment(FIRST_ALONE))
    for table in ("category_membership", "visit"):
        op.execute(note_left_fact(table, WAS_SERVED))
    op.execute("drop trigger left_and_came_back on change")
    op.execute("drop function tell_nobody()")
    op.execute(FORGET)


def downgrade() -> None:
    op.execute("drop function forget_who_came_back()")
    op.execute(f"create function tell_nobody() returns trigger {CALLED} as $$ begin return null; end $$")
    op.execute(
        "create trigger left_and_came_back before insert on change for each row"
        " when (new.operation = 'L' and current_setting('hub.moving', true) = 'again')"
        " execute function tell_nobody()"
    )
    op.execute(note_left_assignment(OF_PERSON))
    for table in ("category_membership", "visit"):
        op.execute(note_left_fact(table, ""))
    for table, columns in CUT.items():
        for name in ("note_left_on_update", "note_left_on_delete"):
            op.execute(f"drop trigger {name} on {table}")
        trigger("note_left_on_delete", table, "delete", "")
        trigger(
            "note_left_on_update", table, f"update of {', '.join(columns)}", f" when ({differs(columns)})"
        )
        trigger(
            "note_left_on_hiding",
            table,
            f"update of {DAYS[table]}",
            f" when (old.{DAY} < new.{DAY} and old.xmin <> pg_current_xact_id()::xid)",
        )
        op.drop_column(table, "made_at")
