"""names found by a piece of them and by pinyin; refused rows and runs by what clients ask for

Triggers keep what a name is found by. Rows that are there already get it from ``hub.naming``, some thousands
at a time, so that nobody waits for this migration.

Revision: 0006, after 0005
"""

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from hub.domain.pinyin import readings

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "quarantined_row": ("list_kind", "file", "quarantined_at", "resolved_at"),
    "sync_run": ("started_at", "status"),
}

TEXTS = postgresql.ARRAY(sa.Text(collation="C"))

NAMED = {
    "division": ("code text",),
    "contractor": ("id bigint",),
    "station": ("id bigint",),
    "personnel": ("id bigint",),
    "beneficiary": ("county_code text", "id bigint"),
}
"""Tables with a name, and their keys."""
PEOPLE = ("personnel", "beneficiary")

PLAIN = r"""
create function name_plain(name text) returns text language sql immutable parallel safe as $$
    select translate(lower(name), E' \t\n\u00a0\u3000·•''’()（）[]【】《》、，,.。-', '') $$
"""

COMBINED = """
create function name_combined(heads text[], sounds text[]) returns text[]
language plpgsql immutable parallel safe as $$
declare
    head text; sound text; found text[] := '{}';
begin
    foreach sound in array sounds loop
        foreach head in array heads loop
            if cardinality(found) < 12 and not head || sound = any (found) then
                found := found || (head || sound);
            end if;
        end loop;
    end loop;
    return found;
end $$
"""
"""Each beginning with each sound, the most usual first."""

KEYS = """
create function name_keys(name text, person boolean) returns text[]
language plpgsql stable parallel safe as $$
declare
    plain text := public.name_plain(name);
    size int := char_length(plain);
    spelled text[] := array[''];
    letters text[] := array[''];
    keys text[] := '{}';
    family text[];
    sounds text[];
    piece text;
    reading public.character_reading;
begin
    if person and size > 2 then
        select string_to_array(surname[1], ' ') into family
        from public.character_reading where characters = left(plain, 2);
    end if;
    for n in 1..size loop
        piece := substr(plain, n, 1);
        select * into reading from public.character_reading where characters = piece;
        sounds := case
            when n <= cardinality(family) then array[family[n]]
            when reading.usual is null then array[piece]
            when n > 1 and person then reading.usual
            when n > 1 then reading.usual[1:1]
            when person then reading.surname
            else array(select distinct unnest(reading.usual || reading.surname)) end;
        spelled := public.name_combined(spelled, sounds);
        letters := public.name_combined(letters, array(select left(s, 1) from unnest(sounds) s));
        if piece !~ '[a-z]' then
            keys := keys || piece;
        end if;
        piece := substr(plain, n, 2);
        if n < size and piece !~ '^([a-z][a-z0-9]|[0-9][a-z])$' then
            keys := keys || piece;
        end if;
    end loop;
    foreach piece in array spelled || letters loop
        for n in 2..least(char_length(piece), 40) loop
            keys := keys || left(piece, n);
        end loop;
    end loop;
    return keys;
end $$
"""
"""Every character and pair of characters, and every beginning of the name as it is spelled and in letters."""

KEEP = """
create function keep_name_keys() returns trigger language plpgsql as $$
begin
    new.name_keys := public.name_keys(new.name, tg_argv[0]::boolean);
    return new;
end $$
"""


def named(table: str, keys: tuple[str, ...]) -> str:
    """Keys of the rows with a name, for logins under row-level security.

    That lets no index be read by the content of an array; so this reads it for them, and tells them the keys
    only. Of people it looks in the counties of whoever asks, and without those nowhere; of people and staff in
    the division, for who has one.
    """
    columns = [key.split()[0] for key in keys]
    within = "".join(
        f"\n        and county_code {sign} nullif(current_setting('hub.{bound}', true), '')"
        for sign, bound in ((">=", "lo6"), ("<", "hi6"))
        if "county_code" in columns
    )
    if table in (
        "beneficiary",
        "personnel",
    ):  # a name that somebody else has must cost as one that nobody has
        within += "".join(
            f"""
        and (nullif(current_setting('hub.{bound}', true), '') is null
            or division_code {sign} current_setting('hub.{bound}', true))"""
            for sign, bound in ((">=", "lo"), ("<", "hi"))
        )
    return f"""
create function {table}_named(sought text[], piece text) returns table ({", ".join(keys)})
language sql stable security definer set search_path = pg_catalog, public, pg_temp rows 100 as $$
    select t.{", t.".join(columns)} from {table} t
    where name_keys @> sought and (piece is null or position(piece in name_plain(name)) > 0){within} $$
"""  # noqa: S608 — of the tables above


def upgrade() -> None:
    for table, columns in INDEXES.items():
        for column in columns:
            op.create_index(op.f(f"{table}_{column}_idx"), table, [column])
    op.create_table(
        "character_reading",
        sa.Column("characters", sa.Text(collation="C"), primary_key=True, comment="文字"),
        sa.Column("usual", TEXTS, nullable=False, comment="常用读音"),
        sa.Column("surname", TEXTS, nullable=False, comment="姓氏读音"),
        comment="文字读音",
    )
    known = json.dumps(dict(readings()), ensure_ascii=False).replace("'", "''")
    lists = ", ".join(f"array(select jsonb_array_elements_text(value -> {i}))" for i in (0, 1))
    fill = f"insert into character_reading select key, {lists} from jsonb_each('{known}')"  # noqa: S608
    op.execute(fill)
    for statement in (PLAIN, COMBINED, KEYS, KEEP):
        op.execute(statement)
    for table, keys in NAMED.items():
        op.add_column(
            table,
            sa.Column(
                "name_keys", TEXTS, nullable=True, comment="姓名检索键" if table in PEOPLE else "名称检索键"
            ),
        )
        op.create_index(op.f(f"{table}_name_keys_idx"), table, ["name_keys"], postgresql_using="gin")
        person = str(table in PEOPLE).lower()
        for event, when in (("insert", ""), ("update of name", "when (old.name is distinct from new.name)")):
            op.execute(
                f"create trigger name_keys_{event.split()[0]} before {event} on {table} for each row {when}"
                f" execute function keep_name_keys({person})"
            )
        op.execute(named(table, keys))
        op.execute(f"revoke all on function {table}_named(text[], text) from public")
    op.create_index(
        "beneficiary_unnamed_idx",
        "beneficiary",
        ["county_code", "id"],
        postgresql_where=sa.text("name_keys is null"),
    )


def downgrade() -> None:
    op.drop_index("beneficiary_unnamed_idx", table_name="beneficiary")
    for table in NAMED:
        op.execute(f"drop function {table}_named(text[], text)")
        for event in ("insert", "update"):
            op.execute(f"drop trigger name_keys_{event} on {table}")
        op.drop_column(table, "name_keys")
    for function in (
        "keep_name_keys()",
        "name_keys(text, boolean)",
        "name_combined(text[], text[])",
        "name_plain(text)",
    ):
        op.execute(f"drop function {function}")
    op.drop_table("character_reading")
    for table, columns in INDEXES.items():
        for column in columns:
            op.drop_index(op.f(f"{table}_{column}_idx"), table_name=table)
