"""which field key is in use, who administers, and an entry of the access log for every act of theirs

The keys stay in files; the database says which one is in use, for all hosts alike. Administrators have logins
of PostgreSQL of their own (``hub.store.administrators``). Whatever they, or a ``hub`` command, change in the
registries is told to the access log by triggers, in the same transaction, with what it was before. Expands
only: a process of the version before seals with the first key, which every process of this one opens.

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
DEFINER = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

NOTED: dict[str, tuple[str, str, str]] = {
    "administrator": ("login", "", ""),
    "field_key_use": ("identifier", "", ""),
    "hub_user": (
        "login",
        "login, display_name, role, division_code, organisation_id, scopes, status, password_ends_at,"
        " totp_confirmed_at",
        "password_hash,totp_secret,totp_step",
    ),
    "client_purpose": ("client_id,purpose", "", ""),
    "oauth_client": ("client_id", "", ""),
    "purpose": ("code", "", ""),
    "source": ("code", "code, name, connector, division_code, location, max_age_hours", "checkpoint"),
    "trusted_document": ("name", "", ""),
}
"""Registries that administrators change: what names a row, columns that are theirs, columns never told."""

NOTE = f"""
create function note_act(operation text, object text, was jsonb default null, is_now jsonb default null)
returns void {DEFINER} as $$
declare
    who record;
    content text;
    hash bytea;
begin
    select a.login, lower(a.duty) as duty into who from administrator a where a.db_login = session_user;
    if who.login is null and current_setting('application_name') not like 'hub by %' then
        return;
    end if;
    content := jsonb_build_object('operation', operation, 'document', '', 'places', '[]'::jsonb,
        'others', '[]'::jsonb, 'act', jsonb_build_object('on', object,
        'by', coalesce(who.login, session_user), 'as', current_setting('application_name'),
        'before', was, 'after', is_now))::text;
    hash := sha256(convert_to(content, 'UTF8'));
    insert into access_shape (digest, content) values (hash, content) on conflict do nothing;
    insert into access_entry (client_id, role, operation, shape, tables, request_id)
    values ('login:' || session_user, coalesce(who.duty, 'owner'), encode(hash, 'hex'), hash, '{{}}', '');
end $$
"""  # noqa: S608 - of constants

NOTE_ROW = f"""
create function note_row() returns trigger {DEFINER} as $$
declare
    was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    is_now jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
    secret text[] := string_to_array(tg_argv[1], ',');
    told_was jsonb;
    told_now jsonb;
begin
    select jsonb_object_agg(key, case when key = any (secret) then '"…"' else value end) into told_was
    from jsonb_each(was) where is_now is null or is_now -> key is distinct from value;
    select jsonb_object_agg(key, case when key = any (secret) then '"…"' else value end) into told_now
    from jsonb_each(is_now) where was is null or was -> key is distinct from value;
    if told_was is not null or told_now is not null then
        perform note_act(lower(tg_op) || ' ' || tg_table_name,
            (select string_agg(coalesce(is_now, was) ->> name, ' ')
                from unnest(string_to_array(tg_argv[0], ',')) name),
            told_was, told_now);
    end if;
    return null;
end $$
"""  # noqa: S608 - of constants

APART = f"""
create function keep_administrators_apart() returns trigger {DEFINER} as $$
begin
    if exists (
        select from administrator a join hub_user u on u.login = a.login where u.role <> 'operator') then
        raise exception 'an administrator has no data role' using errcode = 'check_violation';
    end if;
    return null;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "field_key_use",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="编号"),
        sa.Column("identifier", CODE, nullable=False, comment="密钥标识"),
        sa.Column(
            "activated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="启用时间",
        ),
        sa.PrimaryKeyConstraint("id", name="field_key_use_pkey"),
        comment="字段密钥启用",
    )
    op.create_table(
        "administrator",
        sa.Column("login", CODE, nullable=False, comment="登录名"),
        sa.Column("person", sa.String(), nullable=False, comment="人员"),
        sa.Column("duty", CODE, nullable=False, comment="职责"),
        sa.Column("db_login", CODE, nullable=False, comment="数据库登录名"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="登记时间",
        ),
        sa.PrimaryKeyConstraint("login", name="administrator_pkey"),
        sa.UniqueConstraint("person", name="administrator_person_key"),
        sa.UniqueConstraint("db_login", name="administrator_db_login_key"),
        sa.CheckConstraint("duty in ('SYSTEM', 'SECURITY', 'AUDIT')", name="administrator_duty_check"),
        comment="管理员",
    )
    for function in (NOTE, NOTE_ROW, APART):
        op.execute(function)
    op.execute("revoke all on function note_act(text, text, jsonb, jsonb) from public")
    for table, (key, columns, secret) in NOTED.items():
        changed = f"update of {columns}" if columns else "update"
        op.execute(
            f"create trigger note_row after insert or {changed} or delete on {table}"
            f" for each row execute function note_row('{key}', '{secret}')"
        )
    for table in ("administrator", "hub_user"):
        op.execute(
            f"create trigger apart after insert or update on {table}"
            " for each statement execute function keep_administrators_apart()"
        )


def downgrade() -> None:
    op.execute("drop trigger apart on hub_user")
    for table in NOTED:
        op.execute(f"drop trigger note_row on {table}")
    op.drop_table("administrator")
    op.drop_table("field_key_use")
    op.execute("drop function keep_administrators_apart()")
    op.execute("drop function note_row()")
    op.execute("drop function note_act(text, text, jsonb, jsonb)")
