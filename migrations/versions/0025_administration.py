"""what administration left behind: values of pruned acts, locks of removed providers, logins no table knows

A shape says until when entries may refer to it, so that it goes with the last of them; a process of the
version before does not renew that, and has 30 days to be replaced. Acts are told of every login but the
service's own, registered or not, and what opens an account is told too. Of whom a provider called what is
kept beyond the provider, and for runs, in which form a county is sealed.

Revision: 0025, after 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")
STAMP = sa.DateTime(timezone=True)
DEFINER = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"

# Who calls is the owner's own login where it is the one this function runs as: the service.
NOTE = f"""
create or replace function note_act(operation text, object text, was jsonb default null,
    is_now jsonb default null) returns void {DEFINER} as $$
declare
    who record;
    content text;
    hash bytea;
begin
    select a.login, lower(a.duty) as duty into who from administrator a where a.db_login = session_user;
    if who.login is null and session_user = current_user
        and current_setting('application_name') not like 'hub by %' then
        return;
    end if;
    content := jsonb_build_object('operation', operation, 'document', '', 'places', '[]'::jsonb,
        'others', '[]'::jsonb, 'act', jsonb_build_object('on', object,
        'by', coalesce(who.login, session_user), 'as', current_setting('application_name'),
        'before', was, 'after', is_now))::text;
    hash := sha256(convert_to(content, 'UTF8'));
    insert into access_shape (digest, content, last_at) values (hash, content, now())
    on conflict (digest) do update set last_at = greatest(access_shape.last_at, excluded.last_at);
    insert into access_entry (client_id, role, operation, shape, tables, request_id)
    values ('login:' || session_user,
        coalesce(who.duty, case when session_user = current_user then 'owner' else 'unregistered' end),
        encode(hash, 'hex'), hash, '{{}}', '');
end $$
"""  # noqa: S608 - of constants

USER = (
    "login, display_name, role, division_code, organisation_id, scopes, status, password_ends_at,"
    " totp_confirmed_at"
)
SECRETS = "password_hash,totp_secret,totp_step"


def note_user(columns: str) -> None:
    op.execute(
        f"create trigger note_row after insert or update of {columns} or delete on hub_user"
        f" for each row execute function note_row('login', '{SECRETS}')"
    )


def upgrade() -> None:
    op.add_column(
        "access_shape",
        sa.Column(
            "last_at",
            STAMP,
            server_default=sa.text("now() + interval '30 days'"),
            nullable=False,
            comment="最迟引用时间",
        ),
    )
    # Acts have the times of their entries: their values are people's.
    op.execute(
        "update access_shape s set last_at = e.last_at from (select shape, max(at) as last_at"
        " from access_entry where client_id >= 'login:' and client_id < 'login;' group by shape) e"
        " where s.digest = e.shape"
    )
    op.execute(
        "update access_shape s set last_at = '-infinity' where content like '{\"act\": {%'"
        " and not exists (select from access_entry e where e.client_id >= 'login:'"
        " and e.client_id < 'login;' and e.shape = s.digest)"
    )
    op.create_index(op.f("access_shape_last_at_idx"), "access_shape", ["last_at"])
    op.execute(NOTE)
    op.execute("drop trigger note_row on hub_user")
    note_user(f"id, {USER}, created_at, password_hash, totp_secret")  # not the step of a code that was used
    op.create_table(
        "settled_county",
        sa.Column("county_code", CODE, nullable=False, comment="县级区划代码"),
        sa.Column("form", sa.LargeBinary(), nullable=False, comment="密封形式"),
        sa.Column("key_use", sa.BigInteger(), nullable=False, comment="密钥启用"),
        sa.PrimaryKeyConstraint("county_code", name=op.f("settled_county_pkey")),
        comment="已统一密封的县",
    )
    op.create_table(
        "former_identity",
        sa.Column("issuer", CODE, nullable=False, comment="签发者"),
        sa.Column("subject", CODE, nullable=False, comment="主体标识"),
        sa.Column("user_id", sa.BigInteger(), nullable=False, comment="用户"),
        sa.Column("is_made", sa.Boolean(), nullable=False, comment="是否自动建立"),
        sa.Column("is_locked", sa.Boolean(), nullable=False, comment="是否单独锁定"),
        sa.Column("created_at", STAMP, server_default=sa.text("now()"), nullable=False, comment="解除时间"),
        sa.ForeignKeyConstraint(["user_id"], ["hub_user.id"], name=op.f("former_identity_user_id_fkey")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("former_identity_pkey")),
        comment="曾用外部身份",
    )
    op.create_index(op.f("former_identity_user_id_idx"), "former_identity", ["user_id"])
    op.execute(
        "create trigger note_row after insert or update or delete on former_identity"
        " for each row execute function note_row('issuer,user_id', 'subject')"
    )
    # What a token was replaced by is asked for within seconds; it was kept for good.
    op.execute(
        "update oauth_refresh set sealed = null"
        " where sealed is not null and replaced_at < now() - interval '1 min'"
    )
    op.create_index(
        op.f("oauth_refresh_replaced_at_idx"),
        "oauth_refresh",
        ["replaced_at"],
        postgresql_where=sa.text("sealed is not null"),
    )


def downgrade() -> None:
    op.drop_index(op.f("oauth_refresh_replaced_at_idx"), "oauth_refresh")
    op.drop_table("former_identity")
    op.drop_table("settled_county")
    op.execute("drop trigger note_row on hub_user")
    note_user(USER)
    op.drop_column("access_shape", "last_at")
    # As before, but for the column.
    op.execute(
        NOTE.replace(
            "content, last_at) values (hash, content, now())", "content) values (hash, content)"
        ).replace(
            "on conflict (digest) do update set last_at = greatest(access_shape.last_at, excluded.last_at)",
            "on conflict do nothing",
        )
    )
