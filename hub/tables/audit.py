"""审计: who asked for what, and why. Rows are only ever added."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Identity, Index, Named, TypedColumns
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, internal, now, table


class AccessEntryColumns(TypedColumns):
    """Holds no answer and no argument, so that the log itself names no person.

    ``client_id`` is no foreign key: an entry outlives the client.
    """

    sequence: Named[int] = internal("序号", "Position", BigInteger, Identity(always=True), primary_key=True)
    at: Named[dt.datetime] = now("时间", "When")
    client_id: Named[str] = internal("客户端标识", "Client identifier", CODE)
    role: Named[str] = internal("角色", "Role it acted in", CODE)
    purpose: Named[str | None] = internal("用途", "Purpose it stated")
    operation: Named[str] = internal("操作", "Name or hash of the operation")
    tables: Named[list[str]] = internal("数据表", "Tables it reached", ARRAY(CODE))
    request_id: Named[str] = internal("请求编号", "Identifier of the request", CODE)


access_entry = table(
    "access_entry",
    "访问记录",
    "Entry of the access log",
    AccessEntryColumns,
    Index(None, "client_id", "at"),
    Index(None, "at"),
)
