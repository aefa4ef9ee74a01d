"""字段密钥: which key seals fields, since when, and where. The keys themselves are never in the database."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, LargeBinary, Named, TypedColumns

from hub.tables._columns import CODE, county, internal, key, now, table


class FieldKeyUseColumns(TypedColumns):
    id: Named[int] = key()
    identifier: Named[str] = internal("密钥标识", "Identifier of the key", CODE)
    activated_at: Named[dt.datetime] = now("启用时间", "When it became the active one")


field_key_use = table("field_key_use", "字段密钥启用", "Activation of a field key", FieldKeyUseColumns)


class SettledCountyColumns(TypedColumns):
    """What runs compare of this county is sealed in one form: that of the run that was the last to look."""

    county_code: Named[str] = county()
    form: Named[bytes] = internal("密封形式", "How its values begin, fresh and steady", LargeBinary)
    key_use: Named[int] = internal("密钥启用", "Activation of then, 0 for none", BigInteger)


settled_county = table("settled_county", "已统一密封的县", "County sealed in one form", SettledCountyColumns)
