"""管理员: three duties that nobody holds together, GB/T 22239-2019, 8.1.5."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Named, TypedColumns, UniqueConstraint

from hub.tables._columns import CODE, internal, now, table


class AdministratorColumns(TypedColumns):
    login: Named[str] = internal("登录名", "Login, in lower case", CODE, primary_key=True)
    person: Named[str] = internal("人员", "Who it is, such as a staff number; nobody has two duties")
    duty: Named[str] = internal("职责", "SYSTEM, SECURITY or AUDIT", CODE)
    db_login: Named[str] = internal("数据库登录名", "Login in PostgreSQL", CODE)
    created_at: Named[dt.datetime] = now("登记时间", "When it was registered")


administrator = table(
    "administrator",
    "管理员",
    "Administrator",
    AdministratorColumns,
    UniqueConstraint("person"),
    UniqueConstraint("db_login"),
    CheckConstraint("duty in ('SYSTEM', 'SECURITY', 'AUDIT')", name="duty"),
)
