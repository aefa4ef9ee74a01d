"""可信文档: the GraphQL documents a client has registered. They hold variables, and nobody's values."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, Named, TypedColumns, text

from hub.tables._columns import CODE, STAMP, internal, key, now, table


class TrustedDocumentColumns(TypedColumns):
    """A row for each text a name has had; the one without an end is what the name means now."""

    id: Named[int] = key()
    client_id: Named[str] = internal(
        "客户端标识", "Client whose document it is", CODE, ForeignKey("oauth_client.client_id")
    )
    name: Named[str] = internal("名称", "Name, and last part of its path", CODE)
    sha256: Named[str] = internal("摘要", "SHA-256 of the text in UTF-8, 64 hexadecimal digits", CODE)
    alias: Named[str | None] = internal("别名", "Id a client's build tool gave it", CODE)
    source: Named[str] = internal("文本", "Text, exactly as the client sends it")
    description: Named[str | None] = internal("说明", "Comment at its head")
    created_at: Named[dt.datetime] = now("登记时间", "When it was registered")
    ended_at: Named[dt.datetime | None] = internal(
        "失效时间", "When it was replaced or removed, or will be", STAMP
    )


trusted_document = table(
    "trusted_document",
    "可信文档",
    "Document a client has registered",
    TrustedDocumentColumns,
    Index(None, "client_id", "sha256"),
    Index(
        "trusted_document_current_idx",
        "client_id",
        "name",
        unique=True,
        postgresql_where=text("ended_at is null"),
    ),
)
