"""字段密钥: which key seals fields, since when. The keys themselves are never in the database."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Named, TypedColumns

from hub.tables._columns import CODE, internal, key, now, table


class FieldKeyUseColumns(TypedColumns):
    id: Named[int] = key()
    identifier: Named[str] = internal("密钥标识", "Identifier of the key", CODE)
    activated_at: Named[dt.datetime] = now("启用时间", "When it became the active one")


field_key_use = table("field_key_use", "字段密钥启用", "Activation of a field key", FieldKeyUseColumns)
