"""用途: what data may be asked for, on which legal basis, and which client may say so."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    Named,
    TypedColumns,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, internal, now, table


class PurposeColumns(TypedColumns):
    """A row is never changed or deleted, only ended: the access log refers to it by its code.

    ``legal_basis`` is null of purposes that clients had before there was a registry; those open nothing.
    """

    code: Named[str] = internal("代码", "Code, as requests and tokens name it", CODE, primary_key=True)
    label_zh: Named[str] = internal("名称", "Chinese label")
    label_en: Named[str] = internal("英文名称", "English label")
    legal_basis: Named[str | None] = internal(
        "合法性基础", "Legal basis, of PIPL article 13", vocabulary="LegalBasis"
    )
    citation: Named[str | None] = internal("法律依据", "Article of the law that gives the duty or the power")
    roles: Named[list[str]] = internal("可授予角色", "Roles that may ask for it", ARRAY(CODE))
    opens: Named[list[str]] = internal(
        "开放字段组", "Groups of columns it opens where one is needed", ARRAY(CODE), server_default="{}"
    )
    valid_from: Named[dt.datetime] = now("生效时间", "When it begins")
    valid_until: Named[dt.datetime | None] = internal("终止时间", "When it ends", STAMP)


purpose = table(
    "purpose",
    "用途",
    "Purpose",
    PurposeColumns,
    CheckConstraint("code ~ '^[a-z][a-z0-9-]{0,39}$'", name="code"),
    CheckConstraint(
        "legal_basis not in ('STATUTORY_DUTY', 'OTHER_LAW') or citation is not null", name="cited"
    ),
    CheckConstraint("opens = '{}' or legal_basis is not null", name="based"),
    CheckConstraint("valid_until >= valid_from", name="period"),
)


class ClientPurposeColumns(TypedColumns):
    client_id: Named[str] = internal(
        "客户端标识", "Client identifier", CODE, ForeignKey("oauth_client.client_id"), primary_key=True
    )
    purpose: Named[str] = internal(
        "用途", "Purpose it may state", CODE, ForeignKey("purpose.code"), primary_key=True
    )
    granted_at: Named[dt.datetime] = now("授予时间", "When it was granted first")
    valid_until: Named[dt.datetime | None] = internal("有效期至", "When the grant ends", STAMP)
    is_default: Named[bool] = internal(
        "缺省用途", "Whether a request that says nothing is for it", Boolean, server_default=false()
    )
    cost_per_minute: Named[int | None] = internal(
        "每分钟开销额度", "Units of a minute of its own; else it spends the client's", BigInteger
    )
    questions_per_minute: Named[int | None] = internal(
        "每分钟可查询人数", "Persons asked about in a minute of its own", BigInteger
    )
    questions_per_day: Named[int | None] = internal(
        "每日可查询人数", "Persons asked about in a day of its own", BigInteger
    )


client_purpose = table(
    "client_purpose",
    "客户端用途",
    "Purpose granted to a client",
    ClientPurposeColumns,
    Index(None, "purpose"),
    Index("client_purpose_default_key", "client_id", unique=True, postgresql_where=text("is_default")),
    CheckConstraint("cost_per_minute > 0", name="cost"),
    CheckConstraint("questions_per_minute > 0 and questions_per_day > 0", name="questions"),
)


class QuestionDayColumns(TypedColumns):
    """What a client asked about persons on a day, as counts: no number, and nothing made of one."""

    client_id: Named[str] = internal("客户端标识", "Client", CODE, primary_key=True)
    purpose: Named[str] = internal("用途", "Purpose; empty where none was stated", CODE, primary_key=True)
    day: Named[dt.date] = internal("日期", "Day, in China", Date, primary_key=True)
    questions: Named[int] = internal("查询人次", "Persons asked about", BigInteger, server_default="0")
    unknown: Named[int] = internal(
        "查无此人", "Of them, who is nobody the hub knows", BigInteger, server_default="0"
    )
    most_alike: Named[int] = internal(
        "相近号码数", "Most different numbers of one region and day of birth", Integer, server_default="0"
    )
    most_repeated: Named[int] = internal(
        "同人重复次数", "Most questions about one person", Integer, server_default="0"
    )


question_day = table("question_day", "每日查询计数", "Questions about persons in a day", QuestionDayColumns)
