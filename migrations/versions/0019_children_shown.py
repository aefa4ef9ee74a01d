"""the day from which everybody sees a person

Who may not see what only a child has (``field:minor``) sees nobody under 14, and no child whose rights were
violated. A person carries the first day on which such a viewer does, and so does what is known of the person:
``infinity`` for never, ``-infinity`` for always. Triggers keep it, from the day of birth and the categories.
An entry of the sequence of changes says what it was when a row left a slice.

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

DAY = "shown_from_on"
LABEL = "公开起始日"
MOVED = ("category_membership", "assignment", "visit")
KEPT = ("referral", "deletion_duty_person")
"""These stay where the person lived that day."""
FACTS = (*MOVED, *KEPT)

HARMED = "'{HARMED_CHILD}'::text[]"
CHILDREN = (
    "'{ORPHAN,DE_FACTO_UNATTENDED,DIBAO_CHILD,LEFT_BEHIND_CHILD,HARMED_CHILD,MIGRANT_CHILD,"
    "CHILD_IN_DIFFICULTY,VAGRANT_MINOR}'::text[]"
)
"""Who is in one of these and has no day of birth is taken for a child."""

CALLED = "language plpgsql set search_path = pg_catalog, public, pg_temp"
DEFINED = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

# 14 years after a 29 February there is none.
SHOWN = f"""
create function shown_from(born date, categories text[]) returns date
language sql immutable set search_path = pg_catalog, pg_temp as $$
    select case
        when categories && {HARMED} then 'infinity'
        when born is not null
            then (born + interval '14 years')::date + (to_char(born, 'MMDD') = '0229')::int
        when categories && {CHILDREN} then 'infinity'
        else '-infinity' end::date
$$
"""
OF_BIRTH = f"""
create function keep_day_shown() returns trigger {CALLED} as $$
begin
    new.{DAY} := shown_from(new.birth_on, array(
        select m.category from category_membership m
        where m.county_code = new.county_code and m.beneficiary_id = new.id));
    return new;
end $$
"""  # noqa: S608 — of the names above


def anew(people: str) -> str:
    return f"""
    update beneficiary b set {DAY} = w.day from (
        select p.county_code, p.id, shown_from(p.birth_on, array(
            select m.category from category_membership m
            where m.county_code = p.county_code and m.beneficiary_id = p.id)) as day
        from {people}) w
    where b.county_code = w.county_code and b.id = w.id and b.{DAY} is distinct from w.day"""  # noqa: S608


OF_CATEGORIES = f"""
create function keep_days_shown() returns trigger {DEFINED} as $$
begin
    {
    anew(
        "(select distinct county_code, beneficiary_id as id from touched"
        f" where category = any ({CHILDREN})) t join beneficiary p using (county_code, id)"
    )
};
    return null;
end $$
"""  # noqa: S608
EVENTS = {
    "added": ("insert", "new"),
    "changed_from": ("update", "old"),
    "changed_to": ("update", "new"),
    "removed": ("delete", "old"),
}


def placed(columns: tuple[str, ...], name: str, called: str, locked: str) -> str:
    """What a fact takes from its person."""
    told, into = (", ".join(f"{of}{column}" for column in columns) for of in ("b.", "new."))
    return f"""
create or replace function {name}() returns trigger {called} as $$
begin
    select {told} into {into} from beneficiary b
    where b.county_code = new.county_code and b.id = new.beneficiary_id{locked};
    return new;
end $$
"""  # noqa: S608


def moving(facts: dict[str, tuple[str, ...]]) -> str:
    updates = "".join(
        f"update {table} set {', '.join(f'{column} = new.{column}' for column in columns)}"  # noqa: S608
        " where county_code = new.county_code and beneficiary_id = new.id; "
        for table, columns in facts.items()
    )
    return (
        f"create or replace function move_facts_with_person() returns trigger {CALLED}"
        f" as $$ begin {updates} return null; end $$"
    )


HELD = " for no key update"
"""As strongly as who writes the person does: see 0009."""
PLACE = ("division_code",)
NOW = {**dict.fromkeys(MOVED, (*PLACE, DAY)), **dict.fromkeys(KEPT, (DAY,))}
BEFORE = dict.fromkeys(MOVED, PLACE)


def moves(columns: tuple[str, ...], differing: tuple[str, ...]) -> str:
    differs = " or ".join(f"old.{name} is distinct from new.{name}" for name in differing)
    return (
        f"create trigger facts_move after update of {', '.join(columns)} on beneficiary for each row"
        f" when ({differs}) execute function move_facts_with_person()"
    )


# ── who had seen a row that leaves: 0008 once more, with the day ─────────────────────────────────────

TODAY = "(now() at time zone 'Asia/Shanghai')::date"
EFFECTIVE = f"old.starts_on <= {TODAY} and (old.ends_on is null or old.ends_on >= {TODAY})"
UNDER = f"case when {EFFECTIVE} then array[old.contract_id] else '{{}}' end"
SERVED = f"""coalesce((
            select array_agg(distinct a.contract_id) from assignment a
            where a.county_code = old.county_code and a.beneficiary_id = old.beneficiary_id
                and a.starts_on <= {TODAY} and (a.ends_on is null or a.ends_on >= {TODAY})), '{{}}')"""  # noqa: S608
LIVES_IN = """(
            select p.division_code from beneficiary p
            where p.county_code = old.county_code and p.id = old.beneficiary_id)"""


def left(entity: str, key: str, day: bool, **was: str) -> str:
    if day:
        was[DAY] = f"old.{DAY}"
    names = "".join(f", was_{name}" for name in was)
    values = "".join(f", {value}" for value in was.values())
    return f"""
        insert into change (entity, county_code, entity_id, operation{names})
        values ('{entity}', old.county_code, {key}, 'L'{values}) on conflict do nothing;"""  # noqa: S608


def leaving(day: bool) -> dict[str, str]:
    """The entries of each table."""
    return {
        "beneficiary": left("beneficiary", "old.id", day, division_code="old.division_code"),
        "category_membership": left(
            "category_membership", "old.id", day, division_code=LIVES_IN, served_ids=SERVED
        ),
        "assignment": left("assignment", "old.id", day, division_code=LIVES_IN, served_ids=UNDER)
        + left("beneficiary", "old.beneficiary_id", day, of="old.id", served_ids=UNDER),
        "visit": left(
            "visit",
            "old.id",
            day,
            division_code=LIVES_IN,
            contract_id="old.contract_id",
            served_ids=SERVED,
        ),
    }


def note_left(day: bool) -> None:
    for table, entries in leaving(day).items():
        op.execute(
            f"create or replace function note_left_{table}() returns trigger {CALLED} as $$"
            f" begin {entries} perform pg_notify('hub_change', 'left'); return null; end $$"
        )


def upgrade() -> None:
    day = sa.Column(f"was_{DAY}", sa.Date(), nullable=True, comment="原公开起始日")
    op.add_column("change", day)
    for statement in (SHOWN, OF_BIRTH, OF_CATEGORIES):
        op.execute(statement)
    op.execute("revoke all on function keep_days_shown() from public")
    for table in ("beneficiary", *FACTS):
        op.add_column(table, sa.Column(DAY, sa.Date(), nullable=True, comment=LABEL))
    op.execute("drop trigger facts_move on beneficiary")
    op.execute(anew("beneficiary p"))
    for table in FACTS:
        op.execute(
            f"update {table} f set {DAY} = b.{DAY} from beneficiary b"  # noqa: S608
            " where b.county_code = f.county_code and b.id = f.beneficiary_id"
        )
    op.execute(
        "create trigger day_shown before insert or update of birth_on on beneficiary"
        " for each row execute function keep_day_shown()"
    )
    for name, (event, rows) in EVENTS.items():
        op.execute(
            f"create trigger days_shown_{name} after {event} on category_membership"
            f" referencing {rows} table as touched for each statement execute function keep_days_shown()"
        )
    op.execute(placed((*PLACE, DAY), "keep_place_of_fact", CALLED, HELD))
    op.execute(placed((DAY,), "keep_day_of_fact", DEFINED, HELD))
    op.execute("revoke all on function keep_day_of_fact() from public")
    for table in KEPT:
        op.execute(
            f"create trigger day_of_fact before insert or update of county_code, beneficiary_id on {table}"
            " for each row execute function keep_day_of_fact()"
        )
    op.execute(moving(NOW))
    # The day follows from the day of birth by a trigger, which no list of columns knows of.
    op.execute(moves((*PLACE, DAY, "birth_on"), (*PLACE, DAY)))
    note_left(day=True)
    for table, changed in {"beneficiary": f"{DAY}, birth_on", **dict.fromkeys(MOVED, DAY)}.items():
        # Of a row that is new, or was touched before, in this very transaction: nobody can tell who saw it.
        op.execute(
            f"create trigger note_left_on_hiding after update of {changed} on {table} for each row"
            f" when (old.{DAY} < new.{DAY} and old.xmin <> pg_current_xact_id()::xid)"
            f" execute function note_left_{table}()"
        )


def downgrade() -> None:
    for table in ("beneficiary", *MOVED):
        op.execute(f"drop trigger note_left_on_hiding on {table}")
    note_left(day=False)
    op.execute("drop trigger facts_move on beneficiary")
    op.execute(moving(BEFORE))
    op.execute(moves(PLACE, PLACE))
    op.execute(placed(PLACE, "keep_place_of_fact", CALLED, HELD))
    for table in KEPT:
        op.execute(f"drop trigger day_of_fact on {table}")
    op.execute("drop function keep_day_of_fact()")
    for name in EVENTS:
        op.execute(f"drop trigger days_shown_{name} on category_membership")
    op.execute("drop trigger day_shown on beneficiary")
    op.execute("drop function keep_days_shown()")
    op.execute("drop function keep_day_shown()")
    op.execute("drop function shown_from(date, text[])")
    for table in (*FACTS, "beneficiary"):
        # With the policies that name it, which an older `hub migrate` makes anew.
        op.execute(f"alter table {table} drop column {DAY} cascade")
    op.drop_column("change", f"was_{DAY}")
